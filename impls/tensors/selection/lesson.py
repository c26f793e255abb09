"""Selection: numbers chosen by conditions, by indices and by their order.

Where ``scatter`` has an index twice, NumPy keeps the last value; by the documentation of PyTorch, TensorFlow and JAX it
is left open which one stays, so no index is repeated here.
"""

import numpy as np

from impls.operations import EVERYWHERE, Operation, operation_lesson, unsigned_zeros
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Two matrices of one shape with many ties, from N(0, 1) to one digit, and a mask; indices; a sorted row."""
    rng = data_rng(seed)
    rows, columns = shape = (size, size - 8)
    x, y = rng.normal(size=(2, *shape)).round(1) + 0.0  # no -0 comes of the rounding
    indices = rng.permuted(np.tile(np.arange(columns), (rows, 1)), axis=1)[:, : size // 2]
    return {
        "x": x,
        "y": y,
        "mask": rng.uniform(size=shape) < 0.3,
        "chosen": rng.integers(columns, size=size // 2),
        "places": rng.integers(rows * columns, size=(size // 4, size)),
        "indices": indices,
        "values": rng.normal(size=indices.shape),
        "ordered": np.sort(rng.normal(size=8 * size).round(1)),
        "sought": rng.normal(size=4 * size).round(1),
    }


LESSON = operation_lesson(
    title="Selection",
    inputs=inputs,
    sizes=(64, 256),
    operations={
        "where": Operation(
            "of two arrays one or the other number, by a mask (if, ternary)", ("mask", "x", "y"), exact=True
        ),
        "index_select": Operation(
            "rows, columns or slices by a list of indices (take along an axis)",
            ("x", "chosen"),
            {"axis": 1},
            exact=True,
        ),
        "take_flat": Operation("numbers by their index in the flattened array", ("x", "places"), exact=True),
        "gather": Operation(
            "gather along an axis: for each place the number at its index", ("x", "indices"), {"axis": 1}, exact=True
        ),
        "scatter": Operation(
            "scatter along an axis: each value put at its index", ("x", "indices", "values"), {"axis": 1}, exact=True
        ),
        "masked_select": Operation(
            "the numbers where a mask is true, in one row", ("x", "mask"), uncompiled=EVERYWHERE, exact=True
        ),
        "masked_fill": Operation("one value put where a mask is true", ("x", "mask"), {"value": -1.0}, exact=True),
        "nonzero": Operation(
            "the indices of what is not 0, axis by axis (find)", ("x",), uncompiled=EVERYWHERE, exact=True
        ),
        "argmax": Operation("where along an axis the largest number stands", ("x",), {"axis": 1}, exact=True),
        "argmin": Operation("where along an axis the least number stands", ("x",), {"axis": 0}, exact=True),
        "sort": Operation("numbers in ascending order along an axis", ("x",), {"axis": 0}, unsigned_zeros, exact=True),
        "argsort": Operation(
            "the indices that sort along an axis, ties in order (stable)", ("x",), {"axis": 0}, exact=True
        ),
        "searchsorted": Operation(
            "where values belong in a sorted row (bisection, bins)",
            ("ordered", "sought"),
            {"side": "right"},
            exact=True,
        ),
        "unique": Operation(
            "the different numbers, sorted", ("x",), canonical=unsigned_zeros, uncompiled=EVERYWHERE, exact=True
        ),
    },
)
