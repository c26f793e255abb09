import numpy as np


def sum(x, axis, keepdims):  # noqa: A001
    return np.sum(x, axis=axis, keepdims=keepdims)


def mean(x, axis):
    return np.mean(x, axis=axis)


def product(x, axis):
    return np.prod(x, axis=axis)


def variance(x, axis):
    return np.var(x, axis=axis)


def deviation_sample(x, axis):
    return np.std(x, axis=axis, ddof=1)


def maximum(x, axis):
    return np.max(x, axis=axis)


def minimum(x, axis):
    return np.min(x, axis=axis)


def cumulative_sum(x, axis):
    return np.cumsum(x, axis=axis)


def cumulative_product(x, axis):
    return np.cumprod(x, axis=axis)


def median(x, axis):
    return np.median(x, axis=axis)


def quantile(x, q, axis):
    return np.quantile(x, q, axis=axis)


def any(true, axis):  # noqa: A001
    return np.any(true, axis=axis)


def all(true, axis):  # noqa: A001
    return np.all(true, axis=axis)


def logsumexp(x, axis):
    return np.logaddexp.reduce(x, axis=axis)
