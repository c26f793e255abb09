"""Where automatic derivatives are others by design than those that stand in NumPy's file by hand."""

from typing import Any

import numpy as np

from impls.operations import RAISES, Difference
from impls.spec import Array
from impls.tensors.conditions import whole
from impls.tensors.pages import TENSORFLOW, TORCH, jax, tensorflow, torch


def boundless(w: Array, x: Array, **_: Any) -> bool:
    """Whether a number of w @ x is infinite or NaN."""
    with np.errstate(invalid="ignore"):
        return not np.isfinite(w @ x).all()


def endless(w: Array, back: Any = 0.0, along: Array | None = None, **_: Any) -> bool:
    """Whether a derivative that is handed in is infinite or NaN."""
    with np.errstate(invalid="ignore"):
        return not np.isfinite(back if along is None else w @ along).all()


INTEGERS = {"w": [[0.5, 1.0]], "x": [2, -1]}
ZERO = [0.0, 0.0]  # the slope at w @ x = 0

DIFFERENCES = (
    Difference(
        operations=("gradient",),
        frameworks=("jax",),
        where="integers",
        when=lambda x, **_: whole(x=x),
        example=INTEGERS,
        numpy=ZERO,
        theirs=RAISES,
        reason="jax.grad derives only by arrays of inexact (floating-point or complex) type.",
        link={"jax": jax("grad")},
    ),
    Difference(
        operations=("gradient",),
        frameworks=("torch",),
        where="integers",
        when=lambda x, **_: whole(x=x),
        example=INTEGERS,
        numpy=ZERO,
        theirs=RAISES,
        reason="Only tensors of floating-point and complex dtype can require gradients.",
        link={"torch": f"{TORCH}/autograd.html"},
    ),
    Difference(
        operations=("gradient",),
        frameworks=("keras",),
        where="integers",
        when=lambda x, **_: whole(x=x),
        example=INTEGERS,
        numpy=ZERO,
        theirs=RAISES,
        reason="TensorFlow has no gradient through integers: the tape gives None, which is no array.",
        link={"keras": f"{TENSORFLOW}/guide/autodiff"},
    ),
    Difference(
        operations=("jacobian",),
        frameworks=("torch", "keras", "jax"),
        where="a row without a derivative",
        when=boundless,
        example={"w": [[0.0], [np.nan]], "x": [1.0]},
        numpy=[[0.0], [np.nan]],
        theirs=[[np.nan], [np.nan]],
        reason="Each row is a vector-Jacobian product with a unit vector, of which the zeros meet the other rows' NaN.",
        link={"torch": torch("func.jacrev"), "keras": tensorflow("GradientTape"), "jax": jax("jacrev")},
    ),
    Difference(
        operations=("vector_jacobian", "jacobian_vector"),
        frameworks=("jax",),
        where="an infinite derivative handed in",
        when=endless,
        example={"w": [[1.0]], "x": [-1.0], "back": [np.inf], "along": [np.inf]},
        numpy=[-np.inf],
        theirs=[np.nan],
        reason="JAX derives t = tanh z as (g + g·t)·(1 - t), where an infinite g is taken from itself if z is "
        "negative.",
        link={"jax": jax("lax.tanh")},
    ),
    Difference(
        operations=("hessian_vector",),
        frameworks=("torch", "keras", "jax"),
        where="an infinite derivative handed in",
        when=endless,
        example={"w": [[1.0]], "x": [0.0], "along": [np.inf]},
        numpy=[np.inf],
        theirs=[np.nan],
        reason="Forward-over-reverse mode derives each factor of the gradient by itself, and 0·∞ is NaN.",
        link={"torch": torch("func.jvp"), "keras": tensorflow("autodiff/ForwardAccumulator"), "jax": jax("jvp")},
    ),
)
