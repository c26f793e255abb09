"""Where reshaping differs by design."""

from impls.operations import RAISES, Difference
from impls.spec import Array
from impls.tensors.pages import tensorflow, torch


def has(array: Array, axis: int) -> bool:
    """Whether it is an axis of the array."""
    return -array.ndim <= axis < array.ndim


DIFFERENCES = (
    Difference(
        operations=("reshape",),
        frameworks=("keras",),
        where="a side that is left open beside one of length 0",
        when=lambda x, shape: x.size == 0 and shape.count(-1) == 1 and 0 in shape,
        example={"x": [[], []], "shape": (-1, 0)},
        numpy=RAISES,
        theirs=[[], []],
        reason="Where any size would do for the dimension that is -1, TensorFlow finds it from the other sides without "
        "those of 0.",
        link={"keras": tensorflow("reshape")},
    ),
    Difference(
        operations=("squeeze",),
        frameworks=("torch",),
        where="an axis of another length than 1",
        when=lambda row, axis: has(row, axis) and row.shape[axis] != 1,
        example={"row": [[1.0, 2.0]], "axis": 1},
        numpy=RAISES,
        theirs=[[1.0, 2.0]],
        reason="PyTorch leaves the tensor unchanged if the dimension that is said is not of size 1.",
        link={"torch": torch("squeeze")},
    ),
    Difference(
        operations=("broadcast_to",),
        frameworks=("torch",),
        where="a side of -1",
        when=lambda shape, **_: -1 in shape,
        example={"row": [[1.0, 2.0]], "shape": (2, -1)},
        numpy=RAISES,
        theirs=[[1.0, 2.0], [1.0, 2.0]],
        reason="PyTorch's expand takes -1 for a size that is not to be changed.",
        link={"torch": torch("Tensor.expand")},
    ),
    Difference(
        operations=("roll",),
        frameworks=("torch",),
        where="an axis that an empty array does not have",
        when=lambda x, axis, **_: x.size == 0 and axis is not None and not has(x, axis),
        example={"x": [], "shift": 1, "axis": 1},
        numpy=RAISES,
        theirs=[],
        reason="Where there are no elements to be shifted, PyTorch returns before it looks at dims.",
        link={"torch": torch("roll")},
    ),
)
