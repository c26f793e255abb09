"""Splitting: an array in parts, every other entry of it, and the other way round."""

import numpy as np

from impls.operations import Operation, operation_lesson
from impls.spec import Array, Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Numbers from N(0, 1) in a matrix of ``size`` rows and half as many columns, and another of few columns."""
    rng = data_rng(seed)
    return {"x": rng.normal(size=(size, size // 2)), "few": rng.normal(size=(size, 3))}


def with_shapes(*parts: Array) -> Array:
    """All numbers in one row, those of each part behind its shape, so that it shows where one ends."""
    return np.concatenate([np.concatenate([np.array(part.shape, part.dtype), part.ravel()]) for part in parts])


LESSON = operation_lesson(
    title="Splitting",
    inputs=inputs,
    sizes=(64, 1024),
    operations={
        "chunk": Operation(
            "an axis cut into equal parts (split)", ("x",), {"parts": 4, "axis": 1}, canonical=with_shapes, exact=True
        ),
        "split_at": Operation(
            "an axis cut at the places that are said",
            ("x",),
            {"places": (3, 4, 10), "axis": 1},
            canonical=with_shapes,
            exact=True,
        ),
        "unstack": Operation("the slices along an axis, each an array (unbind)", ("few",), {"axis": 1}, exact=True),
        "every_other": Operation(
            "a slice with a start, a stop and a step", ("x",), {"start": 1, "stop": -3, "step": 2}, exact=True
        ),
        "every_other_backwards": Operation(
            "every n-th entry, from the last one backwards: a slice with a negative step",
            ("x",),
            {"step": 2},
            exact=True,
        ),
        "flip": Operation("an axis in reverse order (reverse)", ("x",), {"axis": 1}, exact=True),
    },
)
