"""Edges of reductions: nothing to be summed, no axis or all, equal numbers, and what one NaN does to a row."""

from itertools import combinations

import numpy as np
from hypothesis import strategies as st
from scipy import special

from edges import INFINITE, NAN, SPECIAL, SUBNORMAL, ZERO, axes, bools, floats, integers, mostly, shapes

SHAPES = shapes()
EXPONENTS = (*SPECIAL, 1000.0, -1000.0)
SUMMED = (*ZERO, *SUBNORMAL, *INFINITE, *NAN)  # huge ones would only show in which order is summed


def anything(shape):
    return mostly(floats(shape, SUMMED), integers(shape), bools(shape))


def compared(shape):
    return mostly(floats(shape), integers(shape), bools(shape))


@st.composite
def along(draw, arrays, name="x", **others):
    """An array and one of its axes."""
    array = draw(arrays)
    return {name: array, "axis": draw(axes(array))} | {key: draw(values) for key, values in others.items()}


@st.composite
def along_many(draw, arrays, name="x", **others):
    """An array and one of its axes, several, all, or none."""
    array = draw(arrays)
    several = [pair for count in range(array.ndim + 1) for pair in combinations(range(array.ndim), count)]
    axis = draw(axes(array) | axes(array) | st.sampled_from(several) | st.none())
    return {name: array, "axis": axis} | {key: draw(values) for key, values in others.items()}


TRUTH = bools(SHAPES) | integers(SHAPES, -1, 1) | floats(SHAPES)
SHARES = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, 0.25, 0.5, 0.3])

EDGES = {
    "sum": along_many(anything(SHAPES), keepdims=st.booleans()),
    "mean": along_many(anything(SHAPES)),
    "product": along(anything(SHAPES)),
    "variance": along_many(anything(SHAPES)),
    "deviation_sample": along(anything(SHAPES)),
    **dict.fromkeys(("maximum", "minimum"), along_many(compared(SHAPES))),
    **dict.fromkeys(("cumulative_sum", "cumulative_product"), along(anything(SHAPES))),
    "median": along(compared(shapes(side=4))),
    "quantile": along(compared(shapes(side=4)), q=SHARES),
    **dict.fromkeys(("any", "all"), along_many(TRUTH, "true")),
    "logsumexp": along(mostly(floats(SHAPES, EXPONENTS), integers(SHAPES), bools(SHAPES))),
}


# Of bools, means are made in single precision by some and refused by others.
LEFT_OUT = {
    **dict.fromkeys(("sum", "product", "cumulative_sum", "cumulative_product"), frozenset({"huge"})),
    **dict.fromkeys(("mean", "variance", "deviation_sample"), frozenset({"huge", "bools"})),
    "quantile": {"bools", "infinite"},
    "logsumexp": {"bools"},
}


def logsumexp(x, axis):
    """SciPy's, which raises where there is nothing to be summed: the logarithm of 0."""
    shape = np.delete(x.shape, axis)
    return special.logsumexp(x, axis=axis) if x.shape[axis] else np.full(shape, -np.inf)


ORACLES = {"logsumexp": logsumexp}
