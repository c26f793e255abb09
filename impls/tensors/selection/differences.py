"""Where selection is not NumPy's, by a framework's design."""

from dataclasses import replace
from typing import Any

import numpy as np

from impls.operations import RAISES, Difference
from impls.spec import Array
from impls.tensors.conditions import bools, negative_zero, not_a_number, subnormal
from impls.tensors.pages import FLUSHED, FLUSHES, JAX_NOTES, XLA, jax, keras, tensorflow, torch

NAN = np.nan
NO_INDICES = np.zeros((1, 0), int)


def outside(x: Any, chosen: Any = None, indices: Any = None, axis: int = 0, **_: Any) -> bool:
    """Whether an index is out of range, on either side."""
    places = indices if chosen is None else chosen
    return bool(((places < -x.shape[axis]) | (places >= x.shape[axis])).any())


def outside_flat(x: Any, places: Any) -> bool:
    """Likewise, of the flattened array."""
    return bool(((places < -x.size) | (places >= x.size)).any())


def from_behind(chosen: Any = None, indices: Any = None, **_: Any) -> bool:
    """Whether an index is negative."""
    return bool(((indices if chosen is None else chosen) < 0).any())


def stretched(x: Any, indices: Any, axis: int, **_: Any) -> bool:
    """Whether the indices are of another shape than the numbers beside the axis."""
    return np.delete(x.shape, axis).tolist() != np.delete(indices.shape, axis).tolist()


def whole_mask(mask: Array, **_: Any) -> bool:
    """Whether the mask is of integers."""
    return bool(mask.dtype.kind != "b")


