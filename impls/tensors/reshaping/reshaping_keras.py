from keras import ops


def reshape(x, shape):
    return ops.reshape(x, shape)


def flatten(images):
    return ops.ravel(images)


def squeeze(row, axis):
    return ops.squeeze(row, axis=axis)


def unsqueeze(x, axis):
    return ops.expand_dims(x, axis=axis)


def transpose(x):
    return ops.transpose(x)


def permute(images, axes):
    return ops.transpose(images, axes)


def move_axis(images, source, destination):
    return ops.moveaxis(images, source, destination)


def swap_axes(images, first, second):
    return ops.swapaxes(images, first, second)


def broadcast_to(row, shape):
    return ops.broadcast_to(row, shape)


def roll(x, shift, axis):
    return ops.roll(x, shift, axis=axis)
