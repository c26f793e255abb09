import numpy as np


def _loss(x, y, w1, b1, w2, b2):  # of one net or of many
    h = np.tanh(x @ w1 + b1[..., None, :])  # (…, examples, hidden)
    return np.mean((h @ w2 + b2[..., None, :] - y) ** 2, axis=(-2, -1))  # (…)


def _gradients(x, y, w1, b1, w2, b2):  # by hand: NumPy derives nothing itself
    h = np.tanh(x @ w1 + b1)  # (batch, hidden)
    by_outputs = 2 * (h @ w2 + b2 - y) / len(y)  # (batch, 1)
    by_sums = by_outputs @ w2.T * (1 - h**2)  # (batch, hidden)
    return x.T @ by_sums, np.sum(by_sums, axis=0), h.T @ by_outputs, np.sum(by_outputs, axis=0)


def _phase(x, y, net, rate, order, learns):
    nets = []
    for epoch in order:
        for rows in epoch:
            gradients = _gradients(x[rows], y[rows], *net)
            changes = [rate * gradient if moves else 0 for gradient, moves in zip(gradients, learns, strict=True)]
            net = [array - change for array, change in zip(net, changes, strict=True)]
        nets.append(net)
    return [np.stack(arrays) for arrays in zip(*nets, strict=True)]  # epochs of each


def _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    start = w1, b1, w2, b2
    first = _phase(x, y, start, rate, frozen, (False, False, True, True))
    second = _phase(x, y, [arrays[-1] for arrays in first], rate, thawed, (True, True, True, True))
    parts = zip(start, first, second, strict=True)
    return [np.concatenate([array[None], *both]) for array, *both in parts]  # epochs + 1 of each


def losses(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    nets = _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)
    return _loss(x, y, *nets)  # (epochs + 1,)


def changes(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    w1s, _, w2s, _ = _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)
    hidden, head = np.max(np.abs(w1s - w1), axis=(1, 2)), np.max(np.abs(w2s - w2), axis=(1, 2))  # of (epochs + 1,)
    return np.stack([hidden, head], axis=1)  # (epochs + 1, 2)


def kept(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    return _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)[0][len(frozen)]  # (inputs, hidden)


def learnt(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    return _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)[0][-1]  # (inputs, hidden)
