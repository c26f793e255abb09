"""Edges of clipping and rounding."""

import numpy as np
from hypothesis import strategies as st

from edges import INFINITE, NAN, ZERO, bools, floats, integers, mostly, shapes

SHAPES = shapes()
ANY = mostly(floats(SHAPES), integers(SHAPES), bools(SHAPES))
# No bound of -0: TensorFlow keeps Python numbers by equality, so that it is the zero that the process had first.
LOW = st.sampled_from([-2.0, -0.5, 0.0, 0.1])
HIGH = st.sampled_from([2.5, 1.0, 0.0, -3.0])  # some below the lower bound


@st.composite
def columns(draw):
    shape = draw(shapes(2, 2))
    bounds = floats(shape[1:], (*ZERO, *INFINITE, *NAN))
    x = mostly(floats(shape), integers(shape), bools(shape))
    low, high = draw(bounds), draw(bounds)
    crossed = draw(st.integers(0, 4)) == 0
    return {"x": draw(x), "low": low, "high": high if crossed else np.maximum(low, high)}


EDGES = {
    "clip": st.fixed_dictionaries({"x": ANY, "low": LOW, "high": HIGH}),
    "clip_below": st.fixed_dictionaries({"x": ANY, "low": LOW}),
    "clip_columns": columns(),
    **dict.fromkeys(
        ("floor", "ceil", "round_half_even", "truncate", "sign", "absolute"), st.fixed_dictionaries({"x": ANY})
    ),
}
LEFT_OUT = {"round_half_even": {"bools"}}  # which NumPy alone rounds
