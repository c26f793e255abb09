"""PyTorch's optimisers as their definitions have them, and what they remember."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from impls.spec import SGD, Adam, Optimizer, RMSprop

# What PyTorch's optimisers call the moments of first and second order.
MEMORY: dict[type, dict[str, str]] = {
    SGD: {"first": "momentum_buffer"},
    RMSprop: {"second": "square_avg"},
    Adam: {"first": "exp_avg", "second": "exp_avg_sq"},
}


def new_optimizer(
    optimizer: Optimizer, parameters: Iterable[torch.nn.Parameter], *, native: bool
) -> torch.optim.Optimizer:
    """The optimiser as its definition has it, or natively: PyTorch's own, told learning rate and momentum alone."""
    match optimizer:
        case SGD(learning_rate, momentum):
            return torch.optim.SGD(parameters, lr=learning_rate, momentum=momentum)
        case RMSprop(learning_rate) if native:
            return torch.optim.RMSprop(parameters, lr=learning_rate)
        case RMSprop(learning_rate, decay, epsilon):
            return torch.optim.RMSprop(parameters, lr=learning_rate, alpha=decay, eps=epsilon)
        case Adam(learning_rate) if native:
            return torch.optim.Adam(parameters, lr=learning_rate)
        case Adam(learning_rate, beta1, beta2, epsilon):
            return torch.optim.Adam(parameters, lr=learning_rate, betas=(beta1, beta2), eps=epsilon)
