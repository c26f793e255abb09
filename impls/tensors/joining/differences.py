"""Where joining differs by design."""

from typing import Any

import numpy as np

from impls.operations import RAISES, Difference
from impls.spec import Array
from impls.tensors.pages import jax, tensorflow, torch

Widths = tuple[tuple[int, int], ...]
FITTING: dict[str, Any] = {
    "f": (int, float),
    "i": int,
    "b": bool,
}  # what TensorFlow takes for numbers of a dtype


def passed_over(x: Array, more: Array, axis: int) -> bool:
    """Whether one has the shape (0,) and would not fit otherwise."""
    return (0,) in (x.shape, more.shape) and (x.ndim != more.ndim or axis not in (-1, 0))


def none_less_than_once(x: Array, repeats: int, axis: int | None) -> bool:
    """Whether there is nothing along the axis, and that less than no times."""
    lengths = dict(zip(range(-x.ndim, x.ndim), x.shape * 2, strict=True)) | {None: x.size}
    return repeats < 0 and lengths.get(axis) == 0


def wider_than_the_array(x: Array, widths: Widths, **_: Any) -> bool:
    """Whether the border needs more than there is beside the edge."""
    return any(max(pair) >= side for pair, side in zip(widths, x.shape, strict=True))


def negative(widths: Widths, **_: Any) -> bool:
    """Whether a border has less than no width."""
    return min(min(pair) for pair in widths) < 0


def no_integer(value: float) -> bool:
    """Whether int64 has no such number, even if rounded."""
    return isinstance(value, float) and not abs(value) < 2**63


DIFFERENCES = (
    Difference(
        operations=("concatenate",),
        frameworks=("torch",),
        where="an array of shape (0,) beside one of more axes",
        when=passed_over,
        example={"x": [], "more": [[1.0, 2.0]], "axis": 0},
        numpy=RAISES,
        theirs=[[1.0, 2.0]],
        reason='A "1-D empty tensor with size (0,)" is passed over, whatever the others\' shape and the axis are.',
        link={"torch": torch("cat")},
    ),
    Difference(
        operations=("tile",),
        frameworks=("jax", "keras"),
        where="an empty array less than no times",
        when=lambda x, repeats: x.size == 0 and min(repeats) < 0,
        example={"x": [], "repeats": (-1,)},
        numpy=[],
        theirs=RAISES,
        reason="The length of a tiled axis is its own times reps, which must not be negative, while NumPy first sees "
        "that there is nothing to repeat.",
        link={"jax": jax("numpy.tile"), "keras": tensorflow("tile")},
    ),
    Difference(
        operations=("repeat",),
        frameworks=("jax", "keras", "torch"),
        where="no entries, each less than no times",
        when=none_less_than_once,
        example={"x": [], "repeats": -1, "axis": 0},
        numpy=[],
        theirs=RAISES,
        reason="A negative number of repeats is an error even where there is nothing to repeat; NumPy looks at it for "
        "each entry.",
        link={"jax": jax("numpy.repeat"), "keras": tensorflow("repeat"), "torch": torch("repeat_interleave")},
    ),
    Difference(
        operations=("pad",),
        frameworks=("keras",),
        where="the value -0",
        when=lambda x, value, **_: x.dtype.kind == "f" and value == 0 and bool(np.signbit(value)),
        example={"x": [1.0], "widths": ((1, 0),), "value": -0.0},
        numpy=[-0.0, 1.0],
        theirs=[0.0, 1.0],
        reason="On TensorFlow constant_values that equal 0 are not passed on, since 0 is the default, and -0 equals 0.",
        link={"keras": tensorflow("pad")},
    ),
    Difference(
        operations=("pad",),
        frameworks=("keras",),
        where="a value of another dtype",
        when=lambda x, value, **_: value != 0 and not isinstance(value, FITTING[x.dtype.kind]),
        example={"x": [1, 2], "widths": ((1, 0),), "value": 2.5},
        numpy=[2, 1, 2],
        theirs=RAISES,
        reason='TensorFlow\'s constant_values "must be same type as tensor", where others round.',
        link={"keras": tensorflow("pad")},
    ),
    Difference(
        operations=("pad",),
        frameworks=("jax",),
        where="NaN, an infinity or more than int64 holds as the value among integers",
        when=lambda x, value, **_: x.dtype.kind == "i" and no_integer(value),
        example={"x": [1, 2], "widths": ((1, 0),), "value": float("inf")},
        numpy=RAISES,
        theirs=[2**63 - 1, 1, 2],
        reason="JAX converts constant_values like an array (astype), which takes the nearest integer that there is and "
        "0 for NaN.",
        link={"jax": jax("numpy.pad")},
    ),
    Difference(
        operations=("pad",),
        frameworks=("torch",),
        where="no border at all, and NaN, an infinity or more than int64 holds as the value among integers",
        when=lambda x, widths, value: x.dtype.kind == "i" and no_integer(value) and not np.any(widths),
        example={"x": [1, 2], "widths": ((0, 0),), "value": float("inf")},
        numpy=RAISES,
        theirs=[1, 2],
        reason="PyTorch looks at the fill value only where there is something to fill.",
        link={"torch": torch("nn.functional.pad")},
    ),
    Difference(
        operations=("pad",),
        frameworks=("jax",),
        where="a subnormal value among bools",
        when=lambda x, value, **_: x.dtype.kind == "b" and 0 < abs(value) < np.finfo(float).tiny,
        example={"x": [True], "widths": ((1, 0),), "value": 5e-324},
        numpy=[True, True],
        theirs=[False, True],
        reason="XLA on the CPU flushes subnormal numbers (denormals) to zero, and zero is false.",
        link={"jax": jax("numpy.pad")},
    ),
    Difference(
        operations=("pad", "pad_reflect"),
        frameworks=("torch",),
        where="a negative width",
        when=negative,
        example={"x": [[1.0, 2.0], [3.0, 4.0]], "widths": ((0, 0), (-1, 0)), "value": 0.0},
        numpy=RAISES,
        theirs=[[2.0], [4.0]],
        reason="PyTorch cuts off what a negative padding size says.",
        link={"torch": torch("nn.functional.pad")},
    ),
    Difference(
        operations=("pad_reflect",),
        frameworks=("keras", "torch"),
        where="a border as wide as the array, or an array that is empty",
        when=wider_than_the_array,
        example={"x": [[1.0, 2.0, 3.0]], "widths": ((0, 0), (3, 0))},
        numpy=[[2.0, 3.0, 2.0, 1.0, 2.0, 3.0]],
        theirs=RAISES,
        reason="A reflection must fit into the array: padding is less than its dimension, where NumPy goes on and "
        "mirrors the mirror image.",
        link={"keras": tensorflow("pad"), "torch": torch("nn.ReflectionPad2d")},
    ),
    Difference(
        operations=("pad_reflect",),
        frameworks=("torch",),
        where="bools",
        when=lambda x, **_: x.dtype.kind == "b",
        example={"x": [[True, False]], "widths": ((0, 0), (1, 0))},
        numpy=[[False, True, False]],
        theirs=RAISES,
        reason="PyTorch's reflection padding is made for images and not implemented for bool.",
        link={"torch": torch("nn.ReflectionPad2d")},
    ),
)
