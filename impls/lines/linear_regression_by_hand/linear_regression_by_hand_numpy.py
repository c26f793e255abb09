import numpy as np


def _loss(x, y, w, b):
    error = x @ w + b[..., None, :] - y  # (…, batch, 1)
    return np.mean(error**2, axis=(-2, -1)) / 2  # (…)


def _slopes(x, y, w, b):  # by hand: NumPy derives nothing itself
    error = (x @ w + b - y) / len(x)  # the loss's derivative by each prediction, (batch, 1)
    return x.T @ error, np.sum(error, axis=0)  # by w (2, 1), by b (1,)


def _updates(x, y, w, b, rate, order):
    ws, bs = [w], [b]
    for rows in order.reshape(-1, order.shape[-1]):
        dw, db = _slopes(x[rows], y[rows], w, b)
        w, b = w - rate * dw, b - rate * db  # (2, 1), (1,)
        ws.append(w)
        bs.append(b)
    return np.stack(ws), np.stack(bs)  # (updates + 1, 2, 1), (updates + 1, 1)


def parameters(x, y, w, b, rate, order):
    ws, bs = _updates(x, y, w, b, rate, order)
    return np.concatenate([ws[-1, :, 0], bs[-1]])  # (3,)


def losses(x, y, w, b, rate, order):
    ws, bs = _updates(x, y, w, b, rate, order)
    steps = order.shape[1]
    return _loss(x, y, ws[::steps], bs[::steps])  # of all examples before each epoch and after the last, (epochs + 1,)


def diverge(x, y, w, b, large, longer):
    ws, bs = _updates(x, y, w, b, large, longer)
    rows = longer.reshape(-1, longer.shape[-1])  # (updates, batch)
    return _loss(x[rows], y[rows], ws[:-1], bs[:-1])  # of each batch before its update, (updates,)
