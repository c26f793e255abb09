"""Reshaping: the same numbers in another shape or another order of axes."""

from impls.operations import Operation, operation_lesson
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Numbers from N(0, 1): a matrix, images that are wider than high, and a single row."""
    rng = data_rng(seed)
    shapes = {"x": (size, size // 2), "images": (size // 8, size // 4, size // 2, 3), "row": (1, size)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


LESSON = operation_lesson(
    title="Reshaping",
    inputs=inputs,
    sizes=(64, 256),
    operations={
        "reshape": Operation(
            "the same numbers in another shape, of which one side may be left open (view)",
            ("x",),
            {"shape": (4, -1, 8)},
            exact=True,
        ),
        "flatten": Operation("all numbers in one row (ravel)", ("images",), exact=True),
        "squeeze": Operation("an axis of length 1 taken away", ("row",), {"axis": 0}, exact=True),
        "unsqueeze": Operation("a new axis of length 1 (expand_dims, newaxis)", ("x",), {"axis": 1}, exact=True),
        "transpose": Operation("rows as columns, columns as rows", ("x",), exact=True),
        "permute": Operation(
            "the axes in another order, as from channels last to channels first",
            ("images",),
            {"axes": (0, 3, 1, 2)},
            exact=True,
        ),
        "move_axis": Operation(
            "an axis moved to another place (moveaxis, movedim)",
            ("images",),
            {"source": 3, "destination": 1},
            exact=True,
        ),
        "swap_axes": Operation("two axes exchanged (swapaxes)", ("images",), {"first": 1, "second": 3}, exact=True),
        "broadcast_to": Operation(
            "an array repeated to a larger shape without a copy (expand)",
            ("row",),
            {"shape": (3, 128, 64)},
            larger={"shape": (3, 128, 256)},
            exact=True,
        ),
        "roll": Operation(
            "entries shifted along an axis, the last ones to the front", ("x",), {"shift": 5, "axis": 1}, exact=True
        ),
    },
)
