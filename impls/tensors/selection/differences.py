"""Where selection is not NumPy's, by a framework's design: indices out of range, NaN, subnormals, bools."""

from typing import Any

import numpy as np

from impls.operations import RAISES, Difference

THREE = [1.0, 2.0, 3.0]
NAN = float("nan")
TORCH = "https://docs.pytorch.org/docs/stable/generated/torch."
JAX_INDEX = "https://docs.jax.dev/en/latest/jax.numpy.html#indexing"
JAX_TAKE = "https://docs.jax.dev/en/latest/_autosummary/jax.numpy.take.html"
JAX_AT = "https://docs.jax.dev/en/latest/_autosummary/jax.numpy.ndarray.at.html"
SCATTER_ND = "https://www.tensorflow.org/api_docs/python/tf/tensor_scatter_nd_update"
TF_MATH = "https://www.tensorflow.org/api_docs/python/tf/"
JAX_NOTES = "https://docs.jax.dev/en/latest/notebooks/Common_Gotchas_in_JAX.html"
DENORMALS = "https://docs.pytorch.org/docs/stable/generated/torch.set_flush_denormal.html"


def _length(x: Any, axis: int | None) -> int:
    return x.size if axis is None else x.shape[axis]


def beyond(x: Any, axis: int | None = None, **others: Any) -> bool:
    """Whether an index is beyond either end."""
    index = next(others[name] for name in ("rows", "flat", "index") if name in others)
    return bool(((index >= _length(x, axis)) | (index < -_length(x, axis))).any())


def negative(x: Any, axis: int, **others: Any) -> bool:
    """Whether an index counts from the end."""
    index = next(others[name] for name in ("rows", "index") if name in others)
    return bool((index < 0).any()) and not beyond(x, axis, **others)


def truths(**inputs: Any) -> bool:
    """Whether the numbers are bools."""
    return bool(next(iter(inputs.values())).dtype.kind == "b")


def has_nan(**inputs: Any) -> bool:
    """Whether there is NaN."""
    return any(a.dtype.kind == "f" and bool(np.isnan(a).any()) for a in inputs.values() if isinstance(a, np.ndarray))


def subnormal(**inputs: Any) -> bool:
    """Whether there are subnormal numbers."""
    floats = [a for a in inputs.values() if isinstance(a, np.ndarray) and a.dtype.kind == "f"]
    return any(bool(((a != 0) & (np.abs(a) < np.finfo(a.dtype).tiny)).any()) for a in floats)


def _index(operations: tuple[str, ...], framework: str, name: str, rest: dict[str, Any], **said: Any) -> Difference:
    return Difference(
        operations=operations, frameworks=(framework,), example={"x": THREE, name: [said.pop("at")], **rest}, **said
    )


AXIS = {"axis": 0}
VALUES = {"values": [9.0], **AXIS}
FROM_THE_END = "an index that counts from the end"
BEYOND = "an index beyond the end (out of range)"
FILLS = "an index out of range gives NaN (mode='fill'): a compiled program can raise no error."

