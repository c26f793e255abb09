import tensorflow as tf
from keras import ops


def where(mask, x, y):
    return ops.where(mask, x, y)


def index_select(x, chosen, axis):
    return ops.take(x, chosen, axis=axis)


def take_flat(x, places):
    return ops.take(x, places)


def gather(x, indices, axis):
    return ops.take_along_axis(x, indices, axis)


# Keras has places as full coordinates alone: those of ``indices``, with its numbers along the axis.
def scatter(x, indices, values, axis):
    coordinates = ops.meshgrid(*(ops.arange(length) for length in indices.shape), indexing="ij")
    coordinates[axis] = indices
    return ops.scatter_update(x, ops.stack(coordinates, axis=-1), values)


def masked_select(x, mask):
    return tf.boolean_mask(x, mask)


def masked_fill(x, mask, value):
    return ops.where(mask, value, x)


def nonzero(x):
    return ops.nonzero(x)


def argmax(x, axis):
    return ops.argmax(x, axis=axis)


def argmin(x, axis):
    return ops.argmin(x, axis=axis)


def sort(x, axis):
    return ops.sort(x, axis=axis)


def argsort(x, axis):
    return ops.argsort(x, axis=axis)


def searchsorted(ordered, sought, side):
    return ops.searchsorted(ordered, sought, side=side)


def unique(x):
    return ops.unique(x)
