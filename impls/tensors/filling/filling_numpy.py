import numpy as np


def full(like, shape, value):
    return np.full(shape, value, dtype=like.dtype)


def zeros_like(x):
    return np.zeros_like(x)


def ones_like(x):
    return np.ones_like(x)


def full_like(x, value):
    return np.full_like(x, value)


def arange(like, start, stop, step):
    return np.arange(start, stop, step, dtype=like.dtype)


def linspace(like, start, stop, count):
    return np.linspace(start, stop, count, dtype=like.dtype)


def eye(like, rows, columns):
    return np.eye(rows, columns, dtype=like.dtype)


def tril(x, diagonal):
    return np.tril(x, diagonal)


def triu(x, diagonal):
    return np.triu(x, diagonal)


def diagonal(x, offset):
    return np.diagonal(x, offset)


def diagonal_matrix(u, offset):
    return np.diag(u, offset)


def meshgrid(u, v, indexing):
    return np.meshgrid(u, v, indexing=indexing)
