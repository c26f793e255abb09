import numpy as np


def _automatic(x, y, w):  # NumPy records no graph: here is that of (w·x - y)², node by node
    # Forward: each node keeps its value.
    product = w * x
    error = product - y
    # Backward: each node hands on the loss's derivative by its value, times its own.
    d_error = 2 * error  # of the square
    d_product = d_error  # of the difference
    return d_product * x  # of the product by w, the shape of x


def _by_hand(x, y, w):
    return 2 * (w * x - y) * x  # the shape of x


def _updates(derivative, x, y, w, rates):
    ws = [w]
    for rate in rates:
        for one, target in zip(x, y, strict=True):
            w = w - rate * derivative(one, target, w)  # ()
            ws.append(w)
    return np.stack(ws)  # (updates + 1,)


def weights(x, y, w, rates):
    return _updates(_automatic, x, y, w, rates)[:: len(x)]  # (epochs + 1,)


def by_hand(x, y, w, rates):
    return _updates(_by_hand, x, y, w, rates)[:: len(x)]  # (epochs + 1,)


def gradients(x, y, w, rates):
    ws = _updates(_automatic, x, y, w, rates)[:-1]  # (updates,)
    ones, targets = np.tile(x, len(rates)), np.tile(y, len(rates))  # (updates,)
    return np.stack([_automatic(ones, targets, ws), _by_hand(ones, targets, ws)], axis=1)  # (updates, 2)


def accumulated(x, y, w, rates):
    ws = [w]
    total = np.zeros_like(w)  # ()
    for rate in rates:
        for one, target in zip(x, y, strict=True):
            total = total + _automatic(one, target, w)  # ()
            w = w - rate * total  # ()
        ws.append(w)
    return np.stack(ws)  # (epochs + 1,)
