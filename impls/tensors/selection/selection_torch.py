import torch


def where(mask, x, y):
    return torch.where(mask, x, y)


def index_select(x, rows, axis):
    return torch.index_select(x, axis, rows)


def take_flat(x, flat):
    return torch.take(x, flat)


def gather(x, index, axis):
    return torch.gather(x, axis, index)


def scatter(x, index, values, axis):  # PyTorch's does not write into x
    return torch.scatter(x, axis, index, values)


def masked_select(x, mask):
    return torch.masked_select(x, mask)


def masked_fill(x, mask, value):
    return torch.masked_fill(x, mask, value)


def nonzero(rounded):
    return torch.nonzero(rounded)


def argmax(rounded, axis):
    return torch.argmax(rounded, dim=axis)


def argmin(rounded, axis):
    return torch.argmin(rounded, dim=axis)


def sort(x, axis):
    return torch.sort(x, dim=axis).values


def argsort(rounded, axis):
    return torch.argsort(rounded, dim=axis, stable=True)


def searchsorted(ordered, x):
    return torch.searchsorted(ordered, x)


def unique(whole):
    return torch.unique(whole)
