"""Edges of interchange: numbers that another kind has no place for, and arrays of every shape handed on."""

import numpy as np
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
    some = mostly(floats(shape, (*SPECIAL, *OUT)), integers(shape, -(2**40), 2**40), bools(shape))
    return some.map(without_sign)


def without_sign(x):
    """The same, but 0 for a single -0, which TensorFlow may take for a 0 that it has kept (see CONTRIBUTING)."""
    return np.zeros_like(x) if x.shape == () and x == 0 else x


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
