import jax.numpy as jnp


def full(like, shape, value):
    return jnp.full(shape, value, dtype=like.dtype)


def zeros_like(x):
    return jnp.zeros_like(x)


def ones_like(x):
    return jnp.ones_like(x)


def full_like(x, value):
    return jnp.full_like(x, value)


def arange(like, start, stop, step):
    return jnp.arange(start, stop, step, dtype=like.dtype)


def linspace(like, start, stop, count):
    return jnp.linspace(start, stop, count, dtype=like.dtype)


def eye(like, rows, columns):
    return jnp.eye(rows, columns, dtype=like.dtype)


def tril(x, diagonal):
    return jnp.tril(x, diagonal)


def triu(x, diagonal):
    return jnp.triu(x, diagonal)


def diagonal(x, offset):
    return jnp.diagonal(x, offset)


def diagonal_matrix(u, offset):
    return jnp.diag(u, offset)


def meshgrid(u, v, indexing):
    return jnp.meshgrid(u, v, indexing=indexing)
