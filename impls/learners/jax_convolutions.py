"""Convolutions and max-pools in forms that XLA's CPU compiler is fast at, in the place of JAX's own.

It does not come to these forms by itself inside a loop (jax-ml/jax#12868), nor anywhere in the gradients, whose windows
outgrow the processor's cache as the batch grows and are border for a good part; nor for images of a single channel. The
results are the same but for rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial, reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import Literal

from impls.spec import Device

LARGEST_WINDOWS = 8 * 2**20  # bytes


def convolution(x: Any, kernel: Any, *, dimension_numbers: Any, **parameters: Any) -> Any:
    """The same convolution, channels last and in the form that suits its shapes.

    XLA's CPU compiler has a fast convolution for channels-last operands alone. It transposes others itself where
    they stand in a program's outermost computation, but not inside a loop (jax-ml/jax#12868); and the gradients
    that JAX derives for a convolution are others.
    """
    (n, c, *space), (o, i, *window), (out_n, out_c, *out_space) = dimension_numbers
    x, kernel = x.transpose(n, *space, c), kernel.transpose(*window, i, o)
    layout = (0, x.ndim - 1, *range(1, x.ndim - 1)), (x.ndim - 1, x.ndim - 2, *range(x.ndim - 2))
    parameters["dimension_numbers"] = lax.ConvDimensionNumbers(*layout, layout[0])
    return channels_last(x, kernel, **parameters).transpose(np.argsort((out_n, *out_space, out_c)))


def channels_last(x: Any, kernel: Any, **parameters: Any) -> Any:
    """The convolution of x, (n, height, width, in), with a kernel, (height, width, in, out), or of other dimensions.

    It goes a few examples at a time. The windows of all of them are written out as one matrix, whose products are four
    times slower once it does not fit into the processor's cache.
    """
    steps = {*parameters["window_strides"], *parameters["lhs_dilation"], *parameters["rhs_dilation"]}
    form: Callable[..., Any] = at_once
    if x.ndim == 4 and steps == {1} and parameters["feature_group_count"] == parameters["batch_group_count"] == 1:
        wider = [sum(sides) - length + 1 for sides, length in zip(parameters["padding"], kernel.shape, strict=False)]
        if max(wider) > 0 and len(kernel) > 1:
            form = by_rows
        elif x.shape[-1] == 1 < min(kernel.shape[:2]) and 2 * max(kernel.shape[:2]) <= min(x.shape[1:3]):
            form = by_blocks
    few = max(1, LARGEST_WINDOWS // bytes_of_windows(x, kernel, parameters))
    if parameters["batch_group_count"] > 1:
        few = len(x)
    return jnp.concatenate([form(x[at : at + few], kernel, **parameters) for at in range(0, len(x), few)])


def bytes_of_windows(x: Any, kernel: Any, parameters: Mapping[str, Any]) -> int:
    """How many bytes the windows of one example take when they are written out."""
    result = jax.eval_shape(partial(lax.conv_general_dilated_p.bind, **parameters), x, kernel)
    return math.prod((*result.shape[1:-1], *kernel.shape[:-1], x.dtype.itemsize))


def by_rows(x: Any, kernel: Any, *, padding: Any, **parameters: Any) -> Any:
    """A convolution along the width alone, whose channels are those of all rows of the kernel; then rows are added.

    For a border that makes the result larger than the image, as in the gradient of a convolution without border: XLA
    would write out windows that are border for the most part, and multiply them by a few columns.
    """
    rows, columns, channels, out = kernel.shape
    kernel = kernel.transpose(1, 2, 0, 3).reshape(1, columns, channels, rows * out)
    y = at_once(x, kernel, padding=((0, 0), padding[1]), **parameters)
    y, zero, (above, below) = y.reshape(*y.shape[:3], rows, out), np.zeros((), x.dtype), padding[0]
    shifted = ([(0, 0, 0), (above - row, below + row + 1 - rows, 0), *[(0, 0, 0)] * 2] for row in range(rows))
    return reduce(jnp.add, (lax.pad(y[:, :, :, row], zero, sides) for row, sides in enumerate(shifted)))


def by_blocks(x: Any, kernel: Any, *, padding: Any, **parameters: Any) -> Any:
    """A convolution of blocks of two by two pixels, which become the channels: four windows share what they overlap in.

    For images with a single channel, whose windows XLA would write out number by number, each for a few products.
    """
    (n, *_), (*window, _, out) = x.shape, kernel.shape
    size = [length + sum(sides) - w + 1 for length, sides, w in zip(x.shape[1:3], padding, window, strict=True)]
    blocks, reach = [-(-s // 2) for s in size], [w // 2 + 1 for w in window]  # of the result, and of a window
    lengths = [2 * (b + r - 1) for b, r in zip(blocks, reach, strict=True)]
    border = [(low, lengths[i] - x.shape[i + 1] - low, 0) for i, (low, _) in enumerate(padding)]
    x = lax.pad(x, np.zeros((), x.dtype), [(0, 0, 0), *border, (0, 0, 0)])
    x = x.reshape(n, lengths[0] // 2, 2, lengths[1] // 2, 2).swapaxes(2, 3).reshape(n, *(e // 2 for e in lengths), 4)

    def at(row: int, column: int) -> Any:
        """The kernel of one of a block's four results."""
        sides = [(place, 2 * r - w - place) for place, r, w in zip((row, column), reach, window, strict=True)]
        return jnp.pad(kernel[:, :, 0], [*sides, (0, 0)])

    kernel = jnp.stack([at(0, 0), at(0, 1), at(1, 0), at(1, 1)], 2).reshape(reach[0], 2, reach[1], 2, 4 * out)
    kernel = kernel.swapaxes(1, 2).reshape(*reach, 4, 4 * out)
    y = at_once(x, kernel, padding=((0, 0), (0, 0)), **parameters).reshape(n, *blocks, 2, 2, out)
    return y.swapaxes(2, 3).reshape(n, *(2 * b for b in blocks), out)[:, : size[0], : size[1]]


