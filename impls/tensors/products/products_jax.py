import jax.numpy as jnp


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
    return jnp.dot(u, v)


def outer(u, row):
    return jnp.outer(u, row)


def einsum(left, right, expression):
    return jnp.einsum(expression, left, right)


def tensordot(left, right, axes):
    return jnp.tensordot(left, right, axes=axes)


def kronecker(p, q):
    return jnp.kron(p, q)


def cross(s, t):
    return jnp.cross(s, t)
