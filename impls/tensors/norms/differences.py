"""Where norms are not NumPy's, by a framework's design."""

from dataclasses import replace
from typing import Any

import numpy as np

from impls.operations import RAISES, Difference
from impls.tensors.conditions import arrays, bools, no_floats, not_a_number, subnormal
from impls.tensors.pages import FLUSHED, FLUSHES, JAX, LOSES_NAN, NAN_LOST, SIMPLIFIER, jax, keras, tensorflow, torch


def shorter(length: float, x: Any, y: Any = None, axis: int = -1) -> bool:
    """Whether a vector is of less than this length."""
    return any((np.linalg.norm(rows, axis=axis) < length).any() for rows in (x, y) if rows is not None)


def alone_and_huge(p: float = 2, axis: int | None = None, **inputs: Any) -> bool:
    """Whether there is a single number along the axis, or in all, whose power is out of range."""
    alone = [x for x in arrays(inputs) if (x.size if axis is None else x.shape[axis]) == 1]
    return 1 < p < np.inf and any(bool(np.any(np.isfinite(x) & (np.abs(x * 1.0) > 1e100))) for x in alone)


def by_products(a: Any, b: Any) -> bool:
    """Whether PyTorch computes distances by products of matrices, and to less than eight digits."""
    if max(len(a), len(b)) <= 25:
        return False
    longest = np.abs(np.concatenate([a, b])).max(initial=0)
    return not (np.linalg.norm(a[:, np.newaxis] - b, axis=-1) > 1e-4 * longest).all() or not np.isfinite(longest)


