"""Losses for NumPy: each gives the loss of a batch, reduced, and its gradient by the net's outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from impls.spec import Array, Loss, SigmoidCrossEntropy, SoftmaxCrossEntropy, SquaredError


def loss_and_gradient(loss: Loss, output: Array, target: Array) -> tuple[Any, Array]:
    """The reduced loss and its gradient by the output, of the output's shape; see spec for what each loss is."""
    match loss:
        case SquaredError(factor):
            values, gradient = _squared_error(output, target, factor)
        case SigmoidCrossEntropy():
            values, gradient = _sigmoid_cross_entropy(output, target)
        case SoftmaxCrossEntropy(smoothing):
            values, gradient = _softmax_cross_entropy(output, target, smoothing)
    if loss.reduction == "mean":
        gradient /= values.size
        return values.mean(), gradient
    return values.sum(), gradient


def _squared_error(output: Array, target: Array, factor: float) -> tuple[Array, Array]:
    error = output - target
    return factor * np.square(error), 2 * factor * error


def _sigmoid_cross_entropy(logits: Array, target: Array) -> tuple[Array, Array]:
    """log(1 + eˣ) - target·x, where the exponential of no positive number is taken."""
    small = np.exp(-np.abs(logits))
    values = np.maximum(logits, 0) - logits * target + np.log1p(small)
    return values, np.where(logits >= 0, 1, small) / (1 + small) - target


def _softmax_cross_entropy(logits: Array, labels: Array, smoothing: float) -> tuple[Array, Array]:
    """The gradient is softmax less the target's shares.

    Softmax does not change when all logits of an example do by as much; with their largest at 0 no exponential
    overflows, and the sum of exponentials is at least 1.
    """
    classes = logits.shape[-1]
    shifted = (logits - logits.max(axis=-1, keepdims=True)).reshape(-1, classes)
    gradient = np.exp(shifted)
    total = gradient.sum(axis=1, keepdims=True)
    gradient /= total
    examples, flat = np.arange(labels.size), labels.ravel()
    values = np.log(total[:, 0]) - (1 - smoothing) * shifted[examples, flat]
    gradient[examples, flat] -= 1 - smoothing
    if smoothing:
        values -= smoothing * shifted.mean(axis=1)
        gradient -= smoothing / classes
    return values, gradient.reshape(logits.shape)
