import jax.numpy as jnp


def concatenate(x, more, axis):
    return jnp.concatenate([x, more], axis=axis)


def stack(x, y, axis):
    return jnp.stack([x, y], axis=axis)


def tile(x, repeats):
    return jnp.tile(x, repeats)


def repeat(x, repeats, axis):
    return jnp.repeat(x, repeats, axis=axis)


def pad(x, widths, value):
    return jnp.pad(x, widths, constant_values=value)


def pad_reflect(x, widths):
    return jnp.pad(x, widths, mode="reflect")
