import numpy as np
import torch


def to_float32(x):
    return x.to(torch.float32)


def to_integer(x):
    return x.to(torch.int32)


def to_bool(x):
    return x.to(torch.bool)


def bits(x):
    return x.to(torch.float32).view(torch.int32)


def from_numpy_copied(x):
    return torch.tensor(x.numpy(force=True))


def from_numpy_shared(x):
    return torch.from_numpy(x.numpy(force=True))


def to_numpy(x):
    return x.numpy(force=True)


def through_dlpack(x):
    return torch.from_dlpack(np.from_dlpack(x.cpu()))
