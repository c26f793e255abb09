import torch


def full(like, shape, value):
    return torch.full(shape, value, dtype=like.dtype, device=like.device)


def zeros_like(x):
    return torch.zeros_like(x)


def ones_like(x):
    return torch.ones_like(x)


def full_like(x, value):
    return torch.full_like(x, value)


def arange(like, start, stop, step):
    return torch.arange(start, stop, step, dtype=like.dtype, device=like.device)


def linspace(like, start, stop, count):
    return torch.linspace(start, stop, count, dtype=like.dtype, device=like.device)


def eye(like, rows, columns):
    return torch.eye(rows, columns, dtype=like.dtype, device=like.device)


def tril(x, diagonal):
    return torch.tril(x, diagonal)


def triu(x, diagonal):
    return torch.triu(x, diagonal)


def diagonal(x, offset):
    return torch.diagonal(x, offset)


def diagonal_matrix(u, offset):
    return torch.diag(u, offset)


def meshgrid(u, v, indexing):
    return torch.meshgrid(u, v, indexing=indexing)
