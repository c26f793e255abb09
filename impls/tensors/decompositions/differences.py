"""Where frameworks' decompositions do otherwise than NumPy's, by their own design."""

from typing import Any

import numpy as np

from impls.operations import RAISES, Difference

NAN, INF = np.nan, np.inf
JAX = "https://docs.jax.dev/en/latest/"
TENSORFLOW = "https://www.tensorflow.org/api_docs/python/tf/linalg/"
PYTORCH = "https://docs.pytorch.org/docs/stable/notes/numerical_accuracy.html#linear-algebra-torch-linalg"
IDENTITY = [[1.0, 0.0], [0.0, 1.0]]


def not_finite(**inputs: Any) -> bool:
    """Whether there is NaN or an infinite number in one of the arrays."""
    return not all(np.isfinite(array).all() for array in inputs.values() if isinstance(array, np.ndarray))


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
        ("solve", "inverse"),
        ("jax",),
        "a singular matrix",
        singular,
        {"square": [[0.0]], "right": [[1.0]]},
        RAISES,
        [[INF]],
        "A compiled program cannot raise an error that hangs on values, unless it is asked to by checkify.",
        f"{JAX}debugging/checkify_guide.html",
    ),
    Difference(
        ("cholesky",),
        ("jax",),
        "a matrix that is not positive definite",
        not_positive,
        {"positive": [[-1.0]]},
        RAISES,
        [[NAN]],
        "The result has NaN where the matrix is not positive definite, since a compiled program cannot raise an error.",
        f"{JAX}_autosummary/jax.numpy.linalg.cholesky.html",
    ),
    Difference(
        ("eigenvalues_general",),
        ("torch", "jax"),
        "NaN",
        not_finite,
        {"square": [[NAN]]},
        RAISES,
        [[NAN, NAN]],
        "NumPy looks for values that are not finite before it begins; PyTorch gives no guarantee for such values, and "
        "JAX cannot raise errors that hang on values.",
        PYTORCH,
    ),
    Difference(
        ("svd",),
        ("keras", "jax"),
        "NaN",
        not_finite,
        {"tall": [[NAN]]},
        RAISES,
        [NAN, NAN, NAN, NAN],
        "Where the iteration does not converge, all that it gives is NaN, and nothing is raised.",
        f"{JAX}_autosummary/jax.numpy.linalg.svd.html",
    ),
    Difference(
        ("singular_values",),
        ("keras", "jax"),
        "NaN",
        not_finite,
        {"tall": [[NAN]]},
        RAISES,
        [NAN],
        "Where the iteration does not converge, all that it gives is NaN, and nothing is raised.",
        f"{JAX}_autosummary/jax.numpy.linalg.svd.html",
    ),
    Difference(
        ("pseudo_inverse", "least_squares"),
        ("keras", "jax"),
        "NaN",
        not_finite,
        {"tall": [[NAN]], "right": [[1.0]], "rtol": 1e-10, "rcond": 1e-10},
        RAISES,
        [[NAN]],
        "They are made of the singular value decomposition, which gives NaN and raises nothing.",
        f"{TENSORFLOW}svd",
    ),
    Difference(
        ("solve",),
        ("keras",),
        "a singular matrix and no right-hand side",
        lambda **inputs: not inputs["right"].size and no_inverse(**inputs),
        {"square": [[0.0]], "right": [[]]},
        RAISES,
        [[]],
        "TensorFlow returns an empty result at once, before it looks at the matrix.",
        f"{TENSORFLOW}solve",
    ),
    # --- with an error ---
    Difference(
        ("lu",),
        ("keras",),
        "a singular matrix",
        no_inverse,
        {"square": [[0.0]]},
        [[[0.0, 1.0, 1.0, 0.0, 1.0]]],
        RAISES,
        "TensorFlow's LU is of invertible matrices alone.",
        f"{TENSORFLOW}lu",
    ),
    Difference(
        ("solve", "inverse"),
        ("keras",),
        "NaN",
        not_finite,
        {"square": [[NAN]], "right": [[1.0]]},
        [[NAN]],
        RAISES,
        "TensorFlow asks of each pivot whether it is larger than 0, which NaN is not, and calls the matrix singular.",
        f"{TENSORFLOW}inv",
    ),
    Difference(
        ("cholesky",),
        ("torch", "keras"),
        "NaN",
        not_finite,
        {"positive": [[NAN]]},
        [[NAN]],
        RAISES,
        "NaN is not positive, so that PyTorch's LAPACK refuses the matrix; Keras looks for NaN in the result.",
        "https://docs.pytorch.org/docs/stable/generated/torch.linalg.cholesky.html",
    ),
    Difference(
        ("least_squares",),
        ("torch",),
        "NaN on the right-hand side",
        not_finite,
        {"tall": [[1.0]], "right": [[NAN]], "rcond": 1e-10},
        [[NAN]],
        RAISES,
        "PyTorch's LAPACK is oneMKL, which refuses arguments with NaN; PyTorch gives no guarantee for such values.",
        PYTORCH,
    ),
    Difference(
        ("eigen_symmetric",),
        ("keras",),
        "NaN",
        not_finite,
        {"symmetric": [[NAN, NAN], [NAN, NAN]]},
        [NAN] * 14,
        RAISES,
        "TensorFlow raises an error where its iteration does not converge.",
        f"{TENSORFLOW}eigh",
    ),
    # --- with other numbers ---
    Difference(
        ("cholesky",),
        ("jax",),
        "a matrix that is not symmetric",
        lambda positive: not np.array_equal(positive, positive.T),
        {"positive": [[1.0, 1.0], [0.0, 1.0]]},
        [[1.0, 0.0], [0.0, 1.0]],
        [[1.0, 0.0], [0.5, 0.75**0.5]],
        "With symmetrize_input, the default, the mean of the matrix and its transpose is taken; NumPy reads one half.",
        f"{JAX}_autosummary/jax.numpy.linalg.cholesky.html",
    ),
    Difference(
        ("eigen_symmetric",),
        ("jax",),
        "a matrix that is not symmetric",
        lambda symmetric: not np.array_equal(symmetric, symmetric.T),
        {"symmetric": [[1.0, NAN], [0.0, 2.0]]},
        [1.0, 2.0, 1.0, 0.0, 0.0, 2.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0],
        [NAN] * 14,
        "With symmetrize_input, the default, the mean of the matrix and its transpose is taken; NumPy reads one half.",
        f"{JAX}_autosummary/jax.numpy.linalg.eigh.html",
    ),
    Difference(
        ("eigenvalues_general",),
        ("keras",),
        "NaN",
        not_finite,
        {"square": [[0.0, NAN], [0.0, 4.0]]},
        RAISES,
        [[0.0, 0.0], [0.0, 0.0]],
        "TensorFlow does not look for values that are not finite, and stops with what it has.",
        f"{TENSORFLOW}eigvals",
    ),
    Difference(
        ("solve", "inverse"),
        ("torch",),
        "NaN or an infinite number",
        not_finite,
        {"square": [[NAN, 0.0], [0.0, 1.0]], "right": IDENTITY},
        [[NAN, NAN], [0.0, 1.0]],
        [[NAN, NAN], [NAN, NAN]],
        "How far NaN spreads hangs on the order of the sums, and PyTorch guarantees nothing for values not finite.",
        PYTORCH,
    ),
    Difference(
        ("solve", "inverse"),
        ("jax",),
        "NaN or an infinite number",
        not_finite,
        {"square": [[0.0, INF], [0.0, -1.0]], "right": IDENTITY},
        RAISES,
        [[NAN, NAN], [NAN, NAN]],
        "A compiled program cannot raise an error that hangs on values, unless it is asked to by checkify.",
        f"{JAX}debugging/checkify_guide.html",
    ),
    Difference(
        ("determinant",),
        ("torch", "keras", "jax"),
        "NaN or an infinite number",
        not_finite,
        {"square": [[0.0, INF], [0.0, -1.0]]},
        0.0,
        NAN,
        "NumPy answers 0 at the first pivot of 0; the others multiply all of them, and 0 · ∞ is NaN.",
        PYTORCH,
    ),
    Difference(
        ("log_determinant",),
        ("torch",),
        "NaN or an infinite number",
        not_finite,
        {"square": [[NAN]]},
        [1.0, NAN],
        [0.0, NAN],
        "NaN has no sign, and PyTorch guarantees nothing for values that are not finite.",
        PYTORCH,
    ),
    Difference(
        ("log_determinant",),
        ("keras", "jax"),
        "NaN or an infinite number",
        not_finite,
        {"square": [[NAN]]},
        [1.0, NAN],
        [NAN, NAN],
        "NaN has no sign: NumPy counts the pivots below 0, the others multiply their signs.",
        f"{JAX}_autosummary/jax.numpy.linalg.slogdet.html",
    ),
    Difference(
        ("least_squares",),
        ("keras",),
        "a matrix of zeros",
        lambda **inputs: not inputs["tall"].any(),
        {"tall": [[0.0]], "right": [[1.0]], "rcond": 1e-10},
        [[0.0]],
        [[INF]],
        "Singular values that reach rcond times the largest are divided by, and 0 is not smaller than 0.",
        "https://keras.io/api/ops/linalg/",
    ),
)
