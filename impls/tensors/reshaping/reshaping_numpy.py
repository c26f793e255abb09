import numpy as np


def reshape(x, shape):
    return x.reshape(shape)


def flatten(images):
    return images.ravel()


def squeeze(row, axis):
    return np.squeeze(row, axis=axis)


def unsqueeze(x, axis):
    return np.expand_dims(x, axis=axis)


def transpose(x):
    return x.T


def permute(images, axes):
    return np.transpose(images, axes)


def move_axis(images, source, destination):
    return np.moveaxis(images, source, destination)


def swap_axes(images, first, second):
    return np.swapaxes(images, first, second)


def broadcast_to(row, shape):
    return np.broadcast_to(row, shape)


def roll(x, shift, axis):
    return np.roll(x, shift, axis=axis)
