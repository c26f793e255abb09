"""Edges of splitting."""

from hypothesis import strategies as st

from edges import mostly
from edges.moved import full_shapes, numbered


@st.composite
def chunked(draw):
    """Equal parts, mostly; no parts, fewer than none, and axes that there are not."""
    parts, shape = draw(st.integers(1, 4)), list(draw(full_shapes()))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    shape[axis] = parts * draw(st.integers(0, 2)) + draw(st.sampled_from([0, 0, 0, 0, 1]))
    parts = draw(st.sampled_from([parts] * 6 + [0, -1]))
    axis = draw(st.sampled_from([axis] * 6 + [len(shape)]))
    return {"x": draw(numbered(tuple(shape))), "parts": parts, "axis": axis}


@st.composite
def cut(draw):
    """Places in order, mostly; beyond the end, counted from it, and none at all."""
    x = draw(numbered(full_shapes(side=5), "fib"))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    inside = st.lists(st.integers(0, x.shape[axis]), min_size=1, max_size=4).map(sorted)
    anywhere = st.lists(st.integers(-6, 7), max_size=3)
    return {"x": x, "places": tuple(draw(mostly(inside, anywhere))), "axis": axis}


@st.composite
def along(draw):
    x = draw(numbered(full_shapes()))
    inside = st.integers(-x.ndim, x.ndim - 1)
    return {"x": x, "axis": draw(mostly(inside, st.integers(-x.ndim - 1, x.ndim)))}


BOUND = st.none() | st.integers(-6, 6)
ROWS = numbered(full_shapes(1, 2, side=5))

EDGES = {
    "chunk": chunked(),
    "split_at": cut(),
    "unstack": along().map(lambda drawn: {"few": drawn["x"], "axis": drawn["axis"]}),
    "every_other": st.fixed_dictionaries(
        {"x": ROWS, "start": BOUND, "stop": BOUND, "step": st.sampled_from([1, 2, 3, 7, None, 2, 3, -1, -2, -7, 0])}
    ),
    "every_other_backwards": st.fixed_dictionaries({"x": ROWS, "step": st.sampled_from([1, 1, 2, 2, 3, 7, 0])}),
    "flip": along(),
}
