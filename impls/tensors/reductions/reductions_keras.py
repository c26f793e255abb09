from keras import ops


def sum(x, axis, keepdims):  # noqa: A001
    return ops.sum(x, axis=axis, keepdims=keepdims)


def mean(x, axis):
    return ops.mean(x, axis=axis)


def product(x, axis):
    return ops.prod(x, axis=axis)


def variance(x, axis):
    return ops.var(x, axis=axis)


def deviation_sample(x, axis):  # Keras has the population's alone
    n = x.shape[axis]
    return ops.sqrt(ops.var(x, axis=axis) * n / (n - 1))


def maximum(x, axis):
    return ops.max(x, axis=axis)


def minimum(x, axis):
    return ops.min(x, axis=axis)


def cumulative_sum(x, axis):
    return ops.cumsum(x, axis=axis)


def cumulative_product(x, axis):
    return ops.cumprod(x, axis=axis)


def median(x, axis):
    return ops.median(x, axis=axis)


def quantile(x, q, axis):
    return ops.quantile(x, q, axis=axis)


def any(true, axis):  # noqa: A001
    return ops.any(true, axis=axis)


def all(true, axis):  # noqa: A001
    return ops.all(true, axis=axis)


def logsumexp(x, axis):
    return ops.logsumexp(x, axis=axis)
