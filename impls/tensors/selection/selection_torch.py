import torch


def where(mask, x, y):
    return torch.where(mask, x, y)


def index_select(x, chosen, axis):
    return torch.index_select(x, axis, chosen)


def take_flat(x, places):
    return torch.take(x, places)


def gather(x, indices, axis):
    return torch.gather(x, axis, indices)


def scatter(x, indices, values, axis):
    return torch.scatter(x, axis, indices, values)


def masked_select(x, mask):
    return torch.masked_select(x, mask)


def masked_fill(x, mask, value):
    return torch.masked_fill(x, mask, value)


def nonzero(x):
    return torch.nonzero(x, as_tuple=True)


def argmax(x, axis):
    return torch.argmax(x, dim=axis)


def argmin(x, axis):
    return torch.argmin(x, dim=axis)


def sort(x, axis):
    return torch.sort(x, dim=axis).values


def argsort(x, axis):
    return torch.argsort(x, dim=axis, stable=True)


def searchsorted(ordered, sought, side):
    return torch.searchsorted(ordered, sought, side=side)


def unique(x):
    return torch.unique(x)
