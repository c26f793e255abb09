"""The losses of impls.spec in JAX, by Optax."""

from __future__ import annotations

import jax
import optax

from impls.spec import Loss, SigmoidCrossEntropy, SoftmaxCrossEntropy, SquaredError


def loss_of(loss: Loss, output: jax.Array, target: jax.Array) -> jax.Array:
    """The loss of a batch of outputs."""
    match loss:
        case SquaredError(factor):
            values = factor * optax.squared_error(output, target)
        case SigmoidCrossEntropy():
            values = optax.sigmoid_binary_cross_entropy(output, target)
        case SoftmaxCrossEntropy(0):
            values = optax.softmax_cross_entropy_with_integer_labels(output, target)
        case SoftmaxCrossEntropy(smoothing):
            shares = optax.smooth_labels(jax.nn.one_hot(target, output.shape[-1], dtype=output.dtype), smoothing)
            values = optax.softmax_cross_entropy(output, shares)
    return values.mean() if loss.reduction == "mean" else values.sum()
