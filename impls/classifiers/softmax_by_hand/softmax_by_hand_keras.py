import tensorflow as tf
from keras import ops


def softmax(logits):
    powers = ops.exp(logits - ops.max(logits, axis=1, keepdims=True))  # (examples, classes)
    return powers / ops.sum(powers, axis=1, keepdims=True)  # (examples, classes)


def cross_entropy(logits, labels):
    shifted = logits - ops.max(logits, axis=1, keepdims=True)  # (examples, classes)
    right = ops.take_along_axis(shifted, labels[:, None], axis=1)[:, 0]  # (examples,)
    return ops.log(ops.sum(ops.exp(shifted), axis=1)) - right  # (examples,)


def _loss(x, labels, w, b):
    return ops.mean(cross_entropy(x @ w + b, labels))  # ()


def _gradients(x, labels, w, b):
    with tf.GradientTape() as tape:
        tape.watch((w, b))
        loss = _loss(x, labels, w, b)
    return tape.gradient(loss, (w, b))  # by w (pixels, classes), by b (classes,)


def _epochs(x, labels, w, b, rate, order):
    def update(carry, rows):
        w, b = carry
        dw, db = _gradients(ops.take(x, rows, axis=0), ops.take(labels, rows, axis=0), w, b)
        return (w - rate * dw, b - rate * db), None  # (pixels, classes), (classes,)

    def epoch(carry, rows):
        carry, _ = ops.scan(update, carry, rows)
        return carry, carry

    _, (ws, bs) = ops.scan(epoch, (w, b), order)
    return ops.append(w[None], ws, axis=0), ops.append(b[None], bs, axis=0)  # epochs + 1 of each


def losses(x, labels, w, b, rate, order):
    ws, bs = _epochs(x, labels, w, b, rate, order)
    return ops.vectorized_map(lambda pair: _loss(x, labels, *pair), (ws, bs))  # (epochs + 1,)


def _share(x, labels, w, b):
    return ops.mean(ops.cast(ops.equal(ops.argmax(x @ w + b, axis=1), labels), x.dtype))  # ()


def accuracy(x, labels, w, b, rate, order, x_test, labels_test):
    ws, bs = _epochs(x, labels, w, b, rate, order)
    train = ops.vectorized_map(lambda pair: _share(x, labels, *pair), (ws, bs))  # (epochs + 1,)
    test = ops.vectorized_map(lambda pair: _share(x_test, labels_test, *pair), (ws, bs))  # (epochs + 1,)
    return ops.stack([train, test], axis=1)  # (epochs + 1, 2)
