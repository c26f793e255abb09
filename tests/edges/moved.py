"""Arrays for operations that only move their entries: few entries are alike, so that it shows where each one goes."""

import math

import numpy as np
from hypothesis import strategies as st

from edges import SPECIAL, mostly, put_in, shapes


def full_shapes(least=1, most=3, *, side=3):
    """Shapes of so many dimensions, mostly such that there are some entries, and more than one along most axes."""
    full = shapes(least, most, side=side, empty=False)
    return mostly(full, shapes(least, most, side=side))


@st.composite
def numbered(draw, shape, kinds="fib"):
    """Arrays of float64, int64 or bool: all entries differ, but for special ones among the floats, and bools."""
    shape, kind = draw(shape) if isinstance(shape, st.SearchStrategy) else shape, draw(st.sampled_from(kinds))
    size = math.prod(shape)
    order = np.random.default_rng(draw(st.integers(0, 99))).permutation(size)
    if kind == "b":
        return (order % 2 == 0).reshape(shape)
    if kind == "i":
        return (order - size // 2).reshape(shape)
    array = order * 0.3 - 1
    put_in(draw, array, SPECIAL)
    return array.reshape(shape)
