import numpy as np


def _gradients(x, y, w, b, penalty):  # by hand: NumPy derives nothing itself
    by_outputs = 2 * (x @ w + b - y) / len(x)  # of the mean of squares, (batch,)
    return by_outputs @ x + penalty * w, np.sum(by_outputs, keepdims=True)  # by w (2,), by b (1,)


def _clippings(limit):
    def by_value(dw, db):
        return np.clip(dw, -limit, limit), np.clip(db, -limit, limit)

    def by_norm(dw, db):
        scale = np.minimum(limit / np.linalg.norm(np.append(dw, db)), 1)  # of both together
        return dw * scale, db * scale

    return None, by_value, by_norm


def _updates(x, y, w, b, rate, order, penalty=0, decay=0, clipping=None):
    points = [np.append(w, b)]
    for rows in order.reshape(-1, order.shape[-1]):
        dw, db = _gradients(x[rows], y[rows], w, b, penalty)
        dw, db = clipping(dw, db) if clipping else (dw, db)
        w, b = w - rate * (dw + decay * w), b - rate * db  # (2,), (1,)
        points.append(np.append(w, b))
    return np.stack(points)  # (updates + 1, 3)


def norms(x, slip, w, b):  # by hand: NumPy derives nothing itself
    by_outputs = 2 * (x @ w + b - slip)  # (examples,)
    dw, db = by_outputs[:, None] * x, by_outputs[:, None]  # each example's own
    return np.linalg.norm(np.concatenate([dw, db], axis=1), axis=1)  # (examples,)


def distances(x, slip, w, b, rate, limit, order, truth):
    paths = [_updates(x, slip, w, b, rate, order, clipping=clipping) for clipping in _clippings(limit)]
    return np.max(np.abs(np.stack(paths, axis=1) - truth), axis=2)  # (updates + 1, 3)


def penalised(x, y, w, b, rate, penalty, order):
    return _updates(x, y, w, b, rate, order, penalty=penalty)  # (updates + 1, 3)


def decayed(x, y, w, b, rate, penalty, order):
    return _updates(x, y, w, b, rate, order, decay=penalty)  # (updates + 1, 3)
