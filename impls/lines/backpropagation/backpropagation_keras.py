import tensorflow as tf
from keras import ops


def _loss(x, y, w):  # what TensorFlow records the graph of
    return (w * x - y) ** 2  # the shape of x


def _automatic(x, y, w):  # TensorFlow records what is done to a tensor that a tape watches
    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = _loss(x, y, w)
    return tape.gradient(loss, w)  # of the sum of the losses, the shape of w


def _by_hand(x, y, w):
    return 2 * (w * x - y) * x  # the shape of x


def _updates(derivative, x, y, w, rates):
    # Keras' scan on TensorFlow stacks nothing of another shape than the carry's: an epoch carries all of its weights.
    def epoch(ws, rate):
        def update(w, example):
            w = w - rate * derivative(*example, w)  # ()
            return w, w

        _, ws = ops.scan(update, ws[-1], (x, y))  # (examples,)
        return ws, ws

    _, ws = ops.scan(epoch, ops.repeat(w, x.shape[0]), rates)  # (epochs, examples)
    return ops.append(w, ws)  # (updates + 1,)


def weights(x, y, w, rates):
    return _updates(_automatic, x, y, w, rates)[:: x.shape[0]]  # (epochs + 1,)


def by_hand(x, y, w, rates):
    return _updates(_by_hand, x, y, w, rates)[:: x.shape[0]]  # (epochs + 1,)


def gradients(x, y, w, rates):
    ws = _updates(_automatic, x, y, w, rates)[:-1]  # (updates,)
    ones, targets = ops.tile(x, rates.shape[0]), ops.tile(y, rates.shape[0])  # (updates,)
    return ops.stack([_automatic(ones, targets, ws), _by_hand(ones, targets, ws)], axis=1)  # (updates, 2)


def accumulated(x, y, w, rates):  # a TensorFlow tape keeps no gradients: who wants their total must carry it on
    def epoch(carry, rate):
        def update(carry, example):
            w, total = carry
            total = total + _automatic(*example, w)  # ()
            carry = w - rate * total, total
            return carry, carry

        carry, _ = ops.scan(update, carry, (x, y))
        return carry, carry

    _, (ws, _) = ops.scan(epoch, (w, ops.zeros_like(w)), rates)  # (epochs,)
    return ops.append(w, ws)  # (epochs + 1,)
