import torch


def clip(x, low, high):
    return torch.clamp(x, low, high)


def clip_below(x, low):
    return torch.clamp(x, min=low)


def clip_columns(x, low, high):
    return torch.clamp(x, low, high)


def floor(x):
    return torch.floor(x)


def ceil(x):
    return torch.ceil(x)


def round_half_even(x):
    return torch.round(x)


def truncate(x):
    return torch.trunc(x)


def sign(x):
    return torch.sign(x)


def absolute(x):
    return torch.abs(x)
