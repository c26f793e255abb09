"""Random numbers by PyTorch's own generator: initial weights from a lesson's distributions, and shuffled epochs."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch.nn import init

from impls.spec import Array, Constant, Normal, Parameter, Uniform, Weights


def drawn(parameters: Iterable[Parameter], seed: int) -> Weights:
    """A value for each parameter, in its canonical layout."""
    generator, found = torch.Generator().manual_seed(seed), {}
    for parameter in parameters:
        blank = torch.empty(parameter.shape)
        match parameter.initial:
            case Normal(deviation):
                init.normal_(blank, 0.0, deviation, generator=generator)
            case Uniform(bound):
                init.uniform_(blank, -bound, bound, generator=generator)
            case Constant(value):
                init.constant_(blank, value)
        found[parameter.name] = blank.numpy()
    return found


def shuffled(examples: int, epochs: int, seed: int) -> Array:
    """The examples' indices (epochs, examples), in a new order for each epoch."""
    generator = torch.Generator().manual_seed(seed)
    order: Array = torch.stack([torch.randperm(examples, generator=generator) for _ in range(epochs)]).numpy()
    return order
