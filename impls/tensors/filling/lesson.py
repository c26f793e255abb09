"""Filling: arrays made of a number, of a sequence or of a diagonal, and triangles of a matrix."""

from impls.operations import Operation, operation_lesson
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Numbers from N(0, 1): one that says the dtype alone, a matrix, and the coordinates of a grid."""
    rng = data_rng(seed)
    shapes = {"like": (1,), "x": (size, size // 2), "u": (size,), "v": (size // 2,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


LESSON = operation_lesson(
    title="Filling",
    inputs=inputs,
    sizes=(64, 1024),
    operations={
        "full": Operation(
            "an array of one number, in a shape and a dtype",
            ("like",),
            {"shape": (64, 32), "value": 2.5},
            larger={"shape": (1024, 512)},
            exact=True,
        ),
        "zeros_like": Operation("zeros in the shape and dtype of another array", ("x",), exact=True),
        "ones_like": Operation("ones in the shape and dtype of another array", ("x",), exact=True),
        "full_like": Operation(
            "one number in the shape and dtype of another array", ("x",), {"value": -2.5}, exact=True
        ),
        "arange": Operation(
            "numbers from a start to below a stop, a step apart (range)",
            ("like",),
            {"start": 0.5, "stop": 1000.0, "step": 0.75},
            larger={"stop": 100_000.0},
        ),
        "linspace": Operation(
            "a given number of evenly spaced numbers, both ends included",
            ("like",),
            {"start": -1.0, "stop": 2.0, "count": 1001},
            larger={"count": 100_001},
        ),
        "eye": Operation(
            "ones on the diagonal, zeros elsewhere (identity matrix)",
            ("like",),
            {"rows": 64, "columns": 32},
            larger={"rows": 1024, "columns": 512},
            exact=True,
        ),
        "tril": Operation(
            "what lies on and below a diagonal, the rest zero (lower triangular)", ("x",), {"diagonal": 3}, exact=True
        ),
        "triu": Operation(
            "what lies on and above a diagonal, the rest zero (upper triangular)", ("x",), {"diagonal": 3}, exact=True
        ),
        "diagonal": Operation("a diagonal of a matrix", ("x",), {"offset": -2}, exact=True),
        "diagonal_matrix": Operation("a matrix that has this diagonal (diag)", ("u",), {"offset": -2}, exact=True),
        "meshgrid": Operation(
            "the coordinates of each point of a grid, an array for each axis",
            ("u", "v"),
            {"indexing": "ij"},
            exact=True,
        ),
    },
)
