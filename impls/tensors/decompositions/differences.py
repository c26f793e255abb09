"""Where frameworks' decompositions do otherwise than NumPy's, by their own design."""

from typing import Any

import numpy as np

from impls.operations import RAISES, Difference
from impls.tensors.conditions import not_finite
from impls.tensors.pages import JAX, TORCH, jax, keras, tensorflow, torch

NAN, INF = np.nan, np.inf
NUMERICS = f"{TORCH}/notes/numerical_accuracy.html#linear-algebra-torch-linalg"
IDENTITY = [[1.0, 0.0], [0.0, 1.0]]


def singular(**inputs: Any) -> bool:
    """Whether a matrix has no inverse."""
    square = inputs["square"]
    return bool(np.isfinite(square).all()) and np.linalg.matrix_rank(square) < len(square)


def no_inverse(**inputs: Any) -> bool:
    """Whether a matrix is singular, or has something that is not finite."""
    return singular(**inputs) or not_finite(square=inputs["square"])


def not_positive(positive: Any) -> bool:
    """Whether a matrix, made symmetric, is not positive definite."""
    return bool(np.any(np.linalg.eigvalsh(np.nan_to_num(positive + positive.T)) <= 0))


DIFFERENCES = (
    # --- without an error ---
    Difference(
        operations=("solve", "inverse"),
        frameworks=("jax",),
        where="a singular matrix",
        when=singular,
        example={"square": [[0.0]], "right": [[1.0]]},
        numpy=RAISES,
        theirs=[[INF]],
        reason="A compiled program cannot raise an error that depends on values, unless it is asked to by checkify.",
        link={"jax": f"{JAX}/debugging/checkify_guide.html"},
    ),
    Difference(
        operations=("cholesky",),
        frameworks=("jax",),
        where="a matrix that is not positive definite",
        when=not_positive,
        example={"positive": [[-1.0]]},
        numpy=RAISES,
        theirs=[[NAN]],
        reason="A compiled program cannot raise an error: it gives NaN where the matrix is not positive definite.",
        link={"jax": jax("numpy.linalg.cholesky")},
    ),
    Difference(
        operations=("eigenvalues_general",),
        frameworks=("torch", "jax"),
        where="NaN",
        when=not_finite,
        example={"square": [[NAN]]},
        numpy=RAISES,
        theirs=[[NAN, NAN]],
        reason="NumPy looks for values that are not finite before it begins; PyTorch gives no guarantee for such "
        "values, and JAX cannot raise errors that depend on values.",
        link={
            "torch": NUMERICS,
            "jax": jax("numpy.linalg.eigvals"),
        },
    ),
    Difference(
        operations=("svd",),
        frameworks=("keras", "jax"),
        where="NaN",
        when=not_finite,
        example={"tall": [[NAN]]},
        numpy=RAISES,
        theirs=[NAN, NAN, NAN, NAN],
        reason="Where the iteration does not converge, all that it gives is NaN, and nothing is raised.",
        link={"keras": tensorflow("linalg/svd"), "jax": jax("lax.linalg.svd")},
    ),
    Difference(
        operations=("singular_values",),
        frameworks=("keras", "jax"),
        where="NaN",
        when=not_finite,
        example={"tall": [[NAN]]},
        numpy=RAISES,
        theirs=[NAN],
        reason="Where the iteration does not converge, all that it gives is NaN, and nothing is raised.",
        link={"keras": tensorflow("linalg/svd"), "jax": jax("lax.linalg.svd")},
    ),
    Difference(
        operations=("pseudo_inverse", "least_squares"),
        frameworks=("keras", "jax"),
        where="NaN",
        when=not_finite,
        example={"tall": [[NAN]], "right": [[1.0]], "rtol": 1e-10, "rcond": 1e-10},
        numpy=RAISES,
        theirs=[[NAN]],
        reason="They are made of the singular value decomposition, which gives NaN and raises nothing.",
        link={"keras": tensorflow("linalg/svd"), "jax": jax("numpy.linalg.pinv")},
    ),
    Difference(
        operations=("solve",),
        frameworks=("keras",),
        where="a singular matrix and no right-hand side",
        when=lambda **inputs: not inputs["right"].size and no_inverse(**inputs),
        example={"square": [[0.0]], "right": [[]]},
        numpy=RAISES,
        theirs=[[]],
        reason="TensorFlow returns an empty result at once, before it looks at the matrix.",
        link={"keras": tensorflow("linalg/solve")},
    ),
    # --- with an error ---
    Difference(
        operations=("lu",),
        frameworks=("keras",),
        where="a singular matrix",
        when=no_inverse,
        example={"square": [[0.0]]},
        numpy=[[[0.0, 1.0, 1.0, 0.0, 1.0]]],
        theirs=RAISES,
        reason="TensorFlow's LU is of invertible matrices alone.",
        link={"keras": tensorflow("linalg/lu")},
    ),
    Difference(
        operations=("solve", "inverse"),
        frameworks=("keras",),
        where="NaN",
        when=not_finite,
        example={"square": [[NAN]], "right": [[1.0]]},
        numpy=[[NAN]],
        theirs=RAISES,
        reason="TensorFlow asks whether each pivot is larger than 0, which NaN is not, and calls the matrix singular.",
        link={"keras": tensorflow("linalg/inv")},
    ),
    Difference(
        operations=("cholesky",),
        frameworks=("torch", "keras"),
        where="NaN",
        when=not_finite,
        example={"positive": [[NAN]]},
        numpy=[[NAN]],
        theirs=RAISES,
        reason="NaN is not positive, so that PyTorch's LAPACK refuses the matrix; Keras looks for NaN in the result.",
        link={"torch": torch("linalg.cholesky"), "keras": keras("cholesky", "linalg")},
    ),
    Difference(
        operations=("least_squares",),
        frameworks=("torch",),
        where="NaN on the right-hand side",
        when=not_finite,
        example={"tall": [[1.0]], "right": [[NAN]], "rcond": 1e-10},
        numpy=[[NAN]],
        theirs=RAISES,
        reason="PyTorch's LAPACK, oneMKL, refuses arguments with NaN; PyTorch guarantees nothing for such values.",
        link={"torch": NUMERICS},
    ),
    Difference(
        operations=("eigen_symmetric",),
        frameworks=("keras",),
        where="NaN",
        when=not_finite,
        example={"symmetric": [[NAN, NAN], [NAN, NAN]]},
        numpy=[NAN] * 14,
        theirs=RAISES,
        reason="TensorFlow raises an error where its iteration does not converge.",
        link={"keras": tensorflow("linalg/eigh")},
    ),
    # --- with other numbers ---
    Difference(
        operations=("cholesky",),
        frameworks=("jax",),
        where="a matrix that is not symmetric",
        when=lambda positive: not np.array_equal(positive, positive.T),
        example={"positive": [[1.0, 1.0], [0.0, 1.0]]},
        numpy=[[1.0, 0.0], [0.0, 1.0]],
        theirs=[[1.0, 0.0], [0.5, 0.75**0.5]],
        reason="By symmetrize_input, the default, it is the mean of matrix and transpose; NumPy reads one half alone.",
        link={"jax": jax("numpy.linalg.cholesky")},
    ),
    Difference(
        operations=("eigen_symmetric",),
        frameworks=("jax",),
        where="a matrix that is not symmetric",
        when=lambda symmetric: not np.array_equal(symmetric, symmetric.T),
        example={"symmetric": [[1.0, NAN], [0.0, 2.0]]},
        numpy=[1.0, 2.0, 1.0, 0.0, 0.0, 2.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0],
        theirs=[NAN] * 14,
        reason="By symmetrize_input, the default, it is the mean of matrix and transpose; NumPy reads one half alone.",
        link={"jax": jax("numpy.linalg.eigh")},
    ),
    Difference(
        operations=("eigenvalues_general",),
        frameworks=("keras",),
        where="NaN",
        when=not_finite,
        example={"square": [[0.0, NAN], [0.0, 4.0]]},
        numpy=RAISES,
        theirs=[[0.0, 0.0], [0.0, 0.0]],
        reason="TensorFlow does not look for values that are not finite, and stops with what it has.",
        link={"keras": tensorflow("linalg/eigvals")},
    ),
    Difference(
        operations=("solve", "inverse"),
        frameworks=("torch",),
        where="NaN or an infinite number",
        when=not_finite,
        example={"square": [[NAN, 0.0], [0.0, 1.0]], "right": IDENTITY},
        numpy=[[NAN, NAN], [0.0, 1.0]],
        theirs=[[NAN, NAN], [NAN, NAN]],
        reason="How far NaN spreads depends on the order of the sums; PyTorch guarantees nothing for such values.",
        link={"torch": NUMERICS},
    ),
    Difference(
        operations=("solve", "inverse"),
        frameworks=("jax",),
        where="NaN or an infinite number",
        when=not_finite,
        example={"square": [[0.0, INF], [0.0, -1.0]], "right": IDENTITY},
        numpy=RAISES,
        theirs=[[NAN, NAN], [NAN, NAN]],
        reason="A compiled program cannot raise an error that depends on values, unless it is asked to by checkify.",
        link={"jax": f"{JAX}/debugging/checkify_guide.html"},
    ),
    Difference(
        operations=("determinant",),
        frameworks=("torch", "keras", "jax"),
        where="NaN or an infinite number",
        when=not_finite,
        example={"square": [[0.0, INF], [0.0, -1.0]]},
        numpy=0.0,
        theirs=NAN,
        reason="NumPy answers 0 at the first pivot of 0; the others multiply all of them, and 0 · ∞ is NaN.",
        link={
            "torch": NUMERICS,
            "keras": tensorflow("linalg/det"),
            "jax": jax("numpy.linalg.det"),
        },
    ),
    Difference(
        operations=("log_determinant",),
        frameworks=("torch",),
        where="NaN or an infinite number",
        when=not_finite,
        example={"square": [[NAN]]},
        numpy=[1.0, NAN],
        theirs=[0.0, NAN],
        reason="NaN has no sign, and PyTorch guarantees nothing for values that are not finite.",
        link={"torch": NUMERICS},
    ),
    Difference(
        operations=("log_determinant",),
        frameworks=("keras", "jax"),
        where="NaN or an infinite number",
        when=not_finite,
        example={"square": [[NAN]]},
        numpy=[1.0, NAN],
        theirs=[NAN, NAN],
        reason="NaN has no sign: NumPy counts the pivots below 0, the others multiply their signs.",
        link={"keras": tensorflow("linalg/slogdet"), "jax": jax("numpy.linalg.slogdet")},
    ),
    Difference(
        operations=("least_squares",),
        frameworks=("keras",),
        where="a matrix of zeros",
        when=lambda **inputs: not inputs["tall"].any(),
        example={"tall": [[0.0]], "right": [[1.0]], "rcond": 1e-10},
        numpy=[[0.0]],
        theirs=[[INF]],
        reason="Keras keeps singular values that are ≥ rcond times the largest, so of a zero matrix it divides by 0.",
        link={"keras": keras("lstsq", "linalg")},
    ),
)
