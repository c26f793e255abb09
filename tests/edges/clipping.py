"""Edges of clipping and rounding."""

import numpy as np
from hypothesis import strategies as st

from edges import INFINITE, NAN, ZERO, bools, floats, integers, shapes

ANY = floats(shapes(empty=False)) | floats(shapes()) | integers(shapes()) | bools(shapes())
# No bound of -0: TensorFlow keeps Python numbers by equality, so that it is the zero that the process had first.
LOW = st.sampled_from([-2.0, -0.5, 0.0, 0.1])
HIGH = st.sampled_from([2.5, 1.0, 0.0, -3.0])  # some below the lower bound


@st.composite
def columns(draw):
    rows, width = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    bounds = floats((width,), (*ZERO, *INFINITE, *NAN))
    x = floats((rows, width)) | integers((rows, width)) | bools((rows, width))
    low, high = draw(bounds), draw(bounds)
    return {"x": draw(x), "low": low, "high": high if draw(st.booleans()) else np.maximum(low, high)}


EDGES = {
    "clip": st.fixed_dictionaries({"x": ANY, "low": LOW, "high": HIGH}),
    "clip_below": st.fixed_dictionaries({"x": ANY, "low": LOW}),
    "clip_columns": columns(),
    **dict.fromkeys(
        ("floor", "ceil", "round_half_even", "truncate", "sign", "absolute"), st.fixed_dictionaries({"x": ANY})
    ),
}
