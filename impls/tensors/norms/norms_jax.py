import jax.numpy as jnp


def norm_l1(v):
    return jnp.linalg.norm(v, 1)


def norm_l2(v):
    return jnp.linalg.norm(v)


def norm_p(v, p):
    return jnp.linalg.norm(v, p)


def norm_max(v):
    return jnp.linalg.norm(v, jnp.inf)


def count_nonzero(x, axis):
    return jnp.count_nonzero(x, axis=axis)


def norm_rows(x, axis):
    return jnp.linalg.norm(x, axis=axis, keepdims=True)


def norm_frobenius(x):
    return jnp.linalg.norm(x, "fro")


def norm_nuclear(m):
    return jnp.linalg.norm(m, "nuc")


def distance(a, b):
    return jnp.linalg.norm(a[:, jnp.newaxis] - b, axis=-1)


def cosine_similarity(x, y):
    return jnp.vecdot(x, y) / (jnp.linalg.norm(x, axis=-1) * jnp.linalg.norm(y, axis=-1))


def normalize(x, axis):
    return x / jnp.linalg.norm(x, axis=axis, keepdims=True)
