"""Norms: how long vectors and matrices are, how far apart, and how alike."""

from impls.operations import Operation, operation_lesson
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """A vector, two matrices of one shape (the first has zeros), a small one, and points in space, from N(0, 1)."""
    rng = data_rng(seed)
    shape = (size, size - 8)
    return {
        "v": rng.normal(size=size * size),
        "x": rng.normal(size=shape) * (rng.uniform(size=shape) < 0.7),
        "y": rng.normal(size=shape),
        "m": rng.normal(size=(size // 8 + 8, size // 16 + 4)),
        "a": rng.normal(size=(size, 3)),
        "b": rng.normal(size=(size // 2, 3)),
    }


LESSON = operation_lesson(
    title="Norms",
    inputs=inputs,
    sizes=(64, 1024),
    operations={
        "norm_l1": Operation("the sum of the absolute values (L1 norm)", ("v",)),
        "norm_l2": Operation("the length of a vector (L2 norm, Euclidean)", ("v",)),
        "norm_p": Operation("the p-norm of a vector: the p-th root of the sum of powers", ("v",), {"p": 3}),
        "norm_max": Operation("the largest absolute value (infinity norm, max norm)", ("v",), exact=True),
        "count_nonzero": Operation(
            "how many numbers are not 0 along an axis (0-norm)", ("x",), {"axis": 0}, exact=True
        ),
        "norm_rows": Operation(
            "the length of each vector along an axis, the axis kept (keepdims)", ("x",), {"axis": 1}
        ),
        "norm_frobenius": Operation("the root of the sum of a matrix's squares (Frobenius norm)", ("x",)),
        "norm_nuclear": Operation("the sum of a matrix's singular values (nuclear norm, trace norm)", ("m",)),
        "distance": Operation("Euclidean distances between all rows of two matrices (cdist, pairwise)", ("a", "b")),
        "cosine_similarity": Operation("the cosine of the angle between rows, pair by pair", ("x", "y")),
        "normalize": Operation("vectors along an axis scaled to length 1 (unit vectors)", ("x",), {"axis": 1}),
    },
)
