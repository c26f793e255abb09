import numpy as np


def _centred(x):
    flat = x.reshape(len(x), -1)  # (examples, pixels)
    return flat - np.mean(flat, axis=0)  # (examples, pixels)


def _decomposed(x):
    centred = _centred(x)  # (examples, pixels)
    covariance = centred.T @ centred / (len(x) - 1)  # (pixels, pixels)
    variances, vectors = np.linalg.eigh(covariance)  # rising: (pixels,), (pixels, pixels)
    axes = np.flip(vectors.T, axis=0)  # (components, pixels)
    largest = np.take_along_axis(axes, np.argmax(np.abs(axes), axis=1, keepdims=True), axis=1)  # (components, 1)
    return np.flip(variances), axes * np.sign(largest)  # (components,), (components, pixels)


def _rebuilt(axes, x, pictures):
    mean = np.mean(x, axis=0).reshape(-1)  # (pixels,)
    scores = (pictures.reshape(len(pictures), -1) - mean) @ axes.T  # (pictures, components)
    return (scores @ axes + mean).reshape(pictures.shape)  # (pictures, height, width)


def mean(x):
    return np.mean(x, axis=0)  # (height, width)


def components(x, leading):
    _, axes = _decomposed(x)  # (components, pixels)
    return axes[leading].reshape(-1, *x.shape[1:])  # (leading, height, width)


def explained(x, many):
    variances, _ = _decomposed(x)  # (components,)
    shares = variances[many] / np.sum(variances)  # (many,)
    return np.stack([shares, np.cumsum(shares)], axis=1)  # (many, 2)


def projection(x, leading):
    _, axes = _decomposed(x)  # (components, pixels)
    return _centred(x) @ axes[leading].T  # (examples, leading)


def reconstructions(x, pictures, few, some, many):
    _, axes = _decomposed(x)  # (components, pixels)
    return np.stack([_rebuilt(axes[kept], x, pictures) for kept in (few, some, many)])
