import torch
from torch.nn import functional


def norm_l1(v):
    return torch.linalg.vector_norm(v, 1)


def norm_l2(v):
    return torch.linalg.vector_norm(v)


def norm_p(v, p):
    return torch.linalg.vector_norm(v, p)


def norm_max(v):
    return torch.linalg.vector_norm(v, torch.inf)


def count_nonzero(x, axis):
    return torch.count_nonzero(x, dim=axis)


def norm_rows(x, axis):
    return torch.linalg.vector_norm(x, dim=axis, keepdim=True)


def norm_frobenius(x):
    return torch.linalg.matrix_norm(x, "fro")


def norm_nuclear(m):
    return torch.linalg.matrix_norm(m, "nuc")


def distance(a, b):
    return torch.cdist(a, b)


def cosine_similarity(x, y):
    return functional.cosine_similarity(x, y, dim=-1)


def normalize(x, axis):
    return functional.normalize(x, dim=axis)
