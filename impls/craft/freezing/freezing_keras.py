import tensorflow as tf
from keras import ops


def _loss(x, y, w1, b1, w2, b2):  # of one net or of many
    h = ops.tanh(x @ w1 + b1[..., None, :])  # (…, examples, hidden)
    return ops.mean((h @ w2 + b2[..., None, :] - y) ** 2, axis=(-2, -1))  # (…)


def _gradients(x, y, net, learns):  # TensorFlow derives by what a tape has watched: here what learns, and no more
    watched = [array for array, moves in zip(net, learns, strict=True) if moves]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        loss = _loss(x, y, *net)
    found = iter(tape.gradient(loss, watched))
    return [next(found) if moves else None for moves in learns]


def _phase(x, y, net, rate, order, learns):
    def update(net, rows):
        gradients = _gradients(ops.take(x, rows, axis=0), ops.take(y, rows, axis=0), net, learns)
        moved = (a if g is None else a - rate * g for a, g in zip(net, gradients, strict=True))
        return tuple(moved), None

    def epoch(net, rows):
        net, _ = ops.scan(update, net, rows)
        return net, net

    _, nets = ops.scan(epoch, net, order)
    return nets  # epochs of each


def _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    start = w1, b1, w2, b2
    first = _phase(x, y, start, rate, frozen, (False, False, True, True))
    second = _phase(x, y, tuple(arrays[-1] for arrays in first), rate, thawed, (True, True, True, True))
    parts = zip(start, first, second, strict=True)
    return [ops.concatenate([array[None], *both]) for array, *both in parts]  # epochs + 1 of each


def losses(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    nets = _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)
    return _loss(x, y, *nets)  # (epochs + 1,)


def changes(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    w1s, _, w2s, _ = _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)
    hidden, head = ops.max(ops.abs(w1s - w1), axis=(1, 2)), ops.max(ops.abs(w2s - w2), axis=(1, 2))  # of (epochs + 1,)
    return ops.stack([hidden, head], axis=1)  # (epochs + 1, 2)


def kept(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    return _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)[0][frozen.shape[0]]  # (inputs, hidden)


def learnt(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    return _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)[0][-1]  # (inputs, hidden)
