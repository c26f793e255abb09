"""JAX with Flax NNX and Optax: an epoch is one compiled scan over its batches, or a compiled step called for each."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

from impls.spec import Framework

FRAMEWORK = Framework(
    packages=("jax", "flax", "optax"),
    modes={"scan": {}, "jit": {}},
    environment={
        "NPROC": "{threads}",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    },
)


def half_mean_squared_error(output: jax.Array, target: jax.Array) -> jax.Array:
    return optax.l2_loss(output, target).mean()  # l2_loss carries the half


def softmax_cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


LOSSES: dict[str, Any] = {
    "half_mean_squared_error": half_mean_squared_error,
    "softmax_cross_entropy": softmax_cross_entropy,
}

CHANNELS_LAST = ("NHWC", "HWIO", "NHWC")


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def convolution(x: Any, kernel: Any, strides: Any, padding: Any) -> Any:
    """A convolution whose gradients stay fast inside a loop on the CPU.

    XLA's CPU compiler has a fast convolution for channels-last operands alone. It brings others into that order
    where they stand in a program's outermost computation, but not inside a loop (jax-ml/jax#12868), and JAX's own
    gradients of a convolution are others: a scan over training steps ran six times slower than its steps one by
    one. Here the gradients are written as the same two convolutions with channels last.
    """
    return lax.conv_general_dilated(x, kernel, strides, padding, dimension_numbers=CHANNELS_LAST)


def convolution_forward(x: Any, kernel: Any, strides: Any, padding: Any) -> Any:
    return convolution(x, kernel, strides, padding), (x, kernel)


def convolution_backward(strides: Any, padding: Any, operands: Any, gradient: Any) -> Any:
    x, kernel = operands
    size, window = np.array(x.shape[1:3]), np.array(kernel.shape[:2])
    before = np.array(lax.padtype_to_pads(size, window, strides, padding) if isinstance(padding, str) else padding)[
        :, 0
    ]
    # The gradient of an output is due to the pixels of its window: with zeros between the outputs of a strided
    # convolution, that reach starts window - 1 pixels before the first output and must end at the last pixel.
    span = (np.array(gradient.shape[1:3]) - 1) * strides + 1
    start = window - 1 - before
    flipped = jnp.flip(kernel, (0, 1)).swapaxes(2, 3)
    x_gradient = lax.conv_general_dilated(
        gradient,
        flipped,
        (1, 1),
        list(zip(start, size + window - 1 - span - start, strict=True)),
        lhs_dilation=strides,
        dimension_numbers=CHANNELS_LAST,
    )
    kernel_gradient = lax.conv_general_dilated(
        x.transpose(3, 1, 2, 0),
        gradient.transpose(1, 2, 0, 3),
        (1, 1),
        list(zip(before, window - 1 + span - size - before, strict=True)),
        rhs_dilation=strides,
        dimension_numbers=CHANNELS_LAST,
    )
    return x_gradient, kernel_gradient.transpose(1, 2, 0, 3)


convolution.defvjp(convolution_forward, convolution_backward)
