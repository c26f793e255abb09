import numpy as np


def training_pass(x, w1, b1, w2, b2, p, mask):
    h = np.tanh(x @ w1 + b1)  # (examples, hidden)
    return np.where(mask, h / (1 - p), 0) @ w2 + b2  # (examples, 1)


def evaluation_pass(x, w1, b1, w2, b2):
    h = np.tanh(x @ w1 + b1)  # (examples, hidden)
    return h @ w2 + b2  # (examples, 1)


def _loss(outputs, y):
    return np.mean((outputs - y) ** 2)  # ()


def _gradients(x, y, w1, b1, w2, b2, p, mask):  # by hand: NumPy derives nothing itself
    h = np.tanh(x @ w1 + b1)  # (examples, hidden)
    kept = np.where(mask, h / (1 - p), 0)  # (examples, hidden)
    by_outputs = 2 * (kept @ w2 + b2 - y) / len(y)  # (examples, 1)
    # Back through dropout goes what came forth through it, scaled alike.
    by_sums = np.where(mask, by_outputs @ w2.T / (1 - p), 0) * (1 - h**2)  # (examples, hidden)
    return x.T @ by_sums, np.sum(by_sums, axis=0), kept.T @ by_outputs, np.sum(by_outputs, axis=0)  # as the parameters


def training_gradients(x, y, w1, b1, w2, b2, p, mask):
    gradients = _gradients(x, y, w1, b1, w2, b2, p, mask)
    return np.concatenate([*map(np.ravel, gradients)])  # (parameters,)


def evaluation_gradients(x, y, w1, b1, w2, b2):
    gradients = _gradients(x, y, w1, b1, w2, b2, 0, True)
    return np.concatenate([*map(np.ravel, gradients)])  # (parameters,)


def _fit(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks):
    net = w1, b1, w2, b2
    losses = []
    for mask in masks:
        losses.append([_loss(evaluation_pass(x, *net), y), _loss(evaluation_pass(x_test, *net), y_test)])
        gradients = _gradients(x, y, *net, p, mask)
        net = [array - rate * gradient for array, gradient in zip(net, gradients, strict=True)]
    return np.array(losses)  # before each step, (steps, 2)


def losses(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks):
    without = _fit(x, y, x_test, y_test, w1, b1, w2, b2, 0 * p, rate, np.ones_like(masks))  # (steps, 2)
    dropout = _fit(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks)  # (steps, 2)
    return np.concatenate([without, dropout], axis=1)  # (steps, 4)


def mean_distances(x, v, p, many):
    passes = np.where(many, x / (1 - p), 0) @ v  # (masks, examples, 1)
    means = np.cumsum(passes, axis=0) / np.arange(1, len(many) + 1, dtype=x.dtype)[:, None, None]
    return np.max(np.abs(means - x @ v), axis=(1, 2))  # (masks,)
