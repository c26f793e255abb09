import numpy as np


def _losses(delta):
    return (  # squared, absolute, Huber: each of the shape of the error
        lambda error: error**2 / 2,
        lambda error: np.abs(error),
        lambda error: np.where(np.abs(error) <= delta, error**2 / 2, delta * (np.abs(error) - delta / 2)),
    )


def _slopes(delta):  # by hand: NumPy derives nothing itself
    return lambda error: error, np.sign, lambda error: np.clip(error, -delta, delta)  # the sign of 0 is 0


def _gradient(which, x, y, point, delta):  # by hand: NumPy derives nothing itself
    by_error = _slopes(delta)[which](x @ point[:2] + point[2] - y) / len(x)  # of the mean loss, (batch,)
    return np.append(by_error @ x, np.sum(by_error))  # by each w and by b, (3,)


def _updates(which, x, y, point, rate, order, delta):
    points = [point]
    for rows in order.reshape(-1, order.shape[-1]):
        point = point - rate * _gradient(which, x[rows], y[rows], point, delta)  # (3,)
        points.append(point)
    return np.stack(points)  # (updates + 1, 3)


def curves(predictions, delta):
    return np.stack([loss(predictions) for loss in _losses(delta)], axis=1)  # (predictions, 3)


def slopes(predictions, delta):
    return np.stack([slope(predictions) for slope in _slopes(delta)], axis=1)  # (predictions, 3)


def squared_fit(x, y, start, rate, order, delta):
    return _updates(0, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def absolute_fit(x, y, start, rate, order, delta):
    return _updates(1, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def huber_fit(x, y, start, rate, order, delta):
    return _updates(2, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def distances(x, y, start, rate, order, delta, truth):
    paths = [_updates(which, x, y, start, rate, order, delta) for which in range(3)]  # of (updates + 1, 3)
    return np.max(np.abs(np.stack(paths, axis=1) - truth), axis=2)  # (updates + 1, 3)
