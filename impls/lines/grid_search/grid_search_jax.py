import jax.numpy as jnp


def errors(x, y, w):
    predictions = w[:, None] * x  # (slopes, examples)
    return jnp.mean((predictions - y) ** 2, axis=1)  # (slopes,)


def best(x, y, w):
    return w[jnp.argmin(errors(x, y, w))]  # ()
