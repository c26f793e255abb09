import tensorflow as tf
from keras import ops


def lu(square):
    return ops.lu_factor(square)


def qr(tall):
    return ops.qr(tall)


def cholesky(positive):
    return ops.cholesky(positive)


def eigen_symmetric(symmetric):
    return ops.eigh(symmetric)


def eigenvalues_general(square):
    return tf.linalg.eigvals(square)


def svd(tall):
    return ops.svd(tall, full_matrices=False)


def singular_values(tall):
    return ops.svd(tall, compute_uv=False)


def solve(square, right):
    return ops.solve(square, right)


def inverse(square):
    return ops.inv(square)


def determinant(square):
    return ops.det(square)


def log_determinant(square):
    return ops.slogdet(square)


def pseudo_inverse(tall, rtol):
    return ops.pinv(tall, rcond=rtol)


def least_squares(tall, right, rcond):
    return ops.lstsq(tall, right, rcond)
