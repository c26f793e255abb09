"""Convolutions and max-pools in forms that XLA's CPU compiler is fast at, in the place of JAX's own.

It does not come to these forms by itself inside a loop (jax-ml/jax#12868), nor anywhere in the gradients, whose windows
outgrow the processor's cache as the batch grows. The results are the same but for rounding.
"""

from __future__ import annotations

import math
from functools import partial, reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import Literal

LARGEST_WINDOWS = 8 * 2**20  # bytes


def convolution(x: Any, kernel: Any, *, dimension_numbers: Any, **parameters: Any) -> Any:
    """The same convolution, channels last and in pieces.

    XLA's CPU compiler has a fast convolution for channels-last operands alone. It transposes others itself where
    they stand in a program's outermost computation, but not inside a loop (jax-ml/jax#12868); and the gradients
    that JAX derives for a convolution are others.
    """
    (n, c, *space), (o, i, *window), (out_n, out_c, *out_space) = dimension_numbers
    x, kernel = x.transpose(n, *space, c), kernel.transpose(*window, i, o)
    layout = (0, x.ndim - 1, *range(1, x.ndim - 1)), (x.ndim - 1, x.ndim - 2, *range(x.ndim - 2))
    parameters["dimension_numbers"] = lax.ConvDimensionNumbers(*layout, layout[0])
    result = jax.eval_shape(partial(lax.conv_general_dilated_p.bind, **parameters), x, kernel)

    # Where the window is larger than the image, XLA takes one for the other, and finds no fast form; nor does it
    # in float64 where the border makes the result larger than the image. An image with its border written out, if
    # the barrier keeps XLA from looking through, has neither fault.
    before, after = np.prod(x.shape[1:-1]), np.prod(result.shape[1:-1])  # pixels
    slow = np.prod(kernel.shape[:-2]) > before or (after > before and x.dtype == np.float64)
    if slow and set(parameters["lhs_dilation"]) == {1}:
        border = [(0, 0, 0), *((*sides, 0) for sides in parameters["padding"]), (0, 0, 0)]
        x = lax.optimization_barrier(lax.pad(x, np.zeros((), x.dtype), border))
        parameters["padding"] = ((0, 0),) * len(space)

    # The windows of all images are written out as one matrix, whose products are four times slower once it does not
    # fit into the processor's cache.
    bytes_of_one = after * np.prod(kernel.shape[:-1]) * x.dtype.itemsize
    step, parts = max(1, int(LARGEST_WINDOWS // bytes_of_one)), 1
    if parameters["batch_group_count"] > 1:
        step = len(x)
    elif parameters["feature_group_count"] == 1:
        # Of a kernel's gradient the batch's examples are the channels, over which the products are summed.
        parts = min(x.shape[-1], math.ceil(bytes_of_one / LARGEST_WINDOWS))

    def whole(piece: Any) -> Any:
        operands = zip(jnp.array_split(piece, parts, -1), jnp.array_split(kernel, parts, -2), strict=True)
        return reduce(jnp.add, (lax.conv_general_dilated_p.bind(*pair, **parameters) for pair in operands))

    result = jnp.concatenate([whole(x[at : at + step]) for at in range(0, len(x), step)])
    return result.transpose(np.argsort((out_n, *out_space, out_c)))


def pool_gradient(gradient: Any, x: Any, **parameters: Any) -> Any:
    """The gradient of a max-pool, which goes to the first maximum of each window.

    JAX's form of it, select_and_scatter, is slow on the CPU. Windows that tile the input need no scatter; others are
    left as they are.
    """
    window = parameters["window_dimensions"]
    tiled = gradient.size * np.prod(window) == x.size and not any(map(any, parameters["padding"]))
    if window != parameters["window_strides"] or not tiled or parameters["select_prim"] is not lax.ge_p:
        return lax.select_and_scatter_add_p.bind(gradient, x, **parameters)
    inside = tuple(range(1, 2 * x.ndim, 2))
    windows = x.reshape([n for pair in zip(gradient.shape, window, strict=True) for n in pair])
    place = jnp.arange(np.prod(window)).reshape([n for w in window for n in (1, w)])
    first = jnp.where(windows == windows.max(inside, keepdims=True), place, place.size).min(inside, keepdims=True)
    return jnp.where(place == first, jnp.expand_dims(gradient, inside), 0).reshape(x.shape)


FAST_FORMS = {lax.conv_general_dilated_p: convolution, lax.select_and_scatter_add_p: pool_gradient}


def rewritten(function: Any, *arguments: Any) -> Any:
    """The function's result, its slow operations replaced by equal ones: it is traced, and the trace is run anew."""
    trace, form = jax.make_jaxpr(function, return_shape=True)(*arguments)
    values = dict(zip(trace.jaxpr.constvars, trace.consts, strict=True))
    values |= zip(trace.jaxpr.invars, jax.tree.leaves(arguments), strict=True)

    def read(variables: Any) -> list[Any]:
        return [v.val if isinstance(v, Literal) else values[v] for v in variables]

    for equation in trace.jaxpr.eqns:
        operation = FAST_FORMS.get(equation.primitive, equation.primitive.bind)
        results = operation(*read(equation.invars), **equation.primitive.get_bind_params(equation.params))
        values |= zip(equation.outvars, results if equation.primitive.multiple_results else [results], strict=True)
    return jax.tree.unflatten(jax.tree.structure(form), read(trace.jaxpr.outvars))
