"""Edges of selection: ties, NaN, and indices beyond either end."""

import numpy as np
from hypothesis import strategies as st

from edges import HUGE, INFINITE, NAN, SPECIAL, SUBNORMAL, ZERO, axes, bools, floats, integers, shapes

ORDERED = (*ZERO, *HUGE, *INFINITE)  # what has its place in an order


@st.composite
def masked(draw, others=1):
    shape = draw(shapes())
    return [draw(bools(shape)), *(draw(floats(shape)) for _ in range(others))]


@st.composite
def along(draw, values=False):
    """An array, an axis, and indices along it, a third of the drawings with some beyond an end."""
    x = draw(floats(shapes(1, 3, empty=False)))
    axis = draw(axes(x))
    length = x.shape[axis]
    shape = list(x.shape)
    shape[axis] = draw(st.integers(0, length))
    reach = draw(st.sampled_from([0, 0, 2]))
    if values:  # no place is written twice: which of them stays is left open
        rows = np.array([draw(st.permutations(range(length))) for _ in range(x.size // length)], int)
        index = np.moveaxis(rows.reshape(*np.delete(x.shape, axis), length), -1, axis)
        index = np.take(index, range(shape[axis]), axis=axis) + (reach and length)
    else:
        index = draw(integers(tuple(shape), -length - reach, length - 1 + reach))
    drawn = {"x": x, "index": index, "axis": axis}
    return drawn | ({"values": draw(floats(tuple(shape)))} if values else {})


@st.composite
def indexed(draw):
    x = draw(floats(shapes(1, 3, empty=False)))
    axis, reach = draw(axes(x)), draw(st.sampled_from([0, 0, 0, 2]))
    length = x.shape[axis]
    return {
        "x": x,
        "rows": draw(integers((draw(st.integers(0, 4)),), -length - reach, length - 1 + reach)),
        "axis": axis,
    }


@st.composite
def flat(draw):
    x, reach = draw(floats(shapes(1, 3, empty=False))), draw(st.sampled_from([0, 0, 0, 2]))
    return {"x": x, "flat": draw(integers(shapes(1, 2), -x.size - reach, x.size - 1 + reach))}


@st.composite
def with_axis(draw, name, special, empty=True):
    kinds = [floats(shapes(empty=empty), special), integers(shapes(empty=empty)), bools(shapes(empty=empty))]
    x = draw(st.one_of(kinds))
    return {name: x, "axis": draw(axes(x))}


EDGES = {
    "where": masked(2).map(lambda drawn: dict(zip(("mask", "x", "y"), drawn, strict=True))),
    "index_select": indexed(),
    "take_flat": flat(),
    "gather": along(),
    "scatter": along(values=True),
    "masked_select": masked().map(lambda drawn: {"mask": drawn[0], "x": drawn[1]}),
    "masked_fill": masked().map(lambda drawn: {"mask": drawn[0], "x": drawn[1], "value": -1.0}),
    "nonzero": st.fixed_dictionaries({"rounded": floats(shapes()) | integers(shapes()) | bools(shapes())}),
    "argmax": with_axis("rounded", SPECIAL),
    "argmin": with_axis("rounded", SPECIAL),
    "sort": with_axis("x", (*ORDERED, *NAN, *SUBNORMAL)),
    "argsort": with_axis("rounded", (*ORDERED, *NAN, *SUBNORMAL)),
    "searchsorted": st.builds(
        lambda ordered, x: {"ordered": np.sort(ordered), "x": x},
        floats((3,), ORDERED),
        floats(shapes(), (*ORDERED, *NAN)),
    ),
    "unique": st.fixed_dictionaries(
        {"whole": integers(shapes()) | floats(shapes(1, 1), (*ORDERED, *NAN)) | bools(shapes(1, 1))}
    ),
}
