from keras import ops


def concatenate(x, more, axis):
    return ops.concatenate([x, more], axis=axis)


def stack(x, y, axis):
    return ops.stack([x, y], axis=axis)


def tile(x, repeats):
    return ops.tile(x, repeats)


def repeat(x, repeats, axis):
    return ops.repeat(x, repeats, axis=axis)


def pad(x, widths, value):
    return ops.pad(x, widths, constant_values=value)


def pad_reflect(x, widths):
    return ops.pad(x, widths, mode="reflect")
