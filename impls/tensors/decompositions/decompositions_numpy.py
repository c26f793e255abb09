import numpy as np


def lu(square):  # NumPy has none: elimination, the largest number of each column brought up to be the pivot
    packed, order = square.copy(), np.arange(len(square))
    for k in range(len(square)):
        pivot = k + np.argmax(np.abs(packed[k:, k]))
        packed[[k, pivot]], order[[k, pivot]] = packed[[pivot, k]], order[[pivot, k]]
        if packed[k, k] != 0:
            packed[k + 1 :, k] /= packed[k, k]
        packed[k + 1 :, k + 1 :] -= np.outer(packed[k + 1 :, k], packed[k, k + 1 :])
    return packed, np.argsort(order)


def qr(tall):
    return np.linalg.qr(tall)


def cholesky(positive):
    return np.linalg.cholesky(positive)


def eigen_symmetric(symmetric):
    return np.linalg.eigh(symmetric)


def eigenvalues_general(square):
    return np.linalg.eigvals(square)


def svd(tall):
    return np.linalg.svd(tall, full_matrices=False)


def singular_values(tall):
    return np.linalg.svdvals(tall)


def solve(square, right):
    return np.linalg.solve(square, right)


def inverse(square):
    return np.linalg.inv(square)


def determinant(square):
    return np.linalg.det(square)


def log_determinant(square):
    return np.linalg.slogdet(square)


def pseudo_inverse(tall, rtol):
    return np.linalg.pinv(tall, rtol=rtol)


def least_squares(tall, right, rcond):
    return np.linalg.lstsq(tall, right, rcond)[0]
