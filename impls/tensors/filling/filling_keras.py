from keras import ops


def full(like, shape, value):
    return ops.full(shape, value, dtype=like.dtype)


def zeros_like(x):
    return ops.zeros_like(x)


def ones_like(x):
    return ops.ones_like(x)


def full_like(x, value):
    return ops.full_like(x, value)


def arange(like, start, stop, step):
    return ops.arange(start, stop, step, dtype=like.dtype)


def linspace(like, start, stop, count):
    return ops.linspace(start, stop, count, dtype=like.dtype)


def eye(like, rows, columns):
    return ops.eye(rows, columns, dtype=like.dtype)


def tril(x, diagonal):
    return ops.tril(x, diagonal)


def triu(x, diagonal):
    return ops.triu(x, diagonal)


def diagonal(x, offset):
    return ops.diagonal(x, offset)


def diagonal_matrix(u, offset):
    return ops.diag(u, offset)


def meshgrid(u, v, indexing):
    return ops.meshgrid(u, v, indexing=indexing)
