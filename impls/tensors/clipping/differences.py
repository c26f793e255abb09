"""Where clipping and rounding are not NumPy's, by a framework's design."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from impls.operations import RAISES, Difference
from impls.tensors.conditions import bools, negative_zero, not_a_number, subnormal, whole
from impls.tensors.pages import FLUSHED, FLUSHES, TORCH, XLA, jax, keras, tensorflow, torch


def zeros_meet(x: Any, low: Any, high: Any = 1.0, **_: Any) -> bool:
    """Whether 0 and -0 are compared with each other."""
    signs = [np.where(np.equal(v, 0), np.copysign(1, v), 0) for v in (x * 1.0, low, high)]
    return any((a * b == -1).any() for a, b in combinations(signs, 2))


def crossed(low: Any, high: Any = np.inf, **_: Any) -> bool:
    """Whether a lower bound is above the upper one."""
    return bool(np.any(low > high))


def rounded_bound(x: Any, low: float, high: float = 0.0) -> bool:
    """Whether numbers that are no floats meet a bound that float32 has to round."""
    return whole(x=x) and any(float(np.float32(bound)) != bound for bound in (low, high))


SUBNORMAL = Difference(
    operations=("clip", "clip_below"),
    frameworks=("keras", "jax"),
    where="subnormal numbers",
    when=subnormal,
    example={"x": [5e-324, -1e-310], "low": -1.0, "high": 1.0},
    numpy=[5e-324, -1e-310],
    theirs=[0.0, -0.0],
    reason=FLUSHED,
    link=FLUSHES,
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
    link={"keras": tensorflow("clip_by_value")},
)
WHOLE = Difference(
    operations=("clip",),
    frameworks=("keras",),
    where="integers or bools between bounds that are floats",
    when=lambda x, **_: whole(x=x),
    example={"x": [3, -4], "low": 0.0, "high": 1.0},
    numpy=[1.0, 0.0],
    theirs=RAISES,
    reason="tf.clip_by_value promotes no types and says TypeError; cast to floats first.",
    link={"keras": tensorflow("clip_by_value")},
)
SIGN_OF_ZERO = Difference(
    operations=("sign",),
    frameworks=("jax",),
    where="-0",
    when=negative_zero,
    example={"x": [-0.0]},
    numpy=[0.0],
    theirs=[-0.0],
    reason="XLA's sign of a zero is that zero.",
    link={"jax": jax("lax.sign")},
)
DIFFERENCES = (
    SUBNORMAL,
    replace(
        SUBNORMAL,
        operations=("clip_columns",),
        example={"x": [[5e-324, -1e-310]], "low": [-1.0] * 2, "high": [1.0] * 2},
        numpy=[[5e-324, -1e-310]],
        theirs=[[0.0, -0.0]],
    ),
    replace(SUBNORMAL, operations=("floor",), example={"x": [-1e-310]}, numpy=[-1.0], theirs=[-0.0]),
    replace(SUBNORMAL, operations=("ceil",), example={"x": [5e-324]}, numpy=[1.0], theirs=[0.0]),
    replace(SUBNORMAL, operations=("sign",), example={"x": [5e-324]}, numpy=[1.0], theirs=[0.0]),
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
        when=rounded_bound,
        example={"x": [0, 1], "low": 0.1, "high": 2.5},
        numpy=[0.1, 1.0],
        theirs=[float(np.float32(0.1)), 1.0],
        reason="Type promotion: with a Python float, integers become the default dtype, which is float32.",
        link={"torch": f"{TORCH}/tensor_attributes.html"},
    ),
    Difference(
        operations=("clip",),
        frameworks=("jax",),
        where="-0 and a bound of 0",
        when=zeros_meet,
        example={"x": [-0.0] * 8, "low": 0.0, "high": 1.0},
        numpy=[-0.0] * 8,
        theirs=[0.0] * 8,
        reason="IEEE 754 leaves open which zero is larger: NumPy's clip keeps the number, JAX' clip the bound.",
        link={"jax": jax("numpy.clip")},
    ),
    Difference(
        operations=("clip",),
        frameworks=("keras",),
        where="-0 and a bound of 0",
        when=zeros_meet,
        example={"x": [-0.0] * 8, "low": 0.0, "high": 1.0},
        numpy=[-0.0] * 8,
        theirs=[0.0] * 8,
        reason="IEEE 754 leaves open which zero is larger: NumPy's clip keeps the number, Eigen the bound.",
        link={"keras": keras("clip")},
        modes=("eager", "graph"),
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
        link={"torch": torch("clamp"), "keras": keras("maximum")},
    ),
    Difference(
        operations=("clip_columns",),
        frameworks=("torch", "jax"),
        where="0 and a bound of -0",
        when=zeros_meet,
        example={"x": [[0.0, 0.0]], "low": [-0.0, -0.0], "high": [1.0, 1.0]},
        numpy=[[-0.0, -0.0]],
        theirs=[[0.0, 0.0]],
        reason="IEEE 754 leaves open which zero is larger: with arrays as bounds NumPy's clip takes the bound.",
        link={"torch": torch("clamp"), "jax": jax("numpy.clip")},
    ),
    Difference(
        operations=("clip_columns",),
        frameworks=("keras",),
        where="0 and -0 among numbers and bounds",
        when=zeros_meet,
        example={"x": [[-1.0] * 3] * 2, "low": [0.0] * 3, "high": [-0.0] * 3},
        numpy=[[-0.0] * 3] * 2,
        theirs=[[0.0] * 3] * 2,
        reason="IEEE 754 leaves open which zero is larger; Eigen takes one in whole vectors and the other in the rest.",
        link={"keras": tensorflow("clip_by_value")},
    ),
    Difference(
        operations=("clip_columns",),
        frameworks=("keras",),
        where="NaN among the bounds",
        when=lambda low, high, **_: not_a_number(low=low, high=high),
        example={"x": [[0.5]], "low": [0.0], "high": [np.nan]},
        numpy=[[np.nan]],
        theirs=[[0.5]],
        reason="XLA on the CPU compares by < and >, which are false of NaN, so that such a bound is none.",
        link={"keras": f"{XLA}#clamp"},
        modes=("xla",),
    ),
    SIGN_OF_ZERO,
    SIGN_OF_ZERO.also("keras", f"{XLA}#sign", "xla"),
    Difference(
        operations=("sign",),
        frameworks=("torch",),
        where="NaN",
        when=not_a_number,
        example={"x": [np.nan]},
        numpy=[np.nan],
        theirs=[0.0],
        reason="sgn(x) is computed as (x > 0) - (x < 0), and NaN is neither.",
        link={"torch": torch("sign")},
    ),
    Difference(
        operations=("sign",),
        frameworks=("torch",),
        where="bools",
        when=bools,
        example={"x": [True, False]},
        numpy=RAISES,
        theirs=[True, False],
        reason="torch.sign gives bools as they are; NumPy has no sign of a bool.",
        link={"torch": torch("sign")},
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
        link={"keras": keras("floor")},
    ),
    Difference(
        operations=("floor", "ceil", "truncate", "absolute"),
        frameworks=("torch",),
        where="bools",
        when=bools,
        example={"x": [True, False]},
        numpy=[True, False],
        theirs=RAISES,
        reason="These functions are not implemented for torch.bool.",
        link={"torch": torch("floor")},
    ),
    Difference(
        operations=("round_half_even",),
        frameworks=("torch", "keras", "jax"),
        where="bools",
        when=bools,
        example={"x": [True, False]},
        numpy=[1.0, 0.0],
        theirs=RAISES,
        reason="NumPy alone rounds bools, and gives float16.",
        link={"torch": torch("round"), "keras": keras("round"), "jax": jax("numpy.round")},
    ),
)
