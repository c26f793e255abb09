from keras import ops


def clip(x, low, high):
    return ops.clip(x, low, high)


def clip_below(x, low):
    return ops.maximum(x, low)


def clip_columns(x, low, high):
    return ops.clip(x, low, high)


def floor(x):
    return ops.floor(x)


def ceil(x):
    return ops.ceil(x)


def round_half_even(x):
    return ops.round(x)


def truncate(x):
    return ops.trunc(x)


def sign(x):
    return ops.sign(x)


def absolute(x):
    return ops.abs(x)
