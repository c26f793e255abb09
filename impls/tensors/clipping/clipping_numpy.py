import numpy as np


def clip(x, low, high):
    return np.clip(x, low, high)


def clip_below(x, low):
    return np.maximum(x, low)


def clip_columns(x, low, high):
    return np.clip(x, low, high)


def floor(x):
    return np.floor(x)


def ceil(x):
    return np.ceil(x)


def round_half_even(x):
    return np.round(x)


def truncate(x):
    return np.trunc(x)


def sign(x):
    return np.sign(x)


def absolute(x):
    return np.abs(x)
