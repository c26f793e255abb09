"""Edges of norms."""

import math
from functools import partial

import numpy as np
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from edges import INFINITE, NAN, PLAIN, SPECIAL, SUBNORMAL, ZERO, axes, bools, floats, integers, mostly, shapes

# No huge ones where squares of many are summed or divided: these are 0, infinite or NaN by the order of the steps.
BAD = (*ZERO, *SUBNORMAL, *INFINITE, *NAN)
TINY = (0.0, 1e-9, -1e-9, 1e-13)  # vectors of so little length are scaled to it by some, and by others not
NOT_ZERO = tuple(number for number in PLAIN if number)


def any_of(*shapes, special=BAD, plain=PLAIN):
    """Arrays of one kind: mostly floats, since to integers and bools there is less."""
    kinds = (partial(floats, special=special, plain=plain), integers, bools)
    return mostly(*(st.tuples(*map(kind, shapes)) for kind in kinds))


def one_of(shape, special=SPECIAL):
    return any_of(shape, special=special).map(lambda arrays: arrays[0])


VECTOR = one_of(shapes(1, 1))
MATRICES = shapes(2, 2)


def along_axis(arrays):
    return arrays.flatmap(lambda x: st.fixed_dictionaries({"x": st.just(x), "axis": axes(x)}))


@st.composite
def points(draw):
    """Few, or as many as PyTorch computes with products."""
    columns, (rows, others) = (
        draw(st.sampled_from([3, 3, 1, 0])),
        draw(st.sampled_from([(2, 3), (2, 3), (0, 2), (26, 2)])),
    )
    a, b = draw(any_of((rows, columns), (others, columns)))
    return {"a": a, "b": b}


@st.composite
def pairs(draw):
    shape = draw(shapes())
    x, y = draw(any_of(shape, shape, special=(*BAD, *TINY), plain=NOT_ZERO))
    return {"x": x, "y": y}


EDGES = {
    "norm_l1": st.fixed_dictionaries({"v": VECTOR}),
    "norm_l2": st.fixed_dictionaries({"v": VECTOR}),
    "norm_p": st.fixed_dictionaries(
        {"v": VECTOR, "p": st.sampled_from([3, 1, 2, 0.5, 1.5, 0, -1, math.inf, -math.inf])}
    ),
    "norm_max": st.fixed_dictionaries({"v": VECTOR}),
    "count_nonzero": along_axis(one_of(shapes())),
    "norm_rows": along_axis(one_of(shapes())),
    "norm_frobenius": st.fixed_dictionaries({"x": one_of(MATRICES)}),
    "norm_nuclear": st.fixed_dictionaries({"m": one_of(MATRICES, BAD)}),
    "distance": points(),
    "cosine_similarity": pairs(),
    "normalize": along_axis(any_of(shapes(), special=(*BAD, *TINY), plain=NOT_ZERO).map(lambda arrays: arrays[0])),
}


# Of bools, all but JAX, which takes single precision, refuse to be normalised.
LEFT_OUT = {
    **dict.fromkeys(("norm_nuclear", "distance"), frozenset({"huge"})),
    **dict.fromkeys(("cosine_similarity", "normalize"), frozenset({"huge", "bools"})),
}


def length(row):
    """By numbers of Python, one at a time."""
    return math.sqrt(math.fsum(float(number) ** 2 for number in row))


def cosines(x, y):
    rows = [each.reshape(math.prod(each.shape[:-1]), each.shape[-1]) for each in (x, y)]
    products = np.array(
        [sum(float(a) * float(b) for a, b in zip(*pair, strict=True)) for pair in zip(*rows, strict=True)]
    )
    if x.dtype.kind == "b":  # NumPy's sum of bools is whether one is true
        products = np.minimum(products, 1)
    lengths = [np.array([length(row) for row in each]) for each in rows]
    return (np.array(products) / lengths[0] / lengths[1]).reshape(x.shape[:-1])


def unit_vectors(x, axis):
    return np.apply_along_axis(lambda row: row / np.float64(length(row)), axis, x) if x.size else x.astype(float)


ORACLES = {
    "distance": lambda a, b: cdist(a.astype(float), b.astype(float)),
    "cosine_similarity": cosines,
    "normalize": unit_vectors,
}