OUTSIDE = Difference(
    operations=("index_select",),
    frameworks=("jax",),
    where="indices out of range",
    when=outside,
    example={"x": [[1.0, 2.0]], "chosen": [2], "indices": [[2]], "axis": 1},
    numpy=RAISES,
    theirs=[[NAN]],
    reason='Compiled code cannot raise; mode="fill" is the default: NaN, of integers the least, of bools True.',
    link={"jax": jax("numpy.take")},
)
CLAMPED = replace(
    OUTSIDE,
    operations=("index_select", "gather"),
    frameworks=("keras",),
    theirs=[[2.0]],
    reason="A program compiled by XLA cannot raise: indices out of range are clamped to it.",
    link={"keras": f"{XLA}#gather"},
    modes=("xla",),
)
UPDATE = {"x": [[1.0, 2.0]], "indices": [[2]], "values": [[9.0]], "axis": 1}
DROPPED = replace(
    CLAMPED,
    operations=("scatter",),
    example=UPDATE,
    theirs=[[1.0, 2.0]],
    reason="A program compiled by XLA cannot raise: updates out of range are dropped, negative ones among them.",
    link={"keras": f"{XLA}#scatter"},
)
FROM_BEHIND = Difference(
    operations=("index_select",),
    frameworks=("torch",),
    where="negative indices",
    when=from_behind,
    example={"x": [[1.0, 2.0]], "chosen": [-1], "indices": [[-1]], "axis": 1},
    numpy=[[2.0]],
    theirs=RAISES,
    reason="These functions do not count from behind: the index must be from 0 up (torch.take and x[index] do).",
    link={"torch": torch("index_select")},
)
STRETCHED = Difference(
    operations=("gather",),
    frameworks=("torch",),
    where="indices of another shape beside the axis",
    when=stretched,
    example={"x": [[1.0, 2.0], [3.0, 4.0]], "indices": [[1]], "axis": 1},
    numpy=[[2.0], [4.0]],
    theirs=[[2.0]],
    reason="The result has the shape of the index, input and index are not broadcast (torch.take_along_dim does that).",
    link={"torch": torch("gather")},
)
NAN_PASSED_OVER = Difference(
    operations=("argmax",),
    frameworks=("keras",),
    where="NaN",
    when=not_a_number,
    example={"x": [NAN, 1.0, 2.0], "axis": 0},
    numpy=0,
    theirs=2,
    reason="TensorFlow compares by > and <, which are false of NaN; NumPy has NaN as the extreme.",
    link={"keras": tensorflow("math/argmax")},
)
LESS_THAN_ZERO = Difference(
    operations=("argmax",),
    frameworks=("keras",),
    where="-0",
    when=negative_zero,
    example={"x": [-0.0, 0.0], "axis": 0},
    numpy=0,
    theirs=1,
    reason="keras.ops counts -0 as less than 0; in NumPy they are a tie, whose first is taken.",
    link={"keras": keras("argmax")},
)
UNSORTED = Difference(
    operations=("sort",),
    frameworks=("keras",),
    where="NaN",
    when=not_a_number,
    example={"x": [NAN, 1.0], "axis": 0},
    numpy=[1.0, NAN],
    theirs=[NAN, 1.0],
    reason="tf.sort has no place for NaN, since it compares by < alone; NumPy has it last.",
    link={"keras": tensorflow("sort")},
    modes=("eager", "graph"),
)
SUBNORMAL = Difference(
    operations=("sort",),
    frameworks=("keras", "jax"),
    where="subnormal numbers",
    when=subnormal,
    example={"x": [5e-324, -1e-310], "axis": 0},
    numpy=[-1e-310, 5e-324],
    theirs=[5e-324, -1e-310],
    reason=FLUSHED,
    link=FLUSHES,
)
SUBNORMAL_PLACES = replace(SUBNORMAL, operations=("argsort",), numpy=[1, 0], theirs=[0, 1])
DIFFERENCES = (
    OUTSIDE,
    replace(OUTSIDE, operations=("gather",), link={"jax": jax("numpy.take_along_axis")}),
    replace(
        OUTSIDE, operations=("take_flat",), when=outside_flat, example={"x": [[1.0, 2.0]], "places": [2]}, theirs=[NAN]
    ),
    replace(
        OUTSIDE,
        operations=("scatter",),
        example=UPDATE,
        theirs=[[1.0, 2.0]],
        reason="Compiled code cannot raise; updates out of range are dropped.",
        link={"jax": jax("numpy.ndarray.at")},
    ),
    CLAMPED,
    replace(
        CLAMPED, operations=("take_flat",), when=outside_flat, example={"x": [[1.0, 2.0]], "places": [2]}, theirs=[2.0]
    ),
    FROM_BEHIND,
    replace(FROM_BEHIND, operations=("gather",), link={"torch": torch("gather")}),
    replace(
        FROM_BEHIND,
        operations=("scatter",),
        frameworks=("torch", "keras"),
        example=UPDATE | {"indices": [[-1]]},
        numpy=[[1.0, 9.0]],
        reason="These functions do not count from behind: the index must be from 0 up.",
        link={"torch": torch("Tensor.scatter_"), "keras": tensorflow("tensor_scatter_nd_update")},
        modes=("eager", "graph"),
    ),
    replace(DROPPED, when=outside),
    replace(
        DROPPED, where="negative indices", when=from_behind, example=UPDATE | {"indices": [[-1]]}, numpy=[[1.0, 9.0]]
    ),
    Difference(
        operations=("index_select",),
        frameworks=("torch",),
        where="indices of two axes",
        when=lambda chosen, **_: chosen.ndim > 1,
        example={"x": [[1.0, 2.0]], "chosen": [[0, 1]], "axis": 1},
        numpy=[[[1.0, 2.0]]],
        theirs=RAISES,
        reason="The index is of one axis; x[:, index] takes any.",
        link={"torch": torch("index_select")},
    ),
    STRETCHED,
    replace(
        STRETCHED,
        operations=("scatter",),
        frameworks=("torch", "keras"),
        example={"x": [[1.0, 2.0], [3.0, 4.0]], "indices": [[1]], "values": [[9.0]], "axis": 1},
        numpy=[[1.0, 9.0], [3.0, 9.0]],
        theirs=[[1.0, 9.0], [3.0, 4.0]],
        reason="Values go to as many places as there are indices, which are not broadcast.",
        link={"torch": torch("Tensor.scatter_"), "keras": tensorflow("tensor_scatter_nd_update")},
    ),
    Difference(
        operations=("where",),
        frameworks=("torch",),
        where="a mask of integers",
        when=whole_mask,
        example={"mask": [1, 0], "x": [1.0, 2.0], "y": [3.0, 4.0]},
        numpy=[1.0, 4.0],
        theirs=RAISES,
        reason="The condition is a BoolTensor.",
        link={"torch": torch("where")},
    ),
    Difference(
        operations=("masked_select",),
        frameworks=("torch",),
        where="a mask of another shape",
        when=lambda x, mask: x.shape != mask.shape,
        example={"x": [[1.0, 2.0], [3.0, 4.0]], "mask": [True, False]},
        numpy=[[1.0, 2.0]],
        theirs=[1.0, 3.0],
        reason="Mask and input are broadcast, so that a row is a mask of columns; x[mask] is as NumPy's.",
        link={"torch": torch("masked_select")},
    ),
    Difference(
        operations=("masked_select",),
        frameworks=("torch",),
        where="a mask of integers",
        when=whole_mask,
        example={"x": [1.0, 2.0], "mask": [1, 0]},
        numpy=[2.0, 1.0],
        theirs=RAISES,
        reason="The mask is a BoolTensor; in NumPy integers are indices and no mask.",
        link={"torch": torch("masked_select")},
    ),
    Difference(
        operations=("masked_select",),
        frameworks=("keras",),
        where="a mask of integers",
        when=whole_mask,
        example={"x": [1.0, 2.0], "mask": [1, 0]},
        numpy=[2.0, 1.0],
        theirs=[1.0],
        reason="tf.boolean_mask casts its mask to bool; in NumPy integers are indices and no mask.",
        link={"keras": tensorflow("boolean_mask")},
    ),
    Difference(
        operations=("masked_select",),
        frameworks=("jax",),
        where="a mask of integers, which are indices then, where one is out of range",
        when=lambda x, mask: whole_mask(mask) and outside(x, mask),
        example={"x": [1.5], "mask": [1]},
        numpy=RAISES,
        theirs=[1.5],
        reason="Compiled code cannot raise; indices in brackets are clamped to the range.",
        link={"jax": JAX_NOTES},
    ),
    Difference(
        operations=("masked_fill",),
        frameworks=("torch",),
        where="a value that is no number of the array's dtype, such as a float among integers",
        when=lambda x, value, **_: (x.dtype.kind == "i" and isinstance(value, float)) or x.dtype.kind == "b",
        example={"x": [1, 2], "mask": [True, False], "value": -1.5},
        numpy=[-1.5, 2.0],
        theirs=[-1, 2],
        reason="The result has the input's dtype, and the value is cast to it.",
        link={"torch": torch("Tensor.masked_fill_")},
    ),
    NAN_PASSED_OVER,
    replace(NAN_PASSED_OVER, operations=("argmin",), theirs=1, link={"keras": tensorflow("math/argmin")}),
    LESS_THAN_ZERO,
    replace(
        LESS_THAN_ZERO, operations=("argmin",), example={"x": [0.0, -0.0], "axis": 0}, link={"keras": keras("argmin")}
    ),
    Difference(
        operations=("argmax", "argmin"),
        frameworks=("torch",),
        where="bools",
        when=bools,
        example={"x": [True], "axis": 0},
        numpy=0,
        theirs=RAISES,
        reason="These functions are not implemented for torch.bool.",
        link={"torch": torch("argmax")},
    ),
    UNSORTED,
    replace(UNSORTED, operations=("argsort",), numpy=[1, 0], theirs=[0, 1], link={"keras": tensorflow("argsort")}),
    Difference(
        operations=("argsort",),
        frameworks=("keras",),
        where="-0 behind 0",
        when=negative_zero,
        example={"x": [0.0, -0.0], "axis": 0},
        numpy=[0, 1],
        theirs=[1, 0],
        reason="XLA sorts floats in a total order, in which -0 comes before 0.",
        link={"keras": f"{XLA}#sort"},
        modes=("xla",),
    ),
    Difference(
        operations=("searchsorted",),
        frameworks=("keras",),
        where="NaN",
        when=not_a_number,
        example={"ordered": [1.0, 2.0], "sought": [NAN], "side": "left"},
        numpy=[2],
        theirs=[0],
        reason="tf.searchsorted compares by < alone; NumPy has NaN after all numbers.",
        link={"keras": tensorflow("searchsorted")},
    ),
    Difference(
        operations=("searchsorted",),
        frameworks=("torch",),
        where="NaN among the sorted numbers",
        when=not_a_number,
        example={"ordered": [1.0, NAN], "sought": [NAN], "side": "left"},
        numpy=[1],
        theirs=[2],
        reason="It compares by < alone, so that NaN comes after NaN; in NumPy they are equals.",
        link={"torch": torch("searchsorted")},
    ),
    Difference(
        operations=("searchsorted",),
        frameworks=("keras",),
        where="values of another dtype than the sorted numbers",
        when=lambda ordered, sought, **_: ordered.dtype != sought.dtype,
        example={"ordered": [1.0, 2.0], "sought": [2], "side": "left"},
        numpy=[1],
        theirs=RAISES,
        reason="tf.searchsorted promotes no types.",
        link={"keras": tensorflow("searchsorted")},
    ),
    Difference(
        operations=("searchsorted",),
        frameworks=("torch", "keras"),
        where="bools",
        when=bools,
        example={"ordered": [False, True], "sought": [True], "side": "left"},
        numpy=[1],
        theirs=RAISES,
        reason="It is not implemented for bools.",
        link={"torch": torch("searchsorted"), "keras": tensorflow("searchsorted")},
        modes=("eager", "graph"),
    ),
    Difference(
        operations=("searchsorted",),
        frameworks=("keras",),
        where="values of two axes",
        when=lambda sought, **_: sought.ndim > 1,
        example={"ordered": [1.0, 2.0], "sought": [[2.0], [3.0]], "side": "left"},
        numpy=[[1], [2]],
        theirs=RAISES,
        reason="tf.searchsorted wants a sorted row for each row of values.",
        link={"keras": tensorflow("searchsorted")},
        modes=("eager", "graph"),
    ),
    Difference(
        operations=("unique",),
        frameworks=("torch",),
        where="NaN",
        when=not_a_number,
        example={"x": [NAN, 1.0, NAN]},
        numpy=[1.0, NAN],
        theirs=[1.0, NAN, NAN],
        reason="No NaN is another's equal; NumPy's equal_nan has them as one.",
        link={"torch": torch("unique")},
    ),
    Difference(
        operations=("unique",),
        frameworks=("keras",),
        where="NaN",
        when=not_a_number,
        example={"x": [NAN, 1.0, NAN]},
        numpy=[1.0, NAN],
        theirs=[NAN, 1.0, NAN],
        reason="No NaN is another's equal, and tf.sort has no place for it; NumPy's equal_nan has them as one.",
        link={"keras": tensorflow("unique")},
    ),
    Difference(
        operations=("unique",),
        frameworks=("keras",),
        where="bools",
        when=bools,
        example={"x": [True, False, True]},
        numpy=[False, True],
        theirs=RAISES,
        reason="tf.sort takes no bools.",
        link={"keras": tensorflow("sort")},
    ),
    Difference(
        operations=("index_select", "take_flat"),
        frameworks=("jax",),
        where="no indices into no numbers",
        when=lambda x, axis=None, **_: not (x.size if axis is None else x.shape[axis]),
        example={"x": [], "chosen": NO_INDICES, "places": NO_INDICES, "axis": 0},
        numpy=[[]],
        theirs=[],
        reason="What is taken from nothing is nothing, whatever shape the indices have.",
        link={"jax": jax("numpy.take")},
    ),
    Difference(
        operations=("index_select",),
        frameworks=("keras",),
        where="indices out of range, where there are no numbers",
        when=lambda x, **inputs: not x.size and outside(x, **inputs),
        example={"x": [[], []], "chosen": [2], "axis": 0},
        numpy=RAISES,
        theirs=[[]],
        reason="tf.gather looks at the indices only when it has something to copy.",
        link={"keras": tensorflow("gather")},
    ),
    Difference(
        operations=("index_select",),
        frameworks=("torch",),
        where="indices out of range, where there are no numbers",
        when=lambda x, **inputs: not x.size and outside(x, **inputs),
        example={"x": np.zeros((0, 2)), "chosen": [2], "axis": 1},
        numpy=np.zeros((0, 1)),
        theirs=RAISES,
        reason="PyTorch looks at the indices first; NumPy not before it has something to copy.",
        link={"torch": torch("index_select")},
    ),
    Difference(
        operations=("gather",),
        frameworks=("keras",),
        where="no numbers",
        when=lambda x, **_: not x.size,
        example={"x": np.zeros((0, 0)), "indices": NO_INDICES, "axis": 0},
        numpy=[[]],
        theirs=RAISES,
        reason="keras.ops reshapes to rows of the axis' length, and how many rows of length 0 there are is open.",
        link={"keras": keras("take_along_axis")},
        modes=("eager",),
    ),
    SUBNORMAL.also("jax", FLUSHES["jax"]),
    SUBNORMAL.also("keras", FLUSHES["keras"], "eager", "graph"),
    SUBNORMAL_PLACES.also("jax", FLUSHES["jax"]),
    SUBNORMAL_PLACES.also("keras", FLUSHES["keras"], "eager", "graph"),
    replace(SUBNORMAL, operations=("nonzero",), example={"x": [5e-324, 1.0]}, numpy=[0, 1], theirs=[1]),
    replace(SUBNORMAL, operations=("argmax",), example={"x": [0.0, 5e-324], "axis": 0}, numpy=1, theirs=0),
    replace(SUBNORMAL, operations=("argmin",), example={"x": [5e-324, 0.0], "axis": 0}, numpy=1, theirs=0),
    replace(
        SUBNORMAL,
        operations=("searchsorted",),
        example={"ordered": [0.0, 1.0], "sought": [5e-324], "side": "left"},
        numpy=[1],
        theirs=[0],
    ),
    replace(SUBNORMAL, operations=("unique",), example={"x": [0.0, 5e-324]}, numpy=[0.0, 5e-324], theirs=[0.0]),
)
