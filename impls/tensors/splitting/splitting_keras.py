from keras import ops


def chunk(x, parts, axis):
    return ops.split(x, parts, axis=axis)


def split_at(x, places, axis):
    return ops.split(x, places, axis=axis)


def unstack(few, axis):
    return ops.unstack(few, axis=axis)


def every_other(x, start, stop, step):
    return x[start:stop:step]


def every_other_backwards(x, step):
    return x[::-step]


def flip(x, axis):
    return ops.flip(x, axis=axis)
