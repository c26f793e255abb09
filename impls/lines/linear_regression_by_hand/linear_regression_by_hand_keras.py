import tensorflow as tf
from keras import ops


def _loss(x, y, w, b):
    error = x @ w + b[..., None, :] - y  # (…, batch, 1)
    return ops.mean(error**2, axis=(-2, -1)) / 2  # (…)


def _slopes(x, y, w, b):
    with tf.GradientTape() as tape:
        tape.watch((w, b))
        loss = _loss(x, y, w, b)
    return tape.gradient(loss, (w, b))  # by w (2, 1), by b (1,)


def _updates(x, y, w, b, rate, order):
    def update(carry, rows):
        w, b = carry
        dw, db = _slopes(ops.take(x, rows, axis=0), ops.take(y, rows, axis=0), w, b)
        carry = w - rate * dw, b - rate * db  # (2, 1), (1,)
        return carry, carry

    _, (ws, bs) = ops.scan(update, (w, b), ops.reshape(order, (-1, order.shape[-1])))
    return ops.append(w[None], ws, axis=0), ops.append(b[None], bs, axis=0)  # (updates + 1, 2, 1), (updates + 1, 1)


def parameters(x, y, w, b, rate, order):
    ws, bs = _updates(x, y, w, b, rate, order)
    return ops.concatenate([ws[-1, :, 0], bs[-1]])  # (3,)


def losses(x, y, w, b, rate, order):
    ws, bs = _updates(x, y, w, b, rate, order)
    steps = order.shape[1]
    return _loss(x, y, ws[::steps], bs[::steps])  # of all examples before each epoch and after the last, (epochs + 1,)


def diverge(x, y, w, b, large, longer):
    ws, bs = _updates(x, y, w, b, large, longer)
    rows = ops.reshape(longer, (-1, longer.shape[-1]))  # (updates, batch)
    return _loss(
        ops.take(x, rows, axis=0), ops.take(y, rows, axis=0), ws[:-1], bs[:-1]
    )  # before each update, (updates,)
