"""Selection: numbers chosen by their place, by a mask or by their order."""

import numpy as np

from impls.operations import Operation, operation_lesson
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Numbers from N(0, 1) with ties among them, (size, size + 2); places in them; a mask; places in order."""
    rng = data_rng(seed)
    x = rng.normal(0, 1, (size, size + 2))
    return {
        "x": x,
        "y": rng.normal(0, 1, x.shape),
        "mask": rng.random(x.shape) < 0.4,
        "rows": rng.integers(0, size, size // 2),
        "flat": rng.integers(0, x.size, (size, 3)),
        "index": np.argsort(rng.random((size, size + 2)), axis=1)[
            :, :5
        ],  # no place twice in a row: scatter has none to choose
        "values": rng.normal(0, 1, (size, 5)),
        "rounded": np.round(4 * x) / 4 + 0.0,  # no -0, which XLA puts before 0
        "ordered": np.sort(rng.normal(0, 1, size)),
        "whole": rng.integers(-size, size, 4 * size),
    }


LESSON = operation_lesson(
    title="Selection",
    inputs=inputs,
    sizes=(64, 1024),
    operations={
        "where": Operation("of two arrays, the one or the other by a mask", ("mask", "x", "y"), exact=True),
        "index_select": Operation(
            "rows, or slices along an axis, by an array of indices (take)", ("x", "rows"), {"axis": 0}, exact=True
        ),
        "take_flat": Operation("numbers of the flattened array by indices (take)", ("x", "flat"), exact=True),
        "gather": Operation(
            "gather along an axis by an array of indices (take_along_axis)", ("x", "index"), {"axis": 1}, exact=True
        ),
        "scatter": Operation(
            "write along an axis by an array of indices (put_along_axis)",
            ("x", "index", "values"),
            {"axis": 1},
            exact=True,
        ),
        "masked_select": Operation(
            "the numbers where a mask is true, in one row (boolean indexing)", ("x", "mask"), dynamic=True, exact=True
        ),
        "masked_fill": Operation("one number put where a mask is true", ("x", "mask"), {"value": -1.0}, exact=True),
        "nonzero": Operation("the indices of what is not zero (argwhere)", ("rounded",), dynamic=True, exact=True),
        "argmax": Operation("the index of the largest along an axis", ("rounded",), {"axis": 1}, exact=True),
        "argmin": Operation("the index of the smallest along an axis", ("rounded",), {"axis": 0}, exact=True),
        "sort": Operation("in rising order along an axis", ("x",), {"axis": 1}, exact=True),
        "argsort": Operation(
            "the indices that sort along an axis, of equal numbers in their order (stable)",
            ("rounded",),
            {"axis": 1},
            exact=True,
        ),
        "searchsorted": Operation("where numbers belong in a sorted row (bucketize)", ("ordered", "x"), exact=True),
        "unique": Operation("each number once, in rising order", ("whole",), dynamic=True, exact=True),
    },
)
