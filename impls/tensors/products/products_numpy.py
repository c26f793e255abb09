import numpy as np


def add_broadcast(x, row):
    return x + row


def multiply_broadcast(x, column):
    return x * column


def divide(x, y):
    return x / y


def floor_divide(x, y):
    return x // y


def remainder(x, y):
    return x % y


def matmul(a, b):
    return a @ b


def matmul_batched(left, right):
    return left @ right


def dot(u, v):
    return np.dot(u, v)


def outer(u, row):
    return np.outer(u, row)


def einsum(left, right, expression):
    return np.einsum(expression, left, right)


def tensordot(left, right, axes):
    return np.tensordot(left, right, axes=axes)


def kronecker(p, q):
    return np.kron(p, q)


def cross(s, t):
    return np.cross(s, t)
