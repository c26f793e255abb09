"""Where automatic derivatives are others by design than those that stand in NumPy's file by hand."""

import numpy as np

from impls.operations import RAISES, Difference


def whole(x, **_):
    """Whether what is derived by are integers."""
    return x.dtype.kind != "f"


def boundless(w, x, **_):
    """Whether a number of w @ x is infinite or NaN."""
    with np.errstate(invalid="ignore"):
        return not np.isfinite(w @ x).all()


def endless(w, back=0.0, along=None, **_):
    """Whether a derivative that is handed in is infinite or NaN."""
    with np.errstate(invalid="ignore"):
        return not np.isfinite(back if along is None else w @ along).all()


INTEGERS = {"w": [[0.5, 1.0]], "x": [2, -1]}
ZERO = [0.0, 0.0]  # the slope at w @ x = 0

DIFFERENCES = (
    Difference(
        ("gradient",),
        ("jax",),
        "integers",
        whole,
        INTEGERS,
        ZERO,
        RAISES,
        "jax.grad derives only by arrays of inexact (floating-point or complex) type.",
        "https://docs.jax.dev/en/latest/_autosummary/jax.grad.html",
    ),
    Difference(
        ("gradient",),
        ("torch",),
        "integers",
        whole,
        INTEGERS,
        ZERO,
        RAISES,
        "Only tensors of floating-point and complex dtype can require gradients.",
        "https://docs.pytorch.org/docs/stable/autograd.html",
    ),
    Difference(
        ("gradient",),
        ("keras",),
        "integers",
        whole,
        INTEGERS,
        ZERO,
        RAISES,
        "TensorFlow has no gradient through integers: the tape gives None, which is no array.",
        "https://www.tensorflow.org/guide/autodiff",
    ),
    Difference(
        ("jacobian",),
        ("torch", "keras", "jax"),
        "a row without a derivative",
        boundless,
        {"w": [[0.0], [np.nan]], "x": [1.0]},
        [[0.0], [np.nan]],
        [[np.nan], [np.nan]],
        "Each row is a vector-Jacobian product with a unit vector, of which the zeros meet the other rows' NaN.",
        "https://docs.jax.dev/en/latest/notebooks/autodiff_cookbook.html",
    ),
    Difference(
        ("vector_jacobian", "jacobian_vector"),
        ("jax",),
        "an infinite derivative handed in",
        endless,
        {"w": [[1.0]], "x": [-1.0], "back": [np.inf], "along": [np.inf]},
        [-np.inf],
        [np.nan],
        "JAX derives t = tanh z as (g + g·t)·(1 - t), where an infinite g is taken from itself if z is negative.",
        "https://docs.jax.dev/en/latest/_autosummary/jax.lax.tanh.html",
    ),
    Difference(
        ("hessian_vector",),
        ("torch", "keras", "jax"),
        "an infinite derivative handed in",
        endless,
        {"w": [[1.0]], "x": [0.0], "along": [np.inf]},
        [np.inf],
        [np.nan],
        "Forward-over-reverse mode derives each factor of the gradient by itself, and 0·∞ is NaN.",
        "https://docs.jax.dev/en/latest/notebooks/autodiff_cookbook.html",
    ),
)