WHOLE = Difference(
    operations=("norm_l1", "norm_l2", "norm_p", "norm_max"),
    frameworks=("torch",),
    where="integers and bools",
    when=no_floats,
    example={"v": [2], "p": 3, "x": [[2]], "m": [[2]]},
    numpy=2.0,
    theirs=RAISES,
    reason="Norms are of floating-point or complex tensors; cast to floats first.",
    link={"torch": torch("linalg.vector_norm")},
)
TRUTHS = Difference(
    operations=("norm_l2", "norm_p", "norm_frobenius", "norm_nuclear"),
    frameworks=("jax",),
    where="bools",
    when=bools,
    example={"v": [True, True], "p": 2, "x": [[True, True]], "m": [[True, True]]},
    numpy=float(np.sqrt(2.0)),
    theirs=float(np.sqrt(np.float32(2))),
    reason="Type promotion: bools become float32 where floats are asked for, with jax_enable_x64 too.",
    link={"jax": f"{JAX}/type_promotion.html"},
)
NO_LENGTH = Difference(
    operations=("cosine_similarity",),
    frameworks=("torch", "keras"),
    where="a vector of zeros",
    when=lambda x, y: shorter(5e-324, x, y),
    example={"x": [[0.0, 0.0]], "y": [[1.0, 2.0]]},
    numpy=[np.nan],
    theirs=[0.0],
    reason="A small number keeps them from dividing by 0 (PyTorch's eps, Keras' epsilon); the formula gives NaN.",
    link={"torch": torch("nn.functional.cosine_similarity"), "keras": keras("normalize", "nn")},
)
SHORT = Difference(
    operations=("normalize",),
    frameworks=("torch",),
    where="vectors shorter than 1e-12",
    when=lambda x, axis: shorter(1e-12, x, axis=axis),
    example={"x": [[1e-13, 0.0]], "axis": 1},
    numpy=[[1.0, 0.0]],
    theirs=[[0.1, 0.0]],
    reason="They are divided by 1e-12 instead (eps).",
    link={"torch": torch("nn.functional.normalize")},
)
EMPTY = Difference(
    operations=("norm_max", "norm_p"),
    frameworks=("torch",),
    where="no numbers",
    when=lambda v, p=np.inf: not v.size and p in (np.inf, -1),
    example={"v": [], "p": np.inf},
    numpy=0.0,
    theirs=RAISES,
    reason="The largest of no numbers has no identity; NumPy counts 0 in.",
    link={"torch": torch("linalg.vector_norm")},
)
SUBNORMAL = Difference(
    operations=("norm_max",),
    frameworks=("keras", "jax"),
    where="subnormal numbers",
    when=subnormal,
    example={"v": [5e-324, -1e-310]},
    numpy=1e-310,
    theirs=0.0,
    reason=FLUSHED,
    link=FLUSHES,
)
SQUARED = Difference(
    operations=("norm_l2", "norm_p", "norm_frobenius"),
    frameworks=("torch",),
    where="a single number whose square is out of range",
    when=alone_and_huge,
    example={"v": [1e300], "p": 2, "x": [[1e300]]},
    numpy=np.inf,
    theirs=1e300,
    reason="Of a single number the norm is its absolute value, without a power and a root.",
    link={"torch": torch("linalg.vector_norm")},
)
SIMPLIFIED = replace(
    SQUARED,
    frameworks=("jax",),
    when=lambda p=2, **inputs: p == 2 and alone_and_huge(**inputs),
    reason="XLA simplifies the root of a single number's square to its absolute value.",
    link={"jax": SIMPLIFIER},
)
OF_ROWS: dict[str, Any] = {"example": {"x": [[1e300]], "axis": 1}, "numpy": [[np.inf]], "theirs": [[1e300]]}
DIFFERENCES = (
    SQUARED,
    replace(SQUARED, operations=("norm_rows",), **OF_ROWS),
    SIMPLIFIED,
    replace(SIMPLIFIED, operations=("norm_rows",), **OF_ROWS),
    SIMPLIFIED.also("keras", SIMPLIFIER, "xla"),
    replace(SIMPLIFIED.also("keras", SIMPLIFIER, "xla"), operations=("norm_rows",), **OF_ROWS),
    WHOLE,
    replace(WHOLE, operations=("norm_frobenius", "norm_nuclear"), link={"torch": torch("linalg.matrix_norm")}),
    replace(WHOLE, operations=("norm_rows",), example={"x": [[2]], "axis": 1}, numpy=[[2.0]]),
    replace(
        WHOLE,
        operations=("distance",),
        frameworks=("torch", "keras"),
        example={"a": [[2]], "b": [[2]]},
        numpy=[[0.0]],
        reason="Distances are of floats, and so are the kernels for them; cast first.",
        link={"torch": torch("cdist"), "keras": keras("cdist", "linalg")},
    ),
    replace(
        WHOLE,
        operations=("cosine_similarity",),
        frameworks=("torch", "keras"),
        example={"x": [[2]], "y": [[2]]},
        numpy=[1.0],
        reason="PyTorch and the roots of TensorFlow take floats alone; cast first.",
        link={"torch": torch("nn.functional.cosine_similarity"), "keras": tensorflow("math/rsqrt")},
    ),
    replace(
        WHOLE,
        operations=("normalize",),
        frameworks=("torch", "keras"),
        example={"x": [[2]], "axis": 1},
        numpy=[[1.0]],
        reason="PyTorch and the roots of TensorFlow take floats alone; cast first.",
        link={"torch": torch("nn.functional.normalize"), "keras": tensorflow("math/rsqrt")},
    ),
    TRUTHS,
    replace(
        TRUTHS,
        operations=("norm_rows",),
        example={"x": [[True, True]], "axis": 1},
        numpy=[[2**0.5]],
        theirs=[[float(np.sqrt(np.float32(2)))]],
    ),
    replace(
        TRUTHS,
        operations=("cosine_similarity",),
        example={"x": [[True, False]], "y": [[True, True]]},
        numpy=[0.5**0.5],
        theirs=[float(np.sqrt(np.float32(0.5)))],
    ),
    replace(
        TRUTHS,
        operations=("normalize",),
        example={"x": [[True, True]], "axis": 1},
        numpy=[[0.5**0.5] * 2],
        theirs=[[float(np.sqrt(np.float32(0.5)))] * 2],
    ),
    EMPTY,
    replace(
        EMPTY,
        operations=("norm_p",),
        example={"v": [], "p": -1},
        numpy=np.inf,
        reason="It has no identity for powers below 0 either.",
        link={"torch": torch("linalg.vector_norm")},
    ),
    replace(
        EMPTY,
        frameworks=("keras",),
        when=lambda v, p=np.inf: not v.size and p == np.inf,
        theirs=-np.inf,
        reason="The largest of no numbers is minus infinity; NumPy counts 0 in.",
        link={"keras": keras("norm", "linalg")},
    ),
    replace(
        EMPTY,
        operations=("norm_p",),
        frameworks=("keras",),
        when=lambda v, p: not v.size and p == -np.inf,
        example={"v": [], "p": -np.inf},
        numpy=RAISES,
        theirs=np.inf,
        reason="The least of no numbers is infinity.",
        link={"keras": keras("norm", "linalg")},
    ),
    Difference(
        operations=("norm_max",),
        frameworks=("keras",),
        where="NaN",
        when=not_a_number,
        example={"v": [np.nan, 0.0]},
        numpy=np.nan,
        theirs=0.0,
        reason=NAN_LOST,
        link=LOSES_NAN,
        modes=("xla",),
    ),
    SUBNORMAL,
    replace(
        SUBNORMAL,
        operations=("cosine_similarity",),
        frameworks=("jax",),
        example={"x": [1.0], "y": [1e-310]},
        numpy=np.inf,
        theirs=np.nan,
        link={"jax": FLUSHES["jax"]},
    ),
    replace(
        SUBNORMAL, operations=("count_nonzero",), example={"x": [[5e-324], [1.0]], "axis": 0}, numpy=[2], theirs=[1]
    ),
    replace(
        SUBNORMAL,
        operations=("norm_p",),
        when=lambda v, p: p == 0 and subnormal(v=v),
        example={"v": [5e-324], "p": 0},
        numpy=1.0,
        theirs=0.0,
    ),
    replace(
        SUBNORMAL,
        operations=("normalize",),
        frameworks=("jax",),
        example={"x": [[5e-324]], "axis": 1},
        numpy=[[np.inf]],
        theirs=[[np.nan]],
        link={"jax": FLUSHES["jax"]},
    ),
    Difference(
        operations=("norm_nuclear",),
        frameworks=("keras",),
        where="a matrix without entries",
        when=lambda m: not m.size,
        example={"m": np.empty((0, 2))},
        numpy=0.0,
        theirs=RAISES,
        reason="XLA's singular values begin with a slice of the matrix, of which there is nothing.",
        link={"keras": tensorflow("linalg/svd")},
        modes=("xla",),
    ),
    Difference(
        operations=("norm_nuclear",),
        frameworks=("keras", "jax"),
        where="NaN",
        when=not_a_number,
        example={"m": [[1.0, np.nan]]},
        numpy=RAISES,
        theirs=np.nan,
        reason="A compiled program cannot raise errors for a value: singular values of what has none are NaN.",
        link={"keras": tensorflow("linalg/svd"), "jax": jax("lax.linalg.svd")},
    ),
    Difference(
        operations=("distance",),
        frameworks=("torch",),
        where="points near each other, where a matrix has more than 25 rows",
        when=by_products,
        example={"a": [[1e9]] * 26, "b": [[1e9 + 1]]},
        numpy=[[1.0]] * 26,
        theirs=[[0.0]] * 26,
        reason="They come of a matrix product, whose digits cancel (compute_mode use_mm_for_euclid_dist_if_necessary).",
        link={"torch": torch("cdist")},
    ),
    NO_LENGTH,
    replace(
        NO_LENGTH,
        operations=("normalize",),
        when=lambda x, axis: shorter(5e-324, x, axis=axis),
        example={"x": [[0.0, 0.0]], "axis": 1},
        numpy=[[np.nan, np.nan]],
        theirs=[[0.0, 0.0]],
        link={"torch": torch("nn.functional.normalize"), "keras": keras("normalize", "nn")},
    ),
    SHORT,
    replace(
        SHORT,
        frameworks=("keras",),
        where="vectors shorter than 1e-7",
        when=lambda x, axis: shorter(1e-7, x, axis=axis),
        example={"x": [[1e-9, 0.0]], "axis": 1},
        theirs=[[0.01, 0.0]],
        reason="They are divided by keras.config.epsilon() instead, which is 1e-7.",
        link={"keras": keras("normalize", "nn")},
    ),
    replace(
        SHORT,
        operations=("cosine_similarity",),
        where="vectors shorter than 1e-8",
        when=lambda x, y: shorter(1e-8, x, y),
        example={"x": [[1e-9, 0.0]], "y": [[1.0, 0.0]]},
        numpy=[1.0],
        theirs=[0.1],
        reason="They are divided by 1e-8 instead (eps).",
        link={"torch": torch("nn.functional.cosine_similarity")},
    ),
    replace(
        SHORT,
        operations=("cosine_similarity",),
        frameworks=("keras",),
        where="vectors shorter than 1e-7",
        when=lambda x, y: shorter(1e-7, x, y),
        example={"x": [[1e-9, 0.0]], "y": [[1.0, 0.0]]},
        numpy=[1.0],
        theirs=[0.01],
        reason="They are divided by keras.config.epsilon() instead, which is 1e-7.",
        link={"keras": keras("normalize", "nn")},
    ),
)
