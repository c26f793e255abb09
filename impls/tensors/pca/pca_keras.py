from keras import ops


def _centred(x):
    flat = ops.reshape(x, (x.shape[0], -1))  # (examples, pixels)
    return flat - ops.mean(flat, axis=0)  # (examples, pixels)


def _decomposed(x):
    centred = _centred(x)  # (examples, pixels)
    covariance = ops.matmul(ops.transpose(centred), centred) / (x.shape[0] - 1)  # (pixels, pixels)
    variances, vectors = ops.eigh(covariance)  # rising: (pixels,), (pixels, pixels)
    axes = ops.flip(ops.transpose(vectors), axis=0)  # (components, pixels)
    largest = ops.take_along_axis(axes, ops.argmax(ops.abs(axes), axis=1, keepdims=True), axis=1)  # (components, 1)
    return ops.flip(variances), axes * ops.sign(largest)  # (components,), (components, pixels)


def _rebuilt(axes, x, pictures):
    mean = ops.reshape(ops.mean(x, axis=0), -1)  # (pixels,)
    scores = ops.matmul(ops.reshape(pictures, (pictures.shape[0], -1)) - mean, ops.transpose(axes))
    return ops.reshape(ops.matmul(scores, axes) + mean, pictures.shape)  # (pictures, height, width)


def mean(x):
    return ops.mean(x, axis=0)  # (height, width)


def components(x, leading):
    _, axes = _decomposed(x)  # (components, pixels)
    return ops.reshape(ops.take(axes, leading, axis=0), (-1, *x.shape[1:]))  # (leading, height, width)


def explained(x, many):
    variances, _ = _decomposed(x)  # (components,)
    shares = ops.take(variances, many) / ops.sum(variances)  # (many,)
    return ops.stack([shares, ops.cumsum(shares)], axis=1)  # (many, 2)


def projection(x, leading):
    _, axes = _decomposed(x)  # (components, pixels)
    return ops.matmul(_centred(x), ops.transpose(ops.take(axes, leading, axis=0)))  # (examples, leading)


def reconstructions(x, pictures, few, some, many):
    _, axes = _decomposed(x)  # (components, pixels)
    return ops.stack([_rebuilt(ops.take(axes, kept, axis=0), x, pictures) for kept in (few, some, many)])
