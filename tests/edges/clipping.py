"""Edges of clipping and rounding."""

from hypothesis import strategies as st

from edges import floats, integers, shapes

ANY = st.fixed_dictionaries({"x": floats(shapes())})
BOUNDS = st.tuples(st.sampled_from([-2.0, -0.5, 0.0]), st.sampled_from([0.0, 1.0, 2.5]))


@st.composite
def columns(draw):
    width = draw(st.integers(0, 3))
    rows, bounds = (draw(st.integers(0, 3)), width), (width,)
    return {"x": draw(floats(rows)), "low": draw(floats(bounds, ())), "high": draw(floats(bounds, ()))}


EDGES = {
    "clip": st.builds(
        lambda x, bounds: {"x": x, "low": bounds[0], "high": bounds[1]}, floats(shapes()) | integers(shapes()), BOUNDS
    ),
    "clip_below": st.builds(lambda x, low: {"x": x, "low": low}, floats(shapes()), st.sampled_from([-1.0, 0.0, 2.5])),
    "clip_columns": columns(),
    **dict.fromkeys(("floor", "ceil", "round_half_even", "truncate", "sign", "absolute"), ANY),
}
