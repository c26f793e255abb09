"""The losses of impls.spec in PyTorch."""

from __future__ import annotations

import torch
from torch.nn import functional

from impls.spec import Loss, SigmoidCrossEntropy, SoftmaxCrossEntropy, SquaredError


def loss_of(loss: Loss, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The loss of a batch of outputs."""
    match loss:
        case SquaredError(factor, reduction):
            return factor * functional.mse_loss(output, target, reduction=reduction)
        case SigmoidCrossEntropy(reduction):
            return functional.binary_cross_entropy_with_logits(output, target, reduction=reduction)
        case SoftmaxCrossEntropy(smoothing, reduction):
            # PyTorch wants the classes second, where the canonical layout has them last.
            logits, labels = output.flatten(end_dim=-2), target.flatten()
            return functional.cross_entropy(logits, labels, label_smoothing=smoothing, reduction=reduction)
