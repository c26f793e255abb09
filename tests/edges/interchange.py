"""Edges of interchange: numbers that another kind has no place for, and arrays of every shape handed on."""

from hypothesis import strategies as st

from edges import SPECIAL, bools, floats, integers, mostly, shapes

OUT = (
    1e-40,
    -1e-40,
    1e-46,
    3.5e38,
    16777217.0,
    0.1,
    2147483647.0,
    2147483648.0,
    -2147483648.5,
    -2147483649.0,
    3e9,
    1e10,
)


def anything(shape):
    return mostly(floats(shape, (*SPECIAL, *OUT)), integers(shape, -(2**40), 2**40), bools(shape))


EDGES = dict.fromkeys(
    (
        "to_float32",
        "to_integer",
        "to_bool",
        "bits",
        "from_numpy_copied",
        "from_numpy_shared",
        "to_numpy",
        "through_dlpack",
    ),
    st.fixed_dictionaries({"x": anything(shapes(0))}),
)
