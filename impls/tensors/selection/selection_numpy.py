import numpy as np


def where(mask, x, y):
    return np.where(mask, x, y)


def index_select(x, rows, axis):
    return np.take(x, rows, axis=axis)


def take_flat(x, flat):
    return np.take(x, flat)


def gather(x, index, axis):
    return np.take_along_axis(x, index, axis=axis)


def scatter(x, index, values, axis):
    written = x.copy()
    np.put_along_axis(written, index, values, axis=axis)
    return written


def masked_select(x, mask):
    return x[mask]


def masked_fill(x, mask, value):
    return np.where(mask, value, x)


def nonzero(rounded):
    return np.argwhere(rounded)


def argmax(rounded, axis):
    return np.argmax(rounded, axis=axis)


def argmin(rounded, axis):
    return np.argmin(rounded, axis=axis)


def sort(x, axis):
    return np.sort(x, axis=axis)


def argsort(rounded, axis):
    return np.argsort(rounded, axis=axis, stable=True)


def searchsorted(ordered, x):
    return np.searchsorted(ordered, x)


def unique(whole):
    return np.unique(whole)
