"""Where clipping and rounding are not NumPy's, by a framework's design."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from impls.operations import RAISES, Difference

JAX_NOTES = "https://docs.jax.dev/en/latest/notebooks/Common_Gotchas_in_JAX.html"
CLIP_BY_VALUE = "https://www.tensorflow.org/api_docs/python/tf/clip_by_value"


def subnormal(x: Any, **_: Any) -> bool:
    """Whether there are subnormal numbers."""
    return bool((np.abs(x * 1.0) < np.finfo(np.float64).tiny)[x != 0].any())


def zeros_meet(x: Any, low: Any, high: Any = 1.0, **_: Any) -> bool:
    """Whether 0 and -0 are compared with each other."""
    signs = [np.where(np.equal(v, 0), np.copysign(1, v), 0) for v in (x * 1.0, low, high)]
    return any((a * b == -1).any() for a, b in combinations(signs, 2))


def crossed(low: Any, high: Any = np.inf, **_: Any) -> bool:
    """Whether a lower bound is above the upper one."""
    return bool(np.any(low > high))


def whole(x: Any, **_: Any) -> bool:
    """Whether it is integers or bools."""
    return x.dtype.kind in "ib"


def truths(x: Any, **_: Any) -> bool:
    """Whether it is bools."""
    return x.dtype.kind == "b"


FLUSHED = Difference(
    operations=("clip", "clip_below"),
    frameworks=("keras", "jax"),
    where="subnormal numbers",
    when=subnormal,
    example={"x": [5e-324, -1e-310], "low": -1.0, "high": 1.0},
    numpy=[5e-324, -1e-310],
    theirs=[0.0, -0.0],
    reason="TensorFlow's and XLA's kernels on the CPU run with denormals flushed to zero.",
    link=JAX_NOTES,
)
CROSSED = Difference(
    operations=("clip",),
    frameworks=("keras",),
    where="a lower bound above the upper one",
    when=crossed,
    example={"x": [0.0], "low": 0.1, "high": -3.0},
    numpy=[-3.0],
    theirs=[0.1],
    reason="tf.clip_by_value looks at the lower bound last, and its documentation asks for bounds in order.",
    link=CLIP_BY_VALUE,
)
WHOLE = Difference(
    operations=("clip",),
    frameworks=("keras",),
    where="integers or bools between bounds that are floats",
    when=whole,
    example={"x": [3, -4], "low": 0.0, "high": 1.0},
    numpy=[1.0, 0.0],
    theirs=RAISES,
    reason="tf.clip_by_value promotes no types and says TypeError; cast to floats first.",
    link=CLIP_BY_VALUE,
)
DIFFERENCES = (
    FLUSHED,
    replace(
        FLUSHED,
        operations=("clip_columns",),
        example={"x": [[5e-324, -1e-310]], "low": [-1.0] * 2, "high": [1.0] * 2},
        numpy=[[5e-324, -1e-310]],
        theirs=[[0.0, -0.0]],
    ),
    replace(FLUSHED, operations=("floor",), example={"x": [-1e-310]}, numpy=[-1.0], theirs=[-0.0]),
    replace(FLUSHED, operations=("ceil",), example={"x": [5e-324]}, numpy=[1.0], theirs=[0.0]),
    replace(FLUSHED, operations=("sign",), example={"x": [5e-324]}, numpy=[1.0], theirs=[0.0]),
    CROSSED,
    replace(
        CROSSED,
        operations=("clip_columns",),
        example={"x": [[0.0]], "low": [0.1], "high": [-3.0]},
        numpy=[[-3.0]],
        theirs=[[0.1]],
    ),
    WHOLE,
    replace(
        WHOLE,
        operations=("clip_columns",),
        example={"x": [[3, -4]], "low": [0.0, 0.0], "high": [1.0, 1.0]},
        numpy=[[1.0, 0.0]],
    ),
    Difference(
        operations=("clip", "clip_below"),
        frameworks=("torch",),
        where="integers or bools and a bound that is a Python float",
        when=lambda x, low, **_: whole(x) and low == 0.1,  # the one of the edges that float32 rounds
        example={"x": [0, 1], "low": 0.1, "high": 2.5},
        numpy=[0.1, 1.0],
        theirs=[float(np.float32(0.1)), 1.0],
        reason="Type promotion: with a Python float, integers become the default dtype, which is float32.",
        link="https://docs.pytorch.org/docs/stable/tensor_attributes.html",
    ),
    Difference(
        operations=("clip",),
        frameworks=("keras", "jax"),
        where="-0 and a bound of 0",
        when=zeros_meet,
        example={"x": [-0.0] * 8, "low": 0.0, "high": 1.0},
        numpy=[-0.0] * 8,
        theirs=[0.0] * 8,
        reason="IEEE 754 leaves open which zero is larger: NumPy's clip keeps the number, XLA and Eigen the bound.",
        link="https://numpy.org/doc/stable/reference/generated/numpy.clip.html",
    ),
    Difference(
        operations=("clip_below",),
        frameworks=("torch", "keras"),
        where="-0 and a bound of 0",
        when=zeros_meet,
        example={"x": [-0.0], "low": 0.0},
        numpy=[0.0],
        theirs=[-0.0],
        reason="IEEE 754 leaves open which zero is larger: of equals NumPy's maximum gives the second, here the bound.",
        link="https://numpy.org/doc/stable/reference/generated/numpy.maximum.html",
    ),
    Difference(
        operations=("clip_columns",),
        frameworks=("torch", "keras", "jax"),
        where="0 and a bound of -0",
        when=zeros_meet,
        example={"x": [[0.0, 0.0]], "low": [-0.0, -0.0], "high": [1.0, 1.0]},
        numpy=[[-0.0, -0.0]],
        theirs=[[0.0, 0.0]],
        reason="IEEE 754 leaves open which zero is larger: with arrays as bounds NumPy's clip takes the bound.",
        link="https://numpy.org/doc/stable/reference/generated/numpy.clip.html",
    ),
    Difference(
        operations=("sign",),
        frameworks=("jax",),
        where="-0",
        when=lambda x: bool(np.any((x == 0) & np.signbit(x * 1.0))),
        example={"x": [-0.0]},
        numpy=[0.0],
        theirs=[-0.0],
        reason="The sign of a zero is that zero (lax.sign).",
        link="https://docs.jax.dev/en/latest/_autosummary/jax.lax.sign.html",
    ),
    Difference(
        operations=("sign",),
        frameworks=("torch",),
        where="NaN",
        when=lambda x: bool(np.isnan(x * 1.0).any()),
        example={"x": [np.nan]},
        numpy=[np.nan],
        theirs=[0.0],
        reason="sgn(x) is computed as (x > 0) - (x < 0), and NaN is neither.",
        link="https://docs.pytorch.org/docs/stable/generated/torch.sign.html",
    ),
    Difference(
        operations=("sign",),
        frameworks=("torch",),
        where="bools",
        when=truths,
        example={"x": [True, False]},
        numpy=RAISES,
        theirs=[True, False],
        reason="torch.sign gives bools as they are; NumPy has no sign of a bool.",
        link="https://docs.pytorch.org/docs/stable/generated/torch.sign.html",
    ),
    Difference(
        operations=("floor", "ceil"),
        frameworks=("keras",),
        where="integers and bools",
        when=whole,
        example={"x": [-2, 0, 3]},
        numpy=[-2, 0, 3],
        theirs=[-2.0, 0.0, 3.0],
        reason="Keras casts them to floatx first.",
        link="https://keras.io/api/ops/numpy/",
    ),
    Difference(
        operations=("floor", "ceil", "truncate", "absolute"),
        frameworks=("torch",),
        where="bools",
        when=truths,
        example={"x": [True, False]},
        numpy=[True, False],
        theirs=RAISES,
        reason="These functions are not implemented for torch.bool.",
        link="https://docs.pytorch.org/docs/stable/generated/torch.floor.html",
    ),
    Difference(
        operations=("round_half_even",),
        frameworks=("torch", "keras", "jax"),
        where="bools",
        when=truths,
        example={"x": [True, False]},
        numpy=[1.0, 0.0],
        theirs=RAISES,
        reason="NumPy alone rounds bools, and gives float16.",
        link="https://numpy.org/doc/stable/reference/generated/numpy.round.html",
    ),
)
