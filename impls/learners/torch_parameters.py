"""The parameters of a PyTorch module under canonical names, and their layouts."""

from __future__ import annotations

import re

import torch

# Kernels: PyTorch's layers hold (out, in) and (out, in, height, width); the canonical layouts are (in, out) and
# (height, width, in, out). Biases are the same in both.
TO_CANONICAL = {1: (0,), 2: (1, 0), 4: (2, 3, 1, 0)}
FROM_CANONICAL = {1: (0,), 2: (1, 0), 4: (3, 2, 0, 1)}


def canonical_name(name: str, parameter: torch.nn.Parameter) -> str:
    """Kernels are PyTorch's weights, and scales those of one axis, a normalisation's.

    What its recurrent layer ends in _lN is the cell's of the first of its layers.
    """
    name = re.sub(r"(\w+)_l(\d+)$", r"\2.cell.\1", name)
    if parameter.ndim == 1:
        name = re.sub("weight$", "scale", name)
    return name.replace("weight_hh", "recurrent_kernel").replace("weight", "kernel").replace("_ih", "")


def parameters_of(net: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """Those that are trained: a recurrent layer's second bias, of which a lesson knows nothing, is not."""
    named = net.named_parameters()
    return {canonical_name(name, parameter): parameter for name, parameter in named if parameter.requires_grad}
