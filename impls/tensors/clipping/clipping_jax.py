import jax.numpy as jnp


def clip(x, low, high):
    return jnp.clip(x, low, high)


def clip_below(x, low):
    return jnp.maximum(x, low)


def clip_columns(x, low, high):
    return jnp.clip(x, low, high)


def floor(x):
    return jnp.floor(x)


def ceil(x):
    return jnp.ceil(x)


def round_half_even(x):
    return jnp.round(x)


def truncate(x):
    return jnp.trunc(x)


def sign(x):
    return jnp.sign(x)


def absolute(x):
    return jnp.abs(x)
