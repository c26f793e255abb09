import tensorflow as tf
from keras import ops


def where(mask, x, y):
    return ops.where(mask, x, y)


def index_select(x, rows, axis):
    return ops.take(x, rows, axis=axis)


def take_flat(x, flat):
    return ops.take(x, flat)


def gather(x, index, axis):
    return ops.take_along_axis(x, index, axis=axis)


def scatter(x, index, values, axis):  # Keras has no such function along an axis: it takes whole indices
    axis = axis % x.ndim
    places = list(ops.meshgrid(*(ops.arange(length, dtype=index.dtype) for length in ops.shape(index)), indexing="ij"))
    places[axis] = index
    return ops.scatter_update(x, ops.reshape(ops.stack(places, axis=-1), (-1, x.ndim)), ops.reshape(values, (-1,)))


def masked_select(x, mask):
    return tf.boolean_mask(x, mask)


def masked_fill(x, mask, value):
    return ops.where(mask, value, x)


def nonzero(rounded):
    return tf.where(rounded)


def argmax(rounded, axis):
    return ops.argmax(rounded, axis=axis)


def argmin(rounded, axis):
    return ops.argmin(rounded, axis=axis)


def sort(x, axis):
    return ops.sort(x, axis=axis)


def argsort(rounded, axis):
    return ops.argsort(rounded, axis=axis)


def searchsorted(ordered, x):
    return ops.reshape(ops.searchsorted(ordered, ops.reshape(x, (-1,))), ops.shape(x))  # Keras takes a row alone


def unique(whole):
    return ops.unique(whole)
