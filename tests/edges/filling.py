"""Edges of filling."""

import numpy as np
from hypothesis import strategies as st

from edges import ALL, mostly, shapes
from edges.moved import full_shapes, numbered

INF, NAN = float("inf"), float("nan")
# Not -0: TensorFlow keeps Python's numbers that it has seen and takes an equal one for another, so that -0 becomes 0 if
# 0 came before. Integers are not filled with NaN or infinity: C leaves the result to the processor, and so does NumPy.
VALUES = {
    "f": [0.1, 0.0, -2.5, NAN, INF, -INF, 5e-324, 1e300, 3, 2**40, True],
    "i": [2, 0.0, 1.0, -2.5, 2.5, -3, 2**40, True],
    "b": [2.5, 0.0, NAN, INF, -INF, 5e-324, 1e300, 3, 2**40, True, False],
}
FLOATS, INTEGERS = st.just(np.zeros(1)), st.just(np.zeros(1, np.int64))
BOUNDS = st.sampled_from([0.0, 1.0, -1.0, 0.25, 2.5, -3.0, 7.0])
ENDLESS = st.sampled_from([0.0, 1.0, -2.5, NAN, INF, -INF])
STEPS = st.sampled_from([1.0, 0.5, -1.0, -0.75, 0.1, 9.0, 0.0])
WHOLE, OFFSETS = st.integers(-5, 9), st.sampled_from([1, -1, 0, 2, -2, 1, -1, 4, -4])
MATRICES = numbered(full_shapes(2, 3, side=4)) | numbered(full_shapes(0, 3))
WAYS = st.sampled_from(["ij", "ij", "xy", "xy", "yx"])


def some(**drawn):
    return st.fixed_dictionaries(drawn)


@st.composite
def filled(draw):
    """Any shape, now and then one that there is not."""
    like = draw(numbered((1,)))
    shape = draw(st.sampled_from([full_shapes(0, 3)] * 6 + [st.just((2, -1))]))
    return {"like": like, "shape": draw(shape), "value": draw(st.sampled_from(VALUES[like.dtype.kind]))}


@st.composite
def filled_like(draw):
    x = draw(numbered(full_shapes(0, 3)))
    return {"x": x, "value": draw(st.sampled_from(VALUES[x.dtype.kind]))}


def grid(u, v):
    return some(u=u, v=v, indexing=WAYS)


EDGES = {
    "full": filled(),
    "zeros_like": some(x=numbered(full_shapes(0, 3))),
    "ones_like": some(x=numbered(full_shapes(0, 3))),
    "full_like": filled_like(),
    "arange": some(like=FLOATS | FLOATS | INTEGERS, start=BOUNDS, stop=BOUNDS, step=STEPS)
    | some(like=FLOATS | INTEGERS, start=WHOLE, stop=WHOLE, step=st.sampled_from([1, 1, 2, 3, -1, -2, 0]))
    | some(like=FLOATS, start=ENDLESS, stop=ENDLESS, step=ENDLESS),
    "linspace": some(like=FLOATS | FLOATS | INTEGERS, start=BOUNDS, stop=BOUNDS, count=st.integers(-1, 5))
    | some(like=INTEGERS, start=st.integers(0, 3), stop=WHOLE, count=st.integers(2, 4))
    | some(like=FLOATS, start=ENDLESS, stop=ENDLESS, count=st.integers(0, 5)),
    "eye": some(like=numbered((1,)), rows=st.integers(-1, 4), columns=st.integers(-1, 4)),
    "tril": some(x=MATRICES, diagonal=OFFSETS),
    "triu": some(x=MATRICES, diagonal=OFFSETS),
    "diagonal": some(x=MATRICES, offset=OFFSETS),
    "diagonal_matrix": some(u=numbered(shapes(1, 1)), offset=OFFSETS),
    "meshgrid": mostly(
        st.sampled_from("ffib").flatmap(lambda kind: grid(numbered(shapes(1, 1), kind), numbered(shapes(1, 1), kind))),
        grid(numbered(full_shapes(0, 2)), numbered(full_shapes(0, 1))),
    ),
}
# Where an array says the dtype alone, it has one number.
LEFT_OUT = {
    **dict.fromkeys(("full", "eye"), frozenset({"empty", "tie"})),
    **dict.fromkeys(("arange", "linspace"), ALL - {"integers"}),
}
