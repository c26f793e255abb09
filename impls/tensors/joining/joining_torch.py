import torch
from torch.nn import functional


def concatenate(x, more, axis):
    return torch.cat([x, more], dim=axis)


def stack(x, y, axis):
    return torch.stack([x, y], dim=axis)


def tile(x, repeats):
    return torch.tile(x, repeats)


def repeat(x, repeats, axis):
    return torch.repeat_interleave(x, repeats, dim=axis)


# PyTorch wants the widths in one row, the last axis first.
def pad(x, widths, value):
    return functional.pad(x, [width for pair in reversed(widths) for width in pair], value=value)


# PyTorch mirrors images alone, whose first axis is the channels, and wants the widths in one row, the last axis first.
def pad_reflect(x, widths):
    return functional.pad(x[None], [width for pair in reversed(widths) for width in pair], mode="reflect")[0]
