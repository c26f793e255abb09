import numpy as np


def concatenate(x, more, axis):
    return np.concatenate([x, more], axis=axis)


def stack(x, y, axis):
    return np.stack([x, y], axis=axis)


def tile(x, repeats):
    return np.tile(x, repeats)


def repeat(x, repeats, axis):
    return np.repeat(x, repeats, axis=axis)


def pad(x, widths, value):
    return np.pad(x, widths, constant_values=value)


def pad_reflect(x, widths):
    return np.pad(x, widths, mode="reflect")
