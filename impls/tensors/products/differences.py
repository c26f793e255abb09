"""Where frameworks multiply and divide otherwise than NumPy."""

import numpy as np

from impls.operations import RAISES, Array, Difference

TORCH = "https://docs.pytorch.org/docs/stable"
XLA = "https://openxla.org/xla/operation_semantics#element-wise_binary_arithmetic_operations"
XLA_REWRITES = "https://github.com/openxla/xla/blob/main/xla/hlo/transforms/simplifiers/algebraic_simplifier.cc"
SHARP = "https://docs.jax.dev/en/latest/notebooks/Common_Gotchas_in_JAX.html#miscellaneous-divergences-from-numpy"
TF = "https://www.tensorflow.org/api_docs/python/tf"

FLUSHED = "JAX documents flush-to-zero semantics for subnormals, and TensorFlow's CPU kernels have them too."
ONE_DTYPE = "PyTorch promotes types for element-wise operations alone; its products want one dtype, and no bools."
CHOICE = "XLA's algebraic simplifier makes of a product with a bool a choice between the number and 0."
NO_BOOLS = "TensorFlow's arithmetic is for numbers, and has no kernels for bools."


def subnormal(*arrays: Array) -> bool:
    """Whether there is a number too small for a full mantissa."""
    least = np.finfo(np.float64).tiny
    return any(bool(np.any((array != 0) & (np.abs(array.astype(float)) < least))) for array in arrays)


def mixed_or_bool(first: Array, second: Array) -> bool:
    """Whether two arrays are of different kinds, or both of truth values."""
    return first.dtype.kind != second.dtype.kind or first.dtype.kind == "b"


def bools(*arrays: Array) -> bool:
    """Whether all are of truth values."""
    return {array.dtype.kind for array in arrays} == {"b"}


def whole(*arrays: Array) -> bool:
    """Whether none is of floats."""
    return "f" not in {array.dtype.kind for array in arrays}


def false_times(x: Array, y: Array) -> bool:
    """Whether False meets a float that it does not make 0: NaN, infinity, or a negative one."""
    if {x.dtype.kind, y.dtype.kind} != {"b", "f"}:
        return False
    true, number = (x, y) if x.dtype.kind == "b" else (y, x)
    return not np.all(true) and bool(np.any(~np.isfinite(number) | np.signbit(number)))


def as_floats(x: Array, y: Array) -> tuple[Array, Array]:
    """Two arrays as floats of one shape; empty ones if neither has floats, or if they do not fit each other."""
    try:
        x, y = np.broadcast_arrays(x, y)
    except ValueError:
        return np.empty(0), np.empty(0)
    return (np.empty(0), np.empty(0)) if whole(x, y) else (x.astype(float), y.astype(float))


