import torch


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
    return torch.dot(u, v)


def outer(u, row):
    return torch.outer(u, row)


def einsum(left, right, expression):
    return torch.einsum(expression, left, right)


def tensordot(left, right, axes):
    return torch.tensordot(left, right, dims=axes)


def kronecker(p, q):
    return torch.kron(p, q)


def cross(s, t):
    return torch.linalg.cross(s, t)
