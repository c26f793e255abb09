import numpy as np


def errors(x, y, w):
    predictions = w[:, None] * x  # (slopes, examples)
    return np.mean((predictions - y) ** 2, axis=1)  # (slopes,)


def best(x, y, w):
    return w[np.argmin(errors(x, y, w))]  # ()