@np.errstate(all="ignore")
def rounded_up(x: Array, y: Array) -> bool:
    """Whether the floor of the rounded quotient is another than the quotient rounded down."""
    x, y = as_floats(x, y)
    return not np.array_equal(np.floor(x / y), x // y, equal_nan=True)


@np.errstate(all="ignore")
def negative_to_zero(x: Array, y: Array) -> bool:
    """Whether there is a negative number whose quotient, rounded down, is 0."""
    x, y = as_floats(x, y)
    return bool(np.any((x // y == 0) & np.signbit(x)))


@np.errstate(all="ignore")
def without_remainder(x: Array, y: Array) -> bool:
    """Whether there is no remainder of two numbers of unlike signs."""
    x, y = as_floats(x, y)
    return bool(np.any((x % y == 0) & (np.signbit(x) != np.signbit(y))))


DIFFERENCES = (
    Difference(
        operations=("add_broadcast",),
        frameworks=("keras",),
        where="different dtypes",
        when=lambda x, row: x.dtype != row.dtype,
        example={"x": [1, 2], "row": [0.5, 1.5]},
        numpy=[1.5, 3.5],
        theirs=RAISES,
        reason="TensorFlow's operators convert nothing, unless its NumPy-like type promotion is enabled.",
        link="https://www.tensorflow.org/guide/tf_numpy_type_promotion",
    ),
    Difference(
        operations=("add_broadcast",),
        frameworks=("keras",),
        where="bools, whose sum is NumPy's logical or",
        when=lambda x, row: x.dtype.kind == row.dtype.kind == "b",
        example={"x": [True, False], "row": [True, False]},
        numpy=[True, False],
        theirs=RAISES,
        reason=NO_BOOLS,
        link=f"{TF}/math/add",
    ),
    Difference(
        operations=("multiply_broadcast",),
        frameworks=("keras",),
        where="bools, whose product is NumPy's logical and",
        when=lambda x, column: x.dtype.kind == column.dtype.kind == "b",
        example={"x": [True, True], "column": [True, False]},
        numpy=[True, False],
        theirs=RAISES,
        reason=NO_BOOLS,
        link=f"{TF}/math/multiply",
    ),
    Difference(
        operations=("multiply_broadcast",),
        frameworks=("jax",),
        where="False times NaN, infinity or a negative number",
        when=lambda x, column: false_times(x, column),
        example={"x": [False, True], "column": [np.nan, np.nan]},
        numpy=[np.nan, np.nan],
        theirs=[0.0, np.nan],
        reason=CHOICE,
        link=XLA_REWRITES,
    ),
    Difference(
        operations=("divide",),
        frameworks=("torch",),
        where="whole numbers and bools, in the last digits",
        when=lambda x, y: whole(x, y),
        example={"x": [1], "y": [3]},
        numpy=[1 / 3],
        theirs=[float(np.float32(1) / np.float32(3))],
        reason="PyTorch's true division of integers gives the default dtype, which is float32.",
        link=f"{TORCH}/generated/torch.div.html",
    ),
    Difference(
        operations=("floor_divide", "remainder"),
        frameworks=("torch", "keras"),
        where="whole numbers divided by 0",
        when=lambda x, y: whole(x, y) and bool(np.any(y == 0)),
        example={"x": [7], "y": [0]},
        numpy=[0],
        theirs=RAISES,
        reason="NumPy warns and gives 0, where PyTorch and TensorFlow raise on an integer division by zero.",
        link="https://numpy.org/doc/stable/reference/generated/numpy.seterr.html",
    ),
    Difference(
        operations=("floor_divide",),
        frameworks=("jax",),
        where="whole numbers divided by 0",
        when=lambda x, y: whole(x, y) and bool(np.any(y == 0)),
        example={"x": [7], "y": [0]},
        numpy=[0],
        theirs=[-2],
        reason="XLA's integer division by zero produces an implementation-defined value, and JAX rounds that down.",
        link=XLA,
    ),
    Difference(
        operations=("floor_divide", "remainder"),
        frameworks=("torch",),
        where="two arrays of bools, which NumPy takes for integers",
        when=lambda x, y: bools(x, y),
        example={"x": [False], "y": [True]},
        numpy=[0],
        theirs=RAISES,
        reason="PyTorch has no kernels that divide bools, and promotes none to integers.",
        link=f"{TORCH}/generated/torch.floor_divide.html",
    ),
    Difference(
        operations=("floor_divide",),
        frameworks=("keras",),
        where="two arrays of bools, which NumPy takes for integers",
        when=lambda x, y: bools(x, y),
        example={"x": [False], "y": [True]},
        numpy=[0],
        theirs=RAISES,
        reason=NO_BOOLS,
        link=f"{TF}/math/floordiv",
    ),
    Difference(
        operations=("floor_divide",),
        frameworks=("keras",),
        where="quotients that rounding makes whole, and infinities",
        when=rounded_up,
        example={"x": [1.0, np.inf, -1.0], "y": [0.1, 2.0, np.inf]},
        numpy=[9.0, np.nan, -1.0],
        theirs=[10.0, np.inf, -0.0],
        reason="TensorFlow's floordiv is the floor of the quotient as it was rounded; NumPy's fits its remainder.",
        link=f"{TF}/math/floordiv",
    ),
    Difference(
        operations=("floor_divide",),
        frameworks=("jax",),
        where="a negative number whose quotient is 0, in its sign",
        when=negative_to_zero,
        example={"x": [-0.0, -0.5], "y": [2.0, -5.0]},
        numpy=[-0.0, 0.0],
        theirs=[0.0, -0.0],
        reason="JAX takes the remainder away before it divides, so that a zero has the divisor's sign.",
        link="https://docs.jax.dev/en/latest/_autosummary/jax.numpy.floor_divide.html",
    ),
    Difference(
        operations=("remainder",),
        frameworks=("torch", "keras", "jax"),
        where="a remainder of 0, in its sign",
        when=without_remainder,
        example={"x": [-4.0, 4.0], "y": [2.0, -2.0]},
        numpy=[0.0, -0.0],
        theirs=[-0.0, 0.0],
        reason="NumPy gives a zero the divisor's sign; the others leave it the dividend's, as C's fmod does.",
        link="https://numpy.org/doc/stable/reference/generated/numpy.remainder.html",
    ),
    Difference(
        operations=("add_broadcast",),
        frameworks=("keras", "jax"),
        where="subnormal numbers",
        when=lambda x, row: subnormal(x, row),
        example={"x": [5e-324], "row": [0.0]},
        numpy=[5e-324],
        theirs=[0.0],
        reason=FLUSHED,
        link=SHARP,
    ),
    Difference(
        operations=("multiply_broadcast",),
        frameworks=("keras", "jax"),
        where="subnormal numbers",
        when=lambda x, column: subnormal(x, column),
        example={"x": [5e-324], "column": [1.0]},
        numpy=[5e-324],
        theirs=[0.0],
        reason=FLUSHED,
        link=SHARP,
    ),
    Difference(
        operations=("divide", "floor_divide", "remainder"),
        frameworks=("keras", "jax"),
        where="subnormal numbers",
        when=lambda x, y: subnormal(x, y),
        example={"x": [0.0], "y": [5e-324]},
        numpy=[0.0],
        theirs=[np.nan],
        reason=FLUSHED,
        link=SHARP,
    ),
    Difference(
        operations=("outer",),
        frameworks=("keras", "jax"),
        where="subnormal numbers",
        when=lambda u, row: subnormal(u, row),
        example={"u": [5e-324], "row": [1.0]},
        numpy=[[5e-324]],
        theirs=[[0.0]],
        reason=FLUSHED,
        link=SHARP,
    ),
    Difference(
        operations=("kronecker",),
        frameworks=("keras", "jax"),
        where="subnormal numbers",
        when=lambda p, q: subnormal(p, q),
        example={"p": [5e-324], "q": [1.0]},
        numpy=[5e-324],
        theirs=[0.0],
        reason=FLUSHED,
        link=SHARP,
    ),
    Difference(
        operations=("matmul",),
        frameworks=("torch",),
        where="different dtypes, and bools",
        when=lambda a, b: mixed_or_bool(a, b),
        example={"a": [[1]], "b": [[0.5]]},
        numpy=[[0.5]],
        theirs=RAISES,
        reason=ONE_DTYPE,
        link=f"{TORCH}/tensor_attributes.html#type-promotion-doc",
    ),
    Difference(
        operations=("matmul_batched",),
        frameworks=("torch",),
        where="different dtypes, and bools",
        when=lambda left, right: mixed_or_bool(left, right),
        example={"left": [[[1]]], "right": [[[0.5]]]},
        numpy=[[[0.5]]],
        theirs=RAISES,
        reason=ONE_DTYPE,
        link=f"{TORCH}/tensor_attributes.html#type-promotion-doc",
    ),
    Difference(
        operations=("dot",),
        frameworks=("torch",),
        where="different dtypes, and bools",
        when=lambda u, v: mixed_or_bool(u, v),
        example={"u": [True, True], "v": [True, False]},
        numpy=True,
        theirs=RAISES,
        reason=ONE_DTYPE,
        link=f"{TORCH}/tensor_attributes.html#type-promotion-doc",
    ),
    Difference(
        operations=("einsum", "tensordot"),
        frameworks=("torch",),
        where="different dtypes, and bools",
        when=lambda left, right, **_: mixed_or_bool(left, right),
        example={"left": [[1, 2]], "right": [[0.5], [0.5]], "expression": "ij,jk->ik", "axes": 1},
        numpy=[[1.5]],
        theirs=RAISES,
        reason=ONE_DTYPE,
        link=f"{TORCH}/tensor_attributes.html#type-promotion-doc",
    ),
    Difference(
        operations=("cross",),
        frameworks=("torch",),
        where="different dtypes, and bools",
        when=lambda s, t: mixed_or_bool(s, t),
        example={"s": [1, 0, 0], "t": [0.0, 0.5, 0.0]},
        numpy=[0.0, 0.0, 0.5],
        theirs=RAISES,
        reason=ONE_DTYPE,
        link=f"{TORCH}/tensor_attributes.html#type-promotion-doc",
    ),
    Difference(
        operations=("cross",),
        frameworks=("torch",),
        where="vectors in arrays with unlike numbers of axes",
        when=lambda s, t: s.ndim != t.ndim,
        example={"s": [[1.0, 0.0, 0.0]], "t": [0.0, 1.0, 0.0]},
        numpy=[[0.0, 0.0, 1.0]],
        theirs=RAISES,
        reason="PyTorch broadcasts a cross product only between tensors of as many dimensions.",
        link=f"{TORCH}/generated/torch.linalg.cross.html",
    ),
    Difference(
        operations=("einsum",),
        frameworks=("keras",),
        where="bools",
        when=lambda left, right, **_: left.dtype.kind == right.dtype.kind == "b",
        example={"left": [[True]], "right": [[True]], "expression": "ij,jk->ik"},
        numpy=[[True]],
        theirs=RAISES,
        reason=NO_BOOLS,
        link=f"{TF}/einsum",
    ),
    Difference(
        operations=("kronecker",),
        frameworks=("jax",),
        where="bools",
        when=lambda p, q: p.dtype.kind == q.dtype.kind == "b",
        example={"p": [True], "q": [True, False]},
        numpy=[True, False],
        theirs=RAISES,
        reason="JAX's kron is made of lax.mul, which multiplies numbers and no bools.",
        link="https://docs.jax.dev/en/latest/_autosummary/jax.lax.mul.html",
    ),
    Difference(
        operations=("outer",),
        frameworks=("jax",),
        where="False times NaN, infinity or a negative number",
        when=lambda u, row: false_times(u, row),
        example={"u": [False, True], "row": [np.nan]},
        numpy=[[np.nan], [np.nan]],
        theirs=[[0.0], [np.nan]],
        reason=CHOICE,
        link=XLA_REWRITES,
    ),
    Difference(
        operations=("kronecker",),
        frameworks=("keras",),
        where="two arrays of three axes or more",
        when=lambda p, q: p.ndim > 2 and q.ndim > 2,
        example={"p": np.ones((2, 2, 2)), "q": np.ones((2, 2, 2))},
        numpy=np.ones((4, 4, 4)),
        theirs=RAISES,
        reason="TensorFlow has no kernels that broadcast six axes between each other, as the product needs.",
        link=f"{TF}/experimental/numpy/kron",
    ),
    Difference(
        operations=("divide",),
        frameworks=("jax",),
        where="False divided by NaN, 0 or a negative number",
        when=lambda x, y: x.dtype.kind == "b" and not np.all(x) and not np.all(y > 0),
        example={"x": [[[True]], [[False]]], "y": [np.nan]},
        numpy=[[[np.nan]], [[np.nan]]],
        theirs=[[[np.nan]], [[0.0]]],
        reason=CHOICE,
        link=XLA_REWRITES,
    ),
)
