import jax.numpy as jnp


def _centred(x):
    flat = x.reshape(len(x), -1)  # (examples, pixels)
    return flat - jnp.mean(flat, axis=0)  # (examples, pixels)


def _decomposed(x):
    centred = _centred(x)  # (examples, pixels)
    covariance = centred.T @ centred / (len(x) - 1)  # (pixels, pixels)
    variances, vectors = jnp.linalg.eigh(covariance)  # rising: (pixels,), (pixels, pixels)
    axes = jnp.flip(vectors.T, axis=0)  # (components, pixels)
    largest = jnp.take_along_axis(axes, jnp.argmax(jnp.abs(axes), axis=1, keepdims=True), axis=1)  # (components, 1)
    return jnp.flip(variances), axes * jnp.sign(largest)  # (components,), (components, pixels)


def _rebuilt(axes, x, pictures):
    mean = jnp.mean(x, axis=0).reshape(-1)  # (pixels,)
    scores = (pictures.reshape(len(pictures), -1) - mean) @ axes.T  # (pictures, components)
    return (scores @ axes + mean).reshape(pictures.shape)  # (pictures, height, width)


def mean(x):
    return jnp.mean(x, axis=0)  # (height, width)


def components(x, leading):
    _, axes = _decomposed(x)  # (components, pixels)
    return axes[leading].reshape(-1, *x.shape[1:])  # (leading, height, width)


def explained(x, many):
    variances, _ = _decomposed(x)  # (components,)
    shares = variances[many] / jnp.sum(variances)  # (many,)
    return jnp.stack([shares, jnp.cumsum(shares)], axis=1)  # (many, 2)


def projection(x, leading):
    _, axes = _decomposed(x)  # (components, pixels)
    return _centred(x) @ axes[leading].T  # (examples, leading)


def reconstructions(x, pictures, few, some, many):
    _, axes = _decomposed(x)  # (components, pixels)
    return jnp.stack([_rebuilt(axes[kept], x, pictures) for kept in (few, some, many)])
