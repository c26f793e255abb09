import numpy as np


def chunk(x, parts, axis):
    return np.split(x, parts, axis=axis)


def split_at(x, places, axis):
    return np.split(x, places, axis=axis)


def unstack(few, axis):
    return np.unstack(few, axis=axis)


def every_other(x, start, stop, step):
    return x[start:stop:step]


def every_other_backwards(x, step):
    return x[::-step]


def flip(x, axis):
    return np.flip(x, axis=axis)
