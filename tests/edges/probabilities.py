"""Edges of probabilities: scores so large that a plain exponential overflows, certainty, ties, and wrong labels."""

import math
from functools import partial

import numpy as np
from hypothesis import strategies as st
from scipy import special

from edges import ALL, NAN, SPECIAL, ZERO, axes, bools, floats, integers, mostly, shapes
from edges.moved import numbered

SHAPES, ANY = shapes(), shapes(0)
LARGE = (1000.0, -1000.0, 745.0, -745.0, 40.0, -40.0, 20.001, 15.0)
SCORES = (*SPECIAL, *LARGE)


def scores(shape):
    return mostly(floats(shape, SCORES), floats(shape, LARGE))


def scores_or_whole(shape):
    """Mostly floats, since most frameworks take nothing else."""
    return mostly(scores(shape), integers(shape), bools(shape))


@st.composite
def along(draw):
    x = draw(scores_or_whole(SHAPES))
    return {"x": x, "axis": draw(axes(x))}


@st.composite
def ranked(draw):
    """Mostly of different numbers: of equal ones PyTorch returns any."""
    different = numbered(SHAPES, "ffi") | numbered(shapes(side=9), "f")
    x = draw(mostly(different, floats(SHAPES, ZERO), bools(SHAPES)))
    inside = st.integers(0, x.shape[-1])
    return {"x": x, "k": draw(mostly(inside, st.integers(0, 4)))}


@st.composite
def labelled(draw):
    rows, classes = draw(st.sampled_from([(2, 3), (2, 3), (3, 4), (3, 4), (1, 1), (1, 2), (0, 3), (0, 0)]))
    right, near = integers((rows,), 0, max(classes - 1, 0)), integers((rows,), -classes - 1, classes + 1)
    labels = draw(draw(st.sampled_from([right, right, right, right, right, near, integers((rows,), -101, -99)])))
    return {"x": draw(scores_or_whole((rows, classes))), "labels": labels}


@st.composite
def targeted(draw):
    shape = draw(shapes(1, 2))
    shares = floats(shape, (*ZERO, *NAN), (0.0, 1.0, 0.0, 1.0, 0.25))
    targets = draw(mostly(shares, integers(shape, 0, 1), bools(shape)))
    return {"x": draw(scores_or_whole(shape)), "targets": targets}


def shares(shape):
    return floats(shape, (0.0, 1e-9, *NAN), (1.0, 0.25, 0.5, 0.75, 1e-3))


@st.composite
def distributions(draw, *names):
    shape = draw(shapes(1, 2))
    kind = draw(st.sampled_from([shares] * 6 + [partial(integers, least=0, most=1), bools]))
    return {name: draw(kind(shape)) for name in names}


ONE = st.fixed_dictionaries({"x": scores_or_whole(ANY)})
LABELS = mostly(integers(ANY, 0, 3), integers(ANY, -5, 5))

EDGES = {
    **dict.fromkeys(("softmax", "log_softmax"), along()),
    **dict.fromkeys(("sigmoid", "log_sigmoid", "softplus"), ONE),
    "relu": st.fixed_dictionaries({"x": mostly(floats(ANY), integers(ANY), bools(ANY))}),
    "gelu": st.fixed_dictionaries({"x": scores_or_whole(ANY), "approximate": st.booleans()}),
    "one_hot": st.fixed_dictionaries({"labels": LABELS, "classes": st.sampled_from([4, 4, 4, 1])}),
    "top_k": ranked(),
    "cross_entropy": labelled(),
    "binary_cross_entropy": targeted(),
    "kl_divergence": distributions("p", "q"),
    "entropy": distributions("p"),
}

NO_SHARES = {"-0", "infinite", "huge", "subnormal"}  # beside them 0 and 1e-9 are shares to be taken for certain
LEFT_OUT = {
    "sigmoid": {"integers"},
    "gelu": {"bools"},
    "one_hot": ALL - {"integers", "tie", "empty"},  # of whole numbers
    "top_k": {"NaN"},
    "kl_divergence": NO_SHARES,
    "entropy": NO_SHARES,
}


def by_number(function):
    """Of a function of one number one of arrays."""
    return lambda x: np.array([function(np.float64(value)) for value in x.ravel()], float).reshape(x.shape)


def gelu(x, approximate):
    if approximate:
        return by_number(lambda v: v * (1 - 1 / (1 + np.exp(2 * math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)))))(x)
    return x * special.ndtr(x)


def top_k(x, k):
    """Sorted by Python, one row after the other; NaN comes last."""
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    order = [sorted(range(len(row)), key=lambda i, row=row: (bool(np.isnan(row[i])), -row[i]))[:k] for row in rows]
    places = np.array(order, int).reshape(*x.shape[:-1], min(k, x.shape[-1]))
    return np.take_along_axis(x, places, axis=-1), places


def nothing_beside_infinity(x, axis):
    """0, or NaN in rows with an infinite score, to which SciPy gives shares all the same."""
    return 0 * x.max(axis=axis, keepdims=True)


def softmax(x, axis):
    return special.softmax(x, axis=axis) + nothing_beside_infinity(x, axis)


def log_softmax(x, axis):
    return special.log_softmax(x, axis=axis) + nothing_beside_infinity(x, axis)


def cross_entropy(x, labels):
    rows = [row[label] for row, label in zip(log_softmax(x, 1), labels, strict=True)]
    return -np.mean(rows)


def binary_cross_entropy(x, targets):
    return -np.mean(targets * special.log_expit(x) + (1 - targets) * special.log_expit(-x))


ORACLES = {
    "softmax": softmax,
    "log_softmax": log_softmax,
    "sigmoid": lambda x: special.expit(x),
    "log_sigmoid": lambda x: special.log_expit(x),
    "softplus": lambda x: -special.log_expit(-1.0 * x),
    "relu": lambda x: np.where(x < 0, 0, x * 1),
    "gelu": gelu,
    "one_hot": lambda labels, classes: (labels[..., np.newaxis] % classes == np.arange(classes)).astype(int),
    "top_k": top_k,
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
    "kl_divergence": lambda p, q: special.rel_entr(p, q).sum(axis=-1),
    "entropy": lambda p: special.entr(p).sum(axis=-1),
}
