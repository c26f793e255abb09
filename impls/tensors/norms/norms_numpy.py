import numpy as np


def norm_l1(v):
    return np.linalg.norm(v, 1)


def norm_l2(v):
    return np.linalg.norm(v)


def norm_p(v, p):
    return np.linalg.norm(v, p)


def norm_max(v):
    return np.linalg.norm(v, np.inf)


def count_nonzero(x, axis):
    return np.count_nonzero(x, axis=axis)


def norm_rows(x, axis):
    return np.linalg.norm(x, axis=axis, keepdims=True)


def norm_frobenius(x):
    return np.linalg.norm(x, "fro")


def norm_nuclear(m):
    return np.linalg.norm(m, "nuc")


def distance(a, b):
    return np.linalg.norm(a[:, np.newaxis] - b, axis=-1)


def cosine_similarity(x, y):
    return np.vecdot(x, y) / (np.linalg.norm(x, axis=-1) * np.linalg.norm(y, axis=-1))


def normalize(x, axis):
    return x / np.linalg.norm(x, axis=axis, keepdims=True)
