import math

from keras import ops


def norm_l1(v):
    return ops.norm(v, 1)


def norm_l2(v):
    return ops.norm(v)


def norm_p(v, p):
    return ops.norm(v, p)


def norm_max(v):
    return ops.norm(v, math.inf)


def count_nonzero(x, axis):
    return ops.count_nonzero(x, axis=axis)


def norm_rows(x, axis):
    return ops.norm(x, axis=axis, keepdims=True)


def norm_frobenius(x):
    return ops.norm(x, "fro")


def norm_nuclear(m):
    return ops.norm(m, "nuc")


def distance(a, b):
    return ops.cdist(a, b)


def cosine_similarity(x, y):
    return ops.sum(ops.normalize(x) * ops.normalize(y), axis=-1)


def normalize(x, axis):
    return ops.normalize(x, axis=axis)
