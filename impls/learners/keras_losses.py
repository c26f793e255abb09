"""The losses of impls.spec in Keras."""

from __future__ import annotations

from typing import Any

import keras

from impls.spec import Loss, SigmoidCrossEntropy, SoftmaxCrossEntropy, SquaredError


def loss_of(loss: Loss, output: Any, target: Any) -> Any:
    """The loss of a batch of outputs."""
    match loss:
        case SquaredError(factor):
            values = factor * keras.ops.square(output - target)
        case SigmoidCrossEntropy():
            values = keras.ops.binary_crossentropy(target, output, from_logits=True)
        case SoftmaxCrossEntropy(0):
            values = keras.ops.sparse_categorical_crossentropy(target, output, from_logits=True)
        case SoftmaxCrossEntropy(smoothing):
            classes = output.shape[-1]
            shares = keras.ops.one_hot(target, classes, dtype=output.dtype) * (1 - smoothing) + smoothing / classes
            values = keras.ops.categorical_crossentropy(shares, output, from_logits=True)
    return keras.ops.mean(values) if loss.reduction == "mean" else keras.ops.sum(values)
