"""Where filling differs by design."""

import math
from typing import Any

import numpy as np

from impls.operations import RAISES, Difference
from impls.spec import Array
from impls.tensors.conditions import bools, subnormal
from impls.tensors.pages import jax, keras, tensorflow, torch


def filled_bool(**arrays: Any) -> bool:
    """Whether it is bools that are filled."""
    return bools(x=arrays["x"]) if "x" in arrays else bools(like=arrays["like"])


def of_integers(like: Array) -> bool:
    """Whether it is integers that are counted."""
    return like.dtype.kind == "i"


def integral(*numbers: float) -> bool:
    """Whether all of them are whole numbers."""
    return all(float(number).is_integer() for number in numbers)


def endless(start: float, stop: float) -> bool:
    """Whether an end is infinite or NaN."""
    return not (math.isfinite(start) and math.isfinite(stop))


def between(start: float, stop: float, count: int) -> Array:
    """The numbers that are, before they are made integers."""
    return np.linspace(start, stop, max(count, 2))[1:-1]


DIFFERENCES = (
    Difference(
        operations=("full", "full_like"),
        frameworks=("keras",),
        where="bools filled with a number that float32 has as 0",
        when=lambda value, **arrays: filled_bool(**arrays) and 0 < abs(value) < float(np.finfo(np.float32).tiny),
        example={"like": [True], "shape": (1,), "x": [True], "value": 5e-324},
        numpy=[True],
        theirs=[False],
        reason="convert_to_tensor makes float32 of a Python float, which then is cast to bool.",
        link={"keras": tensorflow("convert_to_tensor")},
    ),
    Difference(
        operations=("full", "full_like"),
        frameworks=("keras",),
        where="bools filled with a number that float32 does not have",
        when=lambda value, **arrays: filled_bool(**arrays) and float(np.finfo(np.float32).max) < abs(value) < math.inf,
        example={"like": [True], "shape": (1,), "x": [True], "value": 1e300},
        numpy=[True],
        theirs=RAISES,
        reason="convert_to_tensor makes float32 of a Python float, which then is cast to bool, and refuses one that is "
        "out of range.",
        link={"keras": tensorflow("convert_to_tensor")},
        modes=("eager",),
    ),
    Difference(
        operations=("arange",),
        frameworks=("keras", "torch"),
        where="a step away from the stop",
        when=lambda start, stop, step, **_: (stop - start) * step < 0,
        example={"like": [0.0], "start": 3.0, "stop": 0.0, "step": 1.0},
        numpy=[],
        theirs=RAISES,
        reason="Bounds that are inconsistent with the sign of the step are an error, where NumPy's range is empty.",
        link={"keras": tensorflow("range"), "torch": torch("arange")},
    ),
    Difference(
        operations=("arange",),
        frameworks=("jax", "keras", "torch"),
        where="an infinite step towards the stop",
        when=lambda start, stop, step, **_: math.isinf(step) and (stop - start) * step > 0,
        example={"like": [0.0], "start": 0.0, "stop": 1.0, "step": math.inf},
        numpy=[0.0],
        theirs=[],
        reason="The length is ceil((stop - start) / step), which is 0, where NumPy gives the start alone.",
        link={"jax": jax("numpy.arange"), "keras": tensorflow("range"), "torch": torch("arange")},
    ),
    Difference(
        operations=("arange",),
        frameworks=("torch",),
        where="bounds or a step that are not whole, in integers",
        when=lambda like, start, stop, step: of_integers(like) and not integral(start, stop, step),
        example={"like": [0], "start": 0.0, "stop": 2.5, "step": 1.0},
        numpy=[0, 1, 2],
        theirs=[0, 1],
        reason="PyTorch makes start, end and step integers first and counts then; NumPy counts first.",
        link={"torch": torch("arange")},
    ),
    Difference(
        operations=("arange",),
        frameworks=("jax",),
        where="a start or a step that is not whole, in integers",
        when=lambda like, start, step, **_: of_integers(like) and not integral(start, step),
        example={"like": [0], "start": 0.25, "stop": -1.0, "step": -1.0},
        numpy=[0, 0],
        theirs=[0, -1],
        reason="NumPy makes the first two numbers integers and goes on with their difference, int(start + step) - "
        "int(start), which is not the step; JAX makes the step one.",
        link={"jax": jax("numpy.arange")},
    ),
    Difference(
        operations=("arange",),
        frameworks=("keras",),
        where="floats as bounds or step, in integers",
        when=lambda like, **numbers: of_integers(like) and float in map(type, numbers.values()),
        example={"like": [0], "start": 0.0, "stop": 2.0, "step": 1.0},
        numpy=[0, 1],
        theirs=RAISES,
        reason="TensorFlow converts start, limit and delta to the dtype, and no float to an integer.",
        link={"keras": tensorflow("range")},
    ),
    Difference(
        operations=("linspace",),
        frameworks=("keras", "torch"),
        where="ends that are not whole, in integers",
        when=lambda like, start, stop, **_: of_integers(like) and not integral(start, stop),
        example={"like": [0], "start": 0.25, "stop": 2.5, "count": 4},
        numpy=[0, 1, 1, 2],
        theirs=[0, 0, 1, 2],
        reason="The dtype is the one that is computed in, so that start and end become integers first.",
        link={"keras": tensorflow("linspace"), "torch": torch("linspace")},
    ),
    Difference(
        operations=("linspace",),
        frameworks=("torch",),
        where="whole ends and numbers below zero between them that are not, in integers",
        when=lambda like, start, stop, count: (
            of_integers(like) and integral(start, stop) and any(n < 0 and n % 1 for n in between(start, stop, count))
        ),
        example={"like": [0], "start": -1.0, "stop": 1.0, "count": 5},
        numpy=[-1, -1, 0, 0, 1],
        theirs=[-1, 0, 0, 0, 1],
        reason="NumPy rounds towards minus infinity where an integer dtype is specified, PyTorch towards zero.",
        link={"torch": torch("linspace")},
    ),
    Difference(
        operations=("linspace",),
        frameworks=("jax",),
        where="whole numbers between the ends, in integers",
        when=lambda like, start, stop, count: of_integers(like) and any(map(integral, between(start, stop, count))),
        example={"like": [0], "start": 1.0, "stop": 7.0, "count": 4},
        numpy=[1, 3, 5, 7],
        theirs=[1, 3, 4, 7],
        reason="JAX rounds down as NumPy does, but takes a weighted mean of start and stop first, which may lie a "
        "little below the whole number.",
        link={"jax": jax("numpy.linspace")},
    ),
    Difference(
        operations=("linspace",),
        frameworks=("jax", "keras", "torch"),
        where="one number and an end that is infinite or NaN",
        when=lambda start, stop, count, **_: endless(start, stop) and count == 1,
        example={"like": [0.0], "start": 1.0, "stop": math.inf, "count": 1},
        numpy=[math.nan],
        theirs=[1.0],
        reason="One sample is the start, while NumPy adds to it zero times a step that is infinite or NaN.",
        link={"jax": jax("numpy.linspace"), "keras": tensorflow("linspace"), "torch": torch("linspace")},
    ),
    Difference(
        operations=("linspace",),
        frameworks=("jax",),
        where="an infinite start",
        when=lambda start, count, **_: math.isinf(start) and count > 1,
        example={"like": [0.0], "start": math.inf, "stop": 0.0, "count": 3},
        numpy=[math.nan, math.nan, 0.0],
        theirs=[math.inf, math.inf, 0.0],
        reason="JAX takes weighted means of start and stop; NumPy adds multiples of the step to the start, and inf - "
        "inf is NaN.",
        link={"jax": jax("numpy.linspace")},
    ),
    Difference(
        operations=("linspace",),
        frameworks=("keras",),
        where="an infinite end, or a stop that is NaN",
        when=lambda start, stop, count, **_: endless(start, stop) and not math.isnan(start) and count > 1,
        example={"like": [0.0], "start": 0.0, "stop": math.inf, "count": 3},
        numpy=[math.nan, math.inf, math.inf],
        theirs=[0.0, math.inf, math.inf],
        reason="TensorFlow has the start itself in front; NumPy adds to it zero times a step that is infinite or NaN.",
        link={"keras": tensorflow("linspace")},
    ),
    Difference(
        operations=("linspace",),
        frameworks=("torch",),
        where="an end that is infinite or NaN",
        when=lambda start, stop, count, **_: endless(start, stop) and count > 1,
        example={"like": [0.0], "start": 0.0, "stop": math.inf, "count": 3},
        numpy=[math.nan, math.inf, math.inf],
        theirs=[math.nan, math.nan, math.nan],
        reason="PyTorch counts the first half from the start on and the second from the end back: 0 times infinity and "
        "infinity minus infinity are NaN.",
        link={"torch": torch("linspace")},
    ),
    Difference(
        operations=("tril", "triu"),
        frameworks=("jax", "keras", "torch"),
        where="an array of one axis",
        when=lambda x, **_: x.ndim == 1,
        example={"x": [1.0], "diagonal": 0},
        numpy=[[1.0]],
        theirs=RAISES,
        reason="What is no matrix has no triangle; NumPy first repeats a vector as each row of a square.",
        link={"jax": jax("numpy.tril"), "keras": keras("tril"), "torch": torch("tril")},
    ),
    Difference(
        operations=("tril",),
        frameworks=("keras",),
        where="more diagonals above than there are columns",
        when=lambda x, diagonal: x.ndim > 1 and diagonal > x.shape[-1],
        example={"x": [[1.0, 2.0]], "diagonal": 3},
        numpy=[[1.0, 2.0]],
        theirs=RAISES,
        reason="TensorFlow's num_upper, the diagonals above that band_part keeps, goes up to the number of columns.",
        link={"keras": tensorflow("linalg/band_part")},
        modes=("eager", "graph"),
    ),
    Difference(
        operations=("triu",),
        frameworks=("keras",),
        where="more diagonals below than there are rows",
        when=lambda x, diagonal: x.ndim > 1 and -diagonal > x.shape[-2],
        example={"x": [[1.0, 2.0]], "diagonal": -2},
        numpy=[[1.0, 2.0]],
        theirs=RAISES,
        reason="TensorFlow's num_lower, the diagonals below that band_part keeps, goes up to the number of rows.",
        link={"keras": tensorflow("linalg/band_part")},
        modes=("eager", "graph"),
    ),
    Difference(
        operations=("diagonal",),
        frameworks=("keras",),
        where="an offset that leaves the matrix",
        when=lambda x, offset: x.ndim > 1 and offset != 0 and (offset >= x.shape[1] or -offset >= x.shape[0]),
        example={"x": [[1.0, 2.0], [3.0, 4.0]], "offset": 2},
        numpy=[],
        theirs=RAISES,
        reason="TensorFlow's diag_part refuses a k that is out of range.",
        link={"keras": tensorflow("linalg/diag_part")},
    ),
    Difference(
        operations=("meshgrid",),
        frameworks=("jax",),
        where="coordinates of another number of axes than one",
        when=lambda u, v, **_: (u.ndim, v.ndim) != (1, 1),
        example={"u": [[1.0, 2.0]], "v": [3.0], "indexing": "ij"},
        numpy=[[[1.0, 3.0]], [[2.0, 3.0]]],
        theirs=RAISES,
        reason="The arguments are one-dimensional vectors; NumPy flattens others.",
        link={"jax": jax("numpy.meshgrid")},
    ),
    Difference(
        operations=("meshgrid",),
        frameworks=("torch",),
        where="coordinates of more axes than one",
        when=lambda u, v, **_: max(u.ndim, v.ndim) > 1,
        example={"u": [[1.0, 2.0]], "v": [3.0], "indexing": "ij"},
        numpy=[[[1.0, 3.0]], [[2.0, 3.0]]],
        theirs=RAISES,
        reason="The tensors are scalars or one-dimensional; NumPy flattens others.",
        link={"torch": torch("meshgrid")},
    ),
    Difference(
        operations=("meshgrid",),
        frameworks=("torch",),
        where="coordinates of two dtypes",
        when=lambda u, v, **_: u.dtype != v.dtype,
        example={"u": [1], "v": [0.5], "indexing": "ij"},
        numpy=[[[1.0, 0.5]]],
        theirs=RAISES,
        reason="All tensors of PyTorch's meshgrid must have the same dtype.",
        link={"torch": torch("meshgrid")},
    ),
    Difference(
        operations=("meshgrid",),
        frameworks=("keras",),
        where="coordinates of two dtypes, neither of them bool",
        when=lambda u, v, **_: u.dtype != v.dtype and "b" not in u.dtype.kind + v.dtype.kind,
        example={"u": [1], "v": [0.5], "indexing": "ij"},
        numpy=[[[1.0, 0.5]]],
        theirs=RAISES,
        reason="TensorFlow multiplies each by ones of the first one's dtype, and its operators promote no types.",
        link={"keras": tensorflow("meshgrid")},
    ),
    Difference(
        operations=("meshgrid",),
        frameworks=("keras",),
        where="numbers beside bools",
        when=lambda u, v, **_: u.dtype.kind == "b" and v.dtype.kind != "b",
        example={"u": [True], "v": [0.5, 2.0], "indexing": "ij"},
        numpy=[[[1.0, 0.5], [1.0, 2.0]]],
        theirs=[[[True, False], [True, True]]],
        reason="TensorFlow multiplies each by ones of the first one's dtype, and a product with bools is made of whole "
        "numbers and is bool again.",
        link={"keras": tensorflow("meshgrid")},
    ),
    Difference(
        operations=("meshgrid",),
        frameworks=("keras",),
        where="subnormal numbers",
        when=subnormal,
        example={"u": [5e-324, 1.0], "v": [1.0], "indexing": "ij"},
        numpy=[[[5e-324, 1.0]], [[1.0, 1.0]]],
        theirs=[[[0.0, 1.0]], [[1.0, 1.0]]],
        reason="TensorFlow multiplies each by one, and its kernels flush subnormal numbers (denormals) to zero.",
        link={"keras": tensorflow("meshgrid")},
        modes=("eager",),
    ),
)
