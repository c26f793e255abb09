import tensorflow.experimental.numpy as tnp
from keras import ops


def add_broadcast(x, row):
    return x + row  # ops.add would add a column to a square matrix as if it were a row (keras-team/keras#20386)


def multiply_broadcast(x, column):
    return ops.multiply(x, column)


def divide(x, y):
    return ops.divide(x, y)


def floor_divide(x, y):
    return ops.floor_divide(x, y)


def remainder(x, y):
    return ops.mod(x, y)


def matmul(a, b):
    return ops.matmul(a, b)


def matmul_batched(left, right):
    return ops.matmul(left, right)


def dot(u, v):
    return ops.dot(u, v)


def outer(u, row):
    return ops.outer(u, row)


def einsum(left, right, expression):
    return ops.einsum(expression, left, right)


def tensordot(left, right, axes):
    return ops.tensordot(left, right, axes=axes)


def kronecker(p, q):
    return tnp.kron(p, q)  # ops.kron counts axes by a tensor, and cannot be compiled


def cross(s, t):
    return ops.cross(s, t)
