import jax
import jax.numpy as jnp


def sum(x, axis, keepdims):  # noqa: A001
    return jnp.sum(x, axis=axis, keepdims=keepdims)


def mean(x, axis):
    return jnp.mean(x, axis=axis)


def product(x, axis):
    return jnp.prod(x, axis=axis)


def variance(x, axis):
    return jnp.var(x, axis=axis)


def deviation_sample(x, axis):
    return jnp.std(x, axis=axis, ddof=1)


def maximum(x, axis):
    return jnp.max(x, axis=axis)


def minimum(x, axis):
    return jnp.min(x, axis=axis)


def cumulative_sum(x, axis):
    return jnp.cumsum(x, axis=axis)


def cumulative_product(x, axis):
    return jnp.cumprod(x, axis=axis)


def median(x, axis):
    return jnp.median(x, axis=axis)


def quantile(x, q, axis):
    return jnp.quantile(x, q, axis=axis)


def any(true, axis):  # noqa: A001
    return jnp.any(true, axis=axis)


def all(true, axis):  # noqa: A001
    return jnp.all(true, axis=axis)


def logsumexp(x, axis):
    return jax.nn.logsumexp(x, axis=axis)
