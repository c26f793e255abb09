import numpy as np


def to_float32(x):
    return x.astype(np.float32)


def to_integer(x):
    return x.astype(np.int32)


def to_bool(x):
    return x.astype(np.bool)


def bits(x):
    return x.astype(np.float32).view(np.int32)


def from_numpy_copied(x):
    return np.array(x)


def from_numpy_shared(x):
    return np.asarray(x)


def to_numpy(x):
    return np.asarray(x)


def through_dlpack(x):
    return np.from_dlpack(x)