def at_once(x: Any, kernel: Any, **parameters: Any) -> Any:
    """XLA's own convolution, or a sum of some over the channels where one example's windows are too many."""
    result = jax.eval_shape(partial(lax.conv_general_dilated_p.bind, **parameters), x, kernel)

    # Where the window is larger than the image, XLA takes one for the other, and finds no fast form; nor does it
    # in float64 where the border makes the result larger than the image. An image with its border written out, if
    # the barrier keeps XLA from looking through, has neither fault.
    before, after = np.prod(x.shape[1:-1]), np.prod(result.shape[1:-1])  # pixels
    slow = np.prod(kernel.shape[:-2]) > before or (after > before and x.dtype == np.float64)
    if slow and set(parameters["lhs_dilation"]) == {1}:
        border = [(0, 0, 0), *((*sides, 0) for sides in parameters["padding"]), (0, 0, 0)]
        x = lax.optimization_barrier(lax.pad(x, np.zeros((), x.dtype), border))
        parameters["padding"] = ((0, 0),) * (x.ndim - 2)

    parts = 1
    if parameters["batch_group_count"] == parameters["feature_group_count"] == 1:
        # Of a kernel's gradient the batch's examples are the channels, over which the products are summed.
        parts = min(x.shape[-1], math.ceil(bytes_of_windows(x, kernel, parameters) / LARGEST_WINDOWS))
    operands = zip(jnp.array_split(x, parts, -1), jnp.array_split(kernel, parts, -2), strict=True)
    return reduce(jnp.add, (lax.conv_general_dilated_p.bind(*pair, **parameters) for pair in operands))


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


def fast(function: Callable[..., Any], device: Device) -> Callable[..., Any]:
    """The function, to be compiled; on the CPU with its slow operations replaced by equal ones.

    It is for steps. A prediction is no loop, and takes no gradients: there XLA's own forms use two threads better.
    """
    return partial(rewritten, function) if device == "cpu" else function


def rewritten(function: Callable[..., Any], *arguments: Any) -> Any:
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
