"""Joining: arrays put behind or beside each other, repeated, and given a border."""

from impls.operations import Operation, operation_lesson
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Numbers from N(0, 1): two matrices of ``size`` rows and half as many columns, and one of other columns."""
    rng = data_rng(seed)
    widths = {"x": size // 2, "y": size // 2, "more": size // 4}
    return {name: rng.normal(size=(size, width)) for name, width in widths.items()}


LESSON = operation_lesson(
    title="Joining",
    inputs=inputs,
    sizes=(64, 1024),
    operations={
        "concatenate": Operation(
            "arrays one behind the other along an axis (cat, concat)", ("x", "more"), {"axis": 1}, exact=True
        ),
        "stack": Operation("arrays of one shape along a new axis", ("x", "y"), {"axis": 1}, exact=True),
        "tile": Operation("the whole array again and again along each axis", ("x",), {"repeats": (2, 3)}, exact=True),
        "repeat": Operation(
            "each entry several times in a row, along an axis (repeat_interleave)",
            ("x",),
            {"repeats": 3, "axis": 1},
            exact=True,
        ),
        "pad": Operation(
            "a border of one number, as wide as is said before and after each axis (constant padding)",
            ("x",),
            {"widths": ((1, 2), (3, 4)), "value": -1.5},
            exact=True,
        ),
        "pad_reflect": Operation(
            "a border that mirrors what lies inside, the edge itself left out (reflection padding)",
            ("x",),
            {"widths": ((2, 1), (3, 4))},
            exact=True,
        ),
    },
)
