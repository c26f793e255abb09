import jax.numpy as jnp


def chunk(x, parts, axis):
    return jnp.split(x, parts, axis=axis)


def split_at(x, places, axis):
    return jnp.split(x, places, axis=axis)


def unstack(few, axis):
    return jnp.unstack(few, axis=axis)


def every_other(x, start, stop, step):
    return x[start:stop:step]


def every_other_backwards(x, step):
    return x[::-step]


def flip(x, axis):
    return jnp.flip(x, axis=axis)
