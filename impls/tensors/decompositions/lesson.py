"""Decompositions of a matrix, and what is computed by them.

Factors are not unique: signs are free, and so are all directions that belong to a value that is there twice. What is
compared is what all right factors have the same of, and no wrong ones: their product, that they are orthogonal or
triangular, and the values, which are unique.
"""

import numpy as np

from impls.operations import Operation, in_one, operation_lesson
from impls.spec import Array, Weights, data_rng

NEAR, DECIMALS = 1e-4, 6  # rounding parts a value that is there three times by the cube root of its own size


def inputs(seed: int, size: int) -> Weights:
    """Matrices of ``size`` rows that are far from singular; the largest numbers of the square one lie anywhere."""
    rng = data_rng(seed)
    noise, tall, other = rng.normal(0, size**-0.5, (3, size, size))
    square, right = 1.5 * np.eye(size)[rng.permutation(size)] + 0.7 * noise, rng.normal(0, 1, (size, size // 4))
    others = {"symmetric": other + other.T, "positive": other @ other.T + 0.1 * np.eye(size)}
    return {"square": square, "right": right, "tall": tall[:, : 3 * size // 4]} | others


def whole(*parts: Array) -> Array:
    """All parts in one; NaN in any is NaN in all, since how far it spreads depends on the order of the sums."""
    found = in_one(*parts)
    return np.where(np.isnan(found).any(), np.nan, found)


def triangular(*parts: Array) -> Array:
    """P, L and U, or L and U in one and where each row is: the product; L has ones, and no larger numbers."""
    if len(parts) == 2:
        packed, where = parts
        unit = np.eye(len(where), dtype=packed.dtype)
        parts = unit[where], np.tril(packed, -1) + unit, np.triu(packed)
    rows, lower, upper = parts
    return whole(rows @ lower @ upper, np.sort(rows), np.triu(lower), np.tril(upper, -1), np.abs(lower).clip(1))


def orthogonal(left: Array, values: Array, right: Array) -> Array:
    """The values; the vectors' product with them; and that vectors are orthogonal."""
    return whole(values, left * values @ right, left.T @ left, right @ right.T)


def in_order(values: Array) -> Array:
    """By real and then by imaginary part; those that lie together, as rounded repeated ones do, as their mean."""
    values = values + 0j
    near = np.abs(values[:, np.newaxis] - values) < NEAR * np.maximum(1, np.abs(values).max(initial=0))
    values = (near / near.sum(axis=1, keepdims=True)).astype(values.dtype) @ values
    return in_one(values[np.lexsort((values.imag.round(DECIMALS), values.real.round(DECIMALS)))])


EIGEN = {"canonical": lambda values, vectors: orthogonal(vectors, values, vectors.T)}
QR = {"canonical": lambda q, r: whole(q @ r, q.T @ q, np.tril(r, -1))}

OPERATIONS = {  # what is dynamic here has no kernel in TensorFlow's XLA
    "lu": Operation("LU decomposition with row pivoting", ("square",), canonical=triangular, dynamic=True),
    "qr": Operation("QR decomposition, reduced", ("tall",), **QR),
    "cholesky": Operation("Cholesky decomposition, the lower factor", ("positive",)),
    "eigen_symmetric": Operation("eigenvalues and eigenvectors of a symmetric matrix (eigh)", ("symmetric",), **EIGEN),
    "eigenvalues_general": Operation("eigenvalues of any square matrix", ("square",), canonical=in_order, dynamic=True),
    "svd": Operation("singular value decomposition, thin (SVD)", ("tall",), canonical=orthogonal),
    "singular_values": Operation("singular values alone", ("tall",)),
    "solve": Operation("solution of a system of linear equations", ("square", "right")),
    "inverse": Operation("inverse of a matrix", ("square",)),
    "determinant": Operation("determinant", ("square",), dynamic=True),
    "log_determinant": Operation("sign and logarithm of the determinant (slogdet)", ("square",), dynamic=True),
    "pseudo_inverse": Operation("pseudo-inverse (Moore-Penrose)", ("tall",), {"rtol": 1e-10}),
    "least_squares": Operation("least-squares solution of linear equations", ("tall", "right"), {"rcond": 1e-10}),
}
LESSON = operation_lesson(title="Matrix decompositions", inputs=inputs, sizes=(64, 128), operations=OPERATIONS)
