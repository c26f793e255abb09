"""Edges of joining."""

from hypothesis import strategies as st

from edges import mostly, shapes
from edges.moved import full_shapes, numbered

VALUES = [0.0, -0.0, 1.0, -2.5, float("nan"), float("inf"), float("-inf"), 5e-324, 1e300, 2, True]
OWN = {"f": VALUES, "i": [2, -3, 2**40], "b": [True, False]}  # of the array's own kind


@st.composite
def joined(draw):
    """Two arrays that agree in all but the axis, mostly; the axis may be none of theirs."""
    shape = draw(full_shapes())
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    other = list(shape)
    other[axis] = draw(st.integers(0, 3))
    other = draw(st.sampled_from([tuple(other)] * 6 + [(0,), (1, 2)]))
    axis = draw(st.sampled_from([axis] * 6 + [len(shape), -len(shape) - 1]))
    return {"x": draw(numbered(shape)), "more": draw(numbered(other)), "axis": axis}


@st.composite
def stacked(draw):
    """Two arrays of one shape, mostly; the new axis may be beyond those that there are then."""
    shape = draw(full_shapes(0, 2))
    other = draw(st.sampled_from([shape] * 6 + [(1,), (2, 1)]))
    axis = draw(st.integers(-len(shape) - 1, len(shape)) | st.integers(-len(shape) - 2, len(shape) + 1))
    return {"x": draw(numbered(shape)), "y": draw(numbered(other)), "axis": axis}


@st.composite
def repeated(draw):
    x = draw(numbered(full_shapes()))
    inside = st.integers(-x.ndim, x.ndim - 1)
    axis = draw(mostly(inside, st.none(), st.integers(-x.ndim - 1, x.ndim)))
    return {"x": x, "repeats": draw(st.integers(1, 3) | st.integers(-1, 2)), "axis": axis}


@st.composite
def padded(draw):
    """No border, or one up to wider than the array; now and then a negative one."""
    x = draw(numbered(full_shapes()))
    width = draw(st.sampled_from([st.integers(0, 3)] * 4 + [st.integers(-1, 3)]))
    value = draw(st.sampled_from(OWN[x.dtype.kind]) | st.sampled_from(VALUES))
    return {"x": x, "widths": draw(st.tuples(*[st.tuples(width, width)] * x.ndim)), "value": value}


@st.composite
def mirrored(draw):
    """Borders that fit into the array, and others."""
    full = numbered(shapes(2, 2, side=4, empty=False), "ffiib")
    x = draw(mostly(full, numbered(shapes(2, 2))))
    fitting = st.tuples(*(st.tuples(*[st.integers(0, max(side - 1, 0))] * 2) for side in x.shape))
    other = st.tuples(*[st.tuples(*[st.integers(-1, 5)] * 2)] * 2)
    return {"x": x, "widths": draw(mostly(fitting, other))}


EDGES = {
    "concatenate": joined(),
    "stack": stacked(),
    "tile": st.fixed_dictionaries(
        {
            "x": numbered(full_shapes(0, 3)),
            "repeats": st.lists(st.integers(0, 3) | st.integers(-1, 2), min_size=1, max_size=3).map(tuple),
        }
    ),
    "repeat": repeated(),
    "pad": padded(),
    "pad_reflect": mirrored(),
}
