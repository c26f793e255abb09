import torch


def sum(x, axis, keepdims):  # noqa: A001
    return torch.sum(x, dim=axis, keepdim=keepdims)


def mean(x, axis):
    return torch.mean(x, dim=axis)


def product(x, axis):
    return torch.prod(x, dim=axis)


def variance(x, axis):
    return torch.var(x, dim=axis, correction=0)


def deviation_sample(x, axis):
    return torch.std(x, dim=axis)


def maximum(x, axis):
    return torch.amax(x, dim=axis)


def minimum(x, axis):
    return torch.amin(x, dim=axis)


def cumulative_sum(x, axis):
    return torch.cumsum(x, dim=axis)


def cumulative_product(x, axis):
    return torch.cumprod(x, dim=axis)


def median(x, axis):  # PyTorch's own median is the lower of two in the middle
    return torch.quantile(x, 0.5, dim=axis)


def quantile(x, q, axis):
    return torch.quantile(x, q, dim=axis)


def any(true, axis):  # noqa: A001
    return torch.any(true, dim=axis)


def all(true, axis):  # noqa: A001
    return torch.all(true, dim=axis)


def logsumexp(x, axis):
    return torch.logsumexp(x, dim=axis)
