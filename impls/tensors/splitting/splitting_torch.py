import torch


def chunk(x, parts, axis):
    return torch.chunk(x, parts, dim=axis)


def split_at(x, places, axis):
    return torch.tensor_split(x, places, dim=axis)


def unstack(few, axis):
    return torch.unbind(few, dim=axis)


def every_other(x, start, stop, step):
    return x[start:stop:step]


# PyTorch's slices take no step backwards.
def every_other_backwards(x, step):
    return x.flip(0)[::step]


def flip(x, axis):
    return torch.flip(x, dims=[axis])
