"""Edges of selection: above all indices from behind, and out of range."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from edges import HUGE, INFINITE, NAN, SUBNORMAL, axes, bools, floats, integers, mostly, shapes

# No -0: TensorFlow keeps Python numbers by equality, so that it is the zero that the process had first.
VALUES = (-1.5, 0.1, 7, True, *SUBNORMAL, *HUGE, *INFINITE, *NAN)


def any_of(shape):
    return mostly(floats(shape), integers(shape), bools(shape))


ANY = any_of(shapes())


def places(draw, shape, length):
    """Indices into what is so long: mostly within, else from behind, or out of range on either side by one."""
    within = integers(shape, 0, length - 1) if length else integers(shape, 0, 0)
    return draw(mostly(within, integers(shape, -length, max(length - 1, 0)), integers(shape, -length - 1, length)))


@st.composite
def wheres(draw):
    """The mask of bools or of 0 and 1, some arrays with an axis of 1 to be stretched."""
    shape = draw(shapes(1, 2))
    stretched = (1, *shape[1:]) if draw(st.booleans()) else shape
    mask = draw(bools(stretched) | integers(stretched, 0, 1))
    return {"mask": mask, "x": draw(any_of(shape)), "y": draw(any_of(shape))}


@st.composite
def along_axis(draw):
    x = draw(ANY)
    return {"x": x, "axis": draw(axes(x))}


@st.composite
def slices(draw):
    x = draw(ANY)
    axis = draw(axes(x))
    shape = draw(shapes(1, 1) | shapes(1, 2))
    return {"x": x, "chosen": places(draw, shape, x.shape[axis]), "axis": axis}


@st.composite
def flat(draw):
    x = draw(ANY)
    return {"x": x, "places": places(draw, draw(shapes(1, 2)), x.size)}


def indexed(draw):
    """Indices for each place of the other axes; in a few cases one for all, to be stretched."""
    x = draw(ANY)
    axis = draw(axes(x))
    shape = [1 if draw(st.integers(0, 9)) == 0 else length for length in x.shape]
    shape[axis] = draw(st.integers(0, 3))
    return x, places(draw, tuple(shape), x.shape[axis]), axis


@st.composite
def gathered(draw):
    x, indices, axis = indexed(draw)
    return {"x": x, "indices": indices, "axis": axis}


@st.composite
def scattered(draw):
    """Values of the kind of the numbers, and no index twice: which of two values stays is left open."""
    x, indices, axis = indexed(draw)
    ordered = np.sort(np.where(indices < 0, indices + x.shape[axis], indices), axis=axis)
    assume((np.diff(ordered, axis=axis) != 0).all())
    values = draw({"f": floats, "i": integers, "b": bools}[x.dtype.kind](indices.shape))
    return {"x": x, "indices": indices, "values": values, "axis": axis}


@st.composite
def masked(draw):
    """A mask of the same shape, of the first axis or with an axis of 1; of bools or in a few cases of 0 and 1."""
    x = draw(ANY)
    shape = draw(st.sampled_from([x.shape, x.shape, x.shape, x.shape[:1], (1, *x.shape[1:])]))
    return {"x": x, "mask": draw(mostly(bools(shape), integers(shape, 0, 1)))}


@st.composite
def filled(draw):
    x = draw(ANY)
    shape = draw(st.sampled_from([x.shape, x.shape, x.shape[1:], (1, *x.shape[1:])]))
    value = draw(st.sampled_from(VALUES))
    return {"x": x, "mask": draw(bools(shape)), "value": value}


@st.composite
def bisected(draw):
    kind = draw(st.sampled_from([floats] * 8 + [integers, bools]))
    sought = draw(st.sampled_from([kind] * 9 + [floats, integers, bools]))
    shape = draw(st.sampled_from([(3,)] * 6 + [(1,), (0,), (2, 2)]))
    side = draw(st.sampled_from(["left", "right"]))
    return {"ordered": np.sort(draw(kind(shapes(1, 1)))), "sought": draw(sought(shape)), "side": side}


EDGES = {
    "where": wheres(),
    "index_select": slices(),
    "take_flat": flat(),
    "gather": gathered(),
    "scatter": scattered(),
    "masked_select": masked(),
    "masked_fill": filled(),
    "nonzero": st.fixed_dictionaries({"x": ANY}),
    "argmax": along_axis(),
    "argmin": along_axis(),
    "sort": along_axis(),
    "argsort": along_axis(),
    "searchsorted": bisected(),
    "unique": st.fixed_dictionaries({"x": ANY}),
}