DIFFERENCES = (
    _index(
        ("index_select",),
        "torch",
        "rows",
        AXIS,
        at=-1,
        where=FROM_THE_END,
        when=negative,
        numpy=[3.0],
        theirs=RAISES,
        reason="the indices of index_select are from 0 up; x[rows] counts from the end as NumPy does.",
        link=f"{TORCH}index_select.html",
    ),
    _index(
        ("gather",),
        "torch",
        "index",
        AXIS,
        at=-1,
        where=FROM_THE_END,
        when=negative,
        numpy=[3.0],
        theirs=RAISES,
        reason="the indices of gather are from 0 up, and so are those of take_along_dim.",
        link=f"{TORCH}gather.html",
    ),
    _index(
        ("scatter",),
        "torch",
        "index",
        VALUES,
        at=-1,
        where=FROM_THE_END,
        when=negative,
        numpy=[1.0, 2.0, 9.0],
        theirs=RAISES,
        reason="the indices of scatter are from 0 up.",
        link=f"{TORCH}scatter.html",
    ),
    _index(
        ("scatter",),
        "keras",
        "index",
        VALUES,
        at=-1,
        where=FROM_THE_END,
        when=negative,
        numpy=[1.0, 2.0, 9.0],
        theirs=RAISES,
        reason="scatter_update's indices are places from 0 up; others are an error on the CPU, and left out on a GPU.",
        link=SCATTER_ND,
    ),
    _index(
        ("index_select",),
        "jax",
        "rows",
        AXIS,
        at=3,
        where=BEYOND,
        when=beyond,
        numpy=RAISES,
        theirs=[NAN],
        reason=FILLS,
        link=JAX_TAKE,
    ),
    _index(
        ("take_flat",),
        "jax",
        "flat",
        {},
        at=3,
        where=BEYOND,
        when=beyond,
        numpy=RAISES,
        theirs=[NAN],
        reason=FILLS,
        link=JAX_TAKE,
    ),
    _index(
        ("gather",),
        "jax",
        "index",
        AXIS,
        at=3,
        where=BEYOND,
        when=beyond,
        numpy=RAISES,
        theirs=[NAN],
        reason=FILLS,
        link=JAX_INDEX,
    ),
    _index(
        ("scatter",),
        "jax",
        "index",
        VALUES,
        at=3,
        where=BEYOND,
        when=beyond,
        numpy=RAISES,
        theirs=THREE,
        reason="what would be written out of range is dropped (mode='drop'): a compiled program can raise no error.",
        link=JAX_AT,
    ),
    Difference(
        ("argmax", "argmin"),
        ("torch",),
        "bools",
        truths,
        {"rounded": [True, True], "axis": 0},
        0,
        RAISES,
        "PyTorch has no argmax of bools: convert them to integers first.",
        f"{TORCH}argmax.html",
    ),
    Difference(
        ("argmax",),
        ("keras",),
        "NaN",
        has_nan,
        {"rounded": [NAN, 1.0], "axis": 0},
        0,
        1,
        "TensorFlow's comparisons pass over NaN, larger than nothing; in NumPy the first NaN is the largest.",
        f"{TF_MATH}math/argmax",
    ),
    Difference(
        ("argmin",),
        ("keras",),
        "NaN",
        has_nan,
        {"rounded": [NAN, 1.0], "axis": 0},
        0,
        1,
        "TensorFlow's comparisons pass over NaN, smaller than nothing; in NumPy the first NaN is the smallest.",
        f"{TF_MATH}math/argmin",
    ),
    Difference(
        ("sort",),
        ("keras",),
        "NaN",
        has_nan,
        {"x": [NAN, 1.0], "axis": 0},
        [1.0, NAN],
        [NAN, 1.0],
        "TensorFlow sorts by the largest of the negated numbers (top_k), and NaN comes first.",
        f"{TF_MATH}sort",
    ),
    Difference(
        ("argsort",),
        ("keras",),
        "NaN",
        has_nan,
        {"rounded": [NAN, 1.0], "axis": 0},
        [1, 0],
        [0, 1],
        "TensorFlow sorts by the largest of the negated numbers (top_k), and NaN comes first.",
        f"{TF_MATH}argsort",
    ),
    Difference(
        ("searchsorted",),
        ("keras",),
        "NaN",
        has_nan,
        {"ordered": THREE, "x": [NAN]},
        [3],
        [0],
        "TensorFlow's comparisons with NaN are false, and NumPy's order has NaN at its end.",
        f"{TF_MATH}searchsorted",
    ),
    Difference(
        ("unique",),
        ("keras",),
        "NaN",
        has_nan,
        {"whole": [NAN, 1.0, NAN]},
        [1.0, NAN],
        [NAN, 1.0, NAN],
        "NaN equals nothing, and TensorFlow sorts it to the front; NumPy counts all NaN as one (equal_nan=True).",
        f"{TF_MATH}unique",
    ),
    Difference(
        ("unique",),
        ("torch",),
        "NaN",
        has_nan,
        {"whole": [NAN, 1.0, NAN]},
        [1.0, NAN],
        [1.0, NAN, NAN],
        "NaN equals nothing, not even NaN; NumPy counts all NaN as one (equal_nan=True).",
        f"{TORCH}unique.html",
    ),
    Difference(
        ("unique",),
        ("keras",),
        "bools",
        truths,
        {"whole": [True, False]},
        [False, True],
        RAISES,
        "TensorFlow cannot compare bools by order: convert them to integers first.",
        f"{TF_MATH}unique",
    ),
    Difference(
        ("argmax",),
        ("jax", "keras"),
        "subnormal numbers",
        subnormal,
        {"rounded": [0.0, 5e-324], "axis": 0},
        1,
        0,
        "the kernels of XLA and TensorFlow on the CPU take subnormal numbers for 0 (flush to zero).",
        DENORMALS,
    ),
    Difference(
        ("argmin",),
        ("jax",),
        "subnormal numbers",
        subnormal,
        {"rounded": [0.0, -5e-324], "axis": 0},
        1,
        0,
        "XLA's kernels on the CPU take subnormal numbers for 0 (flush to zero).",
        JAX_NOTES,
    ),
    Difference(
        ("sort",),
        ("jax", "keras"),
        "subnormal numbers",
        subnormal,
        {"x": [5e-324, -1e-310, 0.0], "axis": 0},
        [-1e-310, 0.0, 5e-324],
        [5e-324, -1e-310, 0.0],
        "the kernels of XLA and TensorFlow on the CPU take subnormal numbers for 0 (flush to zero), all of one size.",
        DENORMALS,
    ),
    Difference(
        ("argsort",),
        ("jax", "keras"),
        "subnormal numbers",
        subnormal,
        {"rounded": [5e-324, -1e-310, 0.0], "axis": 0},
        [1, 2, 0],
        [0, 1, 2],
        "the kernels of XLA and TensorFlow on the CPU take subnormal numbers for 0 (flush to zero), all of one size.",
        DENORMALS,
    ),
    Difference(
        ("nonzero",),
        ("jax", "keras"),
        "subnormal numbers",
        subnormal,
        {"rounded": [5e-324, 1.0]},
        [[0], [1]],
        [[1]],
        "the kernels of XLA and TensorFlow on the CPU take subnormal numbers for 0 (flush to zero).",
        DENORMALS,
    ),
)
