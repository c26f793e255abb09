import jax
import jax.numpy as jnp


def lu(square):
    return jax.scipy.linalg.lu(square)


def qr(tall):
    return jnp.linalg.qr(tall)


def cholesky(positive):
    return jnp.linalg.cholesky(positive)


def eigen_symmetric(symmetric):
    return jnp.linalg.eigh(symmetric)


def eigenvalues_general(square):
    return jnp.linalg.eigvals(square)


def svd(tall):
    return jnp.linalg.svd(tall, full_matrices=False)


def singular_values(tall):
    return jnp.linalg.svdvals(tall)


def solve(square, right):
    return jnp.linalg.solve(square, right)


def inverse(square):
    return jnp.linalg.inv(square)


def determinant(square):
    return jnp.linalg.det(square)


def log_determinant(square):
    return jnp.linalg.slogdet(square)


def pseudo_inverse(tall, rtol):
    return jnp.linalg.pinv(tall, rtol=rtol)


def least_squares(tall, right, rcond):
    return jnp.linalg.lstsq(tall, right, rcond)[0]
