import jax.numpy as jnp


def where(mask, x, y):
    return jnp.where(mask, x, y)


def index_select(x, chosen, axis):
    return jnp.take(x, chosen, axis=axis)


def take_flat(x, places):
    return jnp.take(x, places)


def gather(x, indices, axis):
    return jnp.take_along_axis(x, indices, axis)


def scatter(x, indices, values, axis):
    return jnp.put_along_axis(x, indices, values, axis, inplace=False)


def masked_select(x, mask):
    return x[mask]


def masked_fill(x, mask, value):
    return jnp.where(mask, value, x)


def nonzero(x):
    return jnp.nonzero(x)


def argmax(x, axis):
    return jnp.argmax(x, axis=axis)


def argmin(x, axis):
    return jnp.argmin(x, axis=axis)


def sort(x, axis):
    return jnp.sort(x, axis=axis)


def argsort(x, axis):
    return jnp.argsort(x, axis=axis)


def searchsorted(ordered, sought, side):
    return jnp.searchsorted(ordered, sought, side=side)


def unique(x):
    return jnp.unique(x)
