"""Edges of reshaping."""

from hypothesis import strategies as st

from edges import mostly
from edges.moved import full_shapes, numbered


def places(array):
    """Axes, and now and then what is none."""
    inside = st.integers(-array.ndim, array.ndim - 1)
    return mostly(inside, st.integers(-array.ndim - 1, array.ndim))


@st.composite
def reshaped(draw):
    """Shapes of as many numbers, mostly, with one side left open or none, and others."""
    x = draw(numbered(full_shapes(2, 3)) | numbered(full_shapes(0, 3)))
    first = draw(st.sampled_from([n for n in range(1, x.size + 1) if x.size % n == 0] or [0, 1, 2]))
    rest = x.size // first if first else 0
    second = draw(st.sampled_from([n for n in range(1, rest + 1) if rest % n == 0] or [0, 3]))
    shape = [first, second, rest // second if second else 0]
    left = shape.copy()
    left[draw(st.integers(0, 2))] = -1
    other = st.lists(st.integers(-1, 4), max_size=3)
    return {"x": x, "shape": tuple(draw(mostly(st.just(shape) | st.just(left), other)))}


@st.composite
def squeezed(draw):
    row = draw(numbered(st.lists(st.sampled_from([1, 1, 1, 2, 3, 0]), min_size=1, max_size=4).map(tuple)))
    ones = [axis - len(row.shape) * draw(st.booleans()) for axis, side in enumerate(row.shape) if side == 1]
    return {"row": row, "axis": draw(st.one_of(st.sampled_from(ones), places(row)) if ones else places(row))}


@st.composite
def unsqueezed(draw):
    x = draw(numbered(full_shapes(0, 3)))
    return {"x": x, "axis": draw(st.integers(-x.ndim - 1, x.ndim) | st.integers(-x.ndim - 2, x.ndim + 1))}


@st.composite
def permuted(draw):
    """Each axis once, from the front or the back, mostly."""
    images = draw(numbered(full_shapes(2, 4) | full_shapes()))
    axes = [axis - images.ndim * draw(st.booleans()) for axis in draw(st.permutations(range(images.ndim)))]
    other = st.lists(st.integers(-images.ndim - 1, images.ndim), min_size=1, max_size=4)
    return {"images": images, "axes": tuple(draw(mostly(st.just(axes), other)))}


@st.composite
def two_axes(draw, first, second):
    images = draw(numbered(full_shapes(2, 4) | full_shapes()))
    return {"images": images, first: draw(places(images)), second: draw(places(images))}


@st.composite
def broadcast(draw):
    """Sides of length 1 stretched and new ones put before; now and then what does not fit, and -1."""
    row = draw(numbered(st.lists(st.sampled_from([1, 2, 3, 1, 0]), max_size=3).map(tuple)))
    fitting = [draw(st.integers(0, 3)) if side == 1 else side for side in row.shape]
    fitting = draw(st.lists(st.sampled_from([1, 2, 3, 0]), max_size=2)) + fitting
    open_ = [-1, *fitting[1:]]
    other = st.lists(st.integers(0, 3), max_size=3)
    return {"row": row, "shape": tuple(draw(mostly(st.just(fitting), st.just(open_), other)))}


@st.composite
def rolled(draw):
    x = draw(numbered(full_shapes()))
    return {"x": x, "shift": draw(st.integers(-7, 7)), "axis": draw(st.none() | places(x))}


EDGES = {
    "reshape": reshaped(),
    "flatten": st.fixed_dictionaries({"images": numbered(full_shapes(0, 3))}),
    "squeeze": squeezed(),
    "unsqueeze": unsqueezed(),
    "transpose": st.fixed_dictionaries({"x": numbered(full_shapes(0, 3))}),
    "permute": permuted(),
    "move_axis": two_axes("source", "destination"),
    "swap_axes": two_axes("first", "second"),
    "broadcast_to": broadcast(),
    "roll": rolled(),
}
