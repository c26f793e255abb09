"""Where frameworks multiply and divide otherwise than NumPy."""

from dataclasses import replace
from typing import Any

import numpy as np

from impls.operations import RAISES, Difference
from impls.spec import Array
from impls.tensors.conditions import arrays, infinite, kinds, subnormal, whole
from impls.tensors.pages import FLUSHED, FLUSHES, SIMPLIFIER, TENSORFLOW, TORCH, XLA, jax, tensorflow, torch

ONE_DTYPE = "PyTorch promotes types for element-wise operations alone; its products want one dtype, and no bools."
CHOICE = "XLA's algebraic simplifier makes of a product with a bool a choice between the number and 0."
NO_BOOLS = "TensorFlow's arithmetic is for numbers, and has no kernels for bools."


def bools_alone(**inputs: Any) -> bool:
    """Whether all arrays are of bools."""
    return kinds(**inputs) == {"b"}


def mixed_or_bool(**inputs: Any) -> bool:
    """Whether two arrays are of different kinds, or both of bools."""
    return len(kinds(**inputs)) > 1 or bools_alone(**inputs)


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
    return (np.empty(0), np.empty(0)) if whole(x=x, y=y) else (x.astype(float), y.astype(float))


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


FALSE_TIMES = Difference(
    operations=("matmul",),
    frameworks=("jax",),
    where="False times NaN or infinity",
    when=lambda **inputs: false_times(*arrays(inputs)),
    example={"a": [[np.nan]], "b": [[False]]},
    numpy=[[np.nan]],
    theirs=[[0.0]],
    reason=CHOICE,
    link={"jax": SIMPLIFIER},
)
SUBNORMAL = Difference(
    operations=("matmul",),
    frameworks=("keras", "jax"),
    where="a subnormal number times an infinite one",
    when=lambda **inputs: subnormal(**inputs) and infinite(**inputs),
    example={"a": [[5e-324]], "b": [[np.inf]]},
    numpy=[[np.inf]],
    theirs=[[np.nan]],
    reason=FLUSHED,
    link=FLUSHES,
)


def for_other_products(entry: Difference) -> tuple[Difference, ...]:
    """An entry of ``matmul``, and the same of the other sums of products."""
    (first, second), (summed, theirs) = entry.example.values(), (entry.numpy, entry.theirs)
    pair = {"left": first, "right": second}
    return (
        entry,
        replace(entry, operations=("einsum", "tensordot"), example=pair | {"expression": "ij,jk->ik", "axes": 1}),
        replace(
            entry,
            operations=("matmul_batched",),
            example={"left": [first], "right": [second]},
            numpy=[summed],
            theirs=[theirs],
        ),
        replace(
            entry,
            operations=("dot",),
            example={"u": first[0], "v": second[0]},
            numpy=summed[0][0],
            theirs=theirs[0][0],
        ),
    )


MULTIPLIED = Difference(
    operations=("multiply_broadcast",),
    frameworks=("jax",),
    where="False times NaN, infinity or a negative number",
    when=lambda x, column: false_times(x, column),
    example={"x": [False, True], "column": [np.nan, np.nan]},
    numpy=[np.nan, np.nan],
    theirs=[0.0, np.nan],
    reason=CHOICE,
    link={"jax": SIMPLIFIER},
)
OUTER = Difference(
    operations=("outer",),
    frameworks=("jax",),
    where="False times NaN, infinity or a negative number",
    when=lambda u, row: false_times(u, row),
    example={"u": [False, True], "row": [np.nan]},
    numpy=[[np.nan], [np.nan]],
    theirs=[[0.0], [np.nan]],
    reason=CHOICE,
    link={"jax": SIMPLIFIER},
)
DIVIDED = Difference(
    operations=("divide",),
    frameworks=("jax",),
    where="False divided by NaN, 0 or a negative number",
    when=lambda x, y: x.dtype.kind == "b" and not np.all(x) and not np.all(y > 0),
    example={"x": [[[True]], [[False]]], "y": [np.nan]},
    numpy=[[[np.nan]], [[np.nan]]],
    theirs=[[[np.nan]], [[0.0]]],
    reason=CHOICE,
    link={"jax": SIMPLIFIER},
)
DIFFERENCES = (
    *for_other_products(FALSE_TIMES),
    *for_other_products(FALSE_TIMES.also("keras", SIMPLIFIER, "xla")),
    replace(
        FALSE_TIMES,
        operations=("cross",),
        example={"s": [np.nan, 1.0, 1.0], "t": [False, False, True]},
        numpy=[1.0, np.nan, np.nan],
        theirs=[1.0, np.nan, 0.0],
    ),
    *for_other_products(SUBNORMAL),
    replace(
        SUBNORMAL,
        operations=("cross",),
        example={"s": [5e-324, 1.0, 1.0], "t": [1.0, np.inf, 1.0]},
        numpy=[-np.inf, 1.0, np.inf],
        theirs=[-np.inf, 1.0, np.nan],
    ),
    Difference(
        operations=("floor_divide",),
        frameworks=("keras",),
        where="whole numbers divided by 0",
        when=lambda x, y: whole(x=x, y=y) and bool(np.any(y == 0)),
        example={"x": [7], "y": [0]},
        numpy=[0],
        theirs=[-1],
        reason="XLA's integer division by zero produces an implementation-defined value, of which all bits are set.",
        link={"keras": f"{XLA}#element-wise_binary_arithmetic_operations"},
        modes=("xla",),
    ),
    Difference(
        operations=("remainder",),
        frameworks=("keras",),
        where="whole numbers divided by 0",
        when=lambda x, y: whole(x=x, y=y) and bool(np.any(y == 0)),
        example={"x": [7], "y": [0]},
        numpy=[0],
        theirs=[7],
        reason="XLA's integer remainder by zero is implementation-defined: on the CPU the dividend.",
        link={"keras": f"{XLA}#element-wise_binary_arithmetic_operations"},
        modes=("xla",),
    ),
    Difference(
        operations=("add_broadcast",),
        frameworks=("keras",),
        where="different dtypes",
        when=lambda x, row: x.dtype != row.dtype,
        example={"x": [1, 2], "row": [0.5, 1.5]},
        numpy=[1.5, 3.5],
        theirs=RAISES,
        reason="TensorFlow's operators convert nothing, unless its NumPy-like type promotion is enabled.",
        link={"keras": f"{TENSORFLOW}/guide/tf_numpy_type_promotion"},
    ),
    Difference(
        operations=("add_broadcast",),
        frameworks=("keras",),
        where="bools, whose sum is NumPy's logical or",
        when=bools_alone,
        example={"x": [True, False], "row": [True, False]},
        numpy=[True, False],
        theirs=RAISES,
        reason=NO_BOOLS,
        link={"keras": tensorflow("math/add")},
    ),
    Difference(
        operations=("multiply_broadcast",),
        frameworks=("keras",),
        where="bools, whose product is NumPy's logical and",
        when=bools_alone,
        example={"x": [True, True], "column": [True, False]},
        numpy=[True, False],
        theirs=RAISES,
        reason=NO_BOOLS,
        link={"keras": tensorflow("math/multiply")},
    ),
    MULTIPLIED,
    MULTIPLIED.also("keras", SIMPLIFIER, "xla"),
    Difference(
        operations=("divide",),
        frameworks=("torch",),
        where="whole numbers and bools, in the last digits",
        when=lambda x, y: whole(x=x, y=y),
        example={"x": [1], "y": [3]},
        numpy=[1 / 3],
        theirs=[float(np.float32(1) / np.float32(3))],
        reason="PyTorch's true division of integers gives the default dtype, which is float32.",
        link={"torch": torch("div")},
    ),
    Difference(
        operations=("floor_divide", "remainder"),
        frameworks=("torch", "keras"),
        where="whole numbers divided by 0",
        when=lambda x, y: whole(x=x, y=y) and bool(np.any(y == 0)),
        example={"x": [7], "y": [0]},
        numpy=[0],
        theirs=RAISES,
        reason="NumPy warns and gives 0, where PyTorch and TensorFlow raise on an integer division by zero.",
        link={"torch": torch("floor_divide"), "keras": tensorflow("math/floordiv")},
        modes=("eager", "graph"),
    ),
    Difference(
        operations=("floor_divide",),
        frameworks=("jax",),
        where="whole numbers divided by 0",
        when=lambda x, y: whole(x=x, y=y) and bool(np.any(y == 0)),
        example={"x": [7], "y": [0]},
        numpy=[0],
        theirs=[-2],
        reason="XLA's integer division by zero produces an implementation-defined value, and JAX rounds that down.",
        link={"jax": f"{XLA}#element-wise_binary_arithmetic_operations"},
    ),
    Difference(
        operations=("floor_divide", "remainder"),
        frameworks=("torch",),
        where="two arrays of bools, which NumPy takes for integers",
        when=bools_alone,
        example={"x": [False], "y": [True]},
        numpy=[0],
        theirs=RAISES,
        reason="PyTorch has no kernels that divide bools, and promotes none to integers.",
        link={"torch": torch("floor_divide")},
    ),
    Difference(
        operations=("floor_divide",),
        frameworks=("keras",),
        where="two arrays of bools, which NumPy takes for integers",
        when=bools_alone,
        example={"x": [False], "y": [True]},
        numpy=[0],
        theirs=RAISES,
        reason=NO_BOOLS,
        link={"keras": tensorflow("math/floordiv")},
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
        link={"keras": tensorflow("math/floordiv")},
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
        link={"jax": jax("numpy.floor_divide")},
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
        link={"torch": torch("remainder"), "keras": tensorflow("math/floormod"), "jax": jax("numpy.remainder")},
    ),
    Difference(
        operations=("add_broadcast",),
        frameworks=("keras", "jax"),
        where="subnormal numbers",
        when=subnormal,
        example={"x": [5e-324], "row": [0.0]},
        numpy=[5e-324],
        theirs=[0.0],
        reason=FLUSHED,
        link=FLUSHES,
    ),
    Difference(
        operations=("multiply_broadcast",),
        frameworks=("keras", "jax"),
        where="subnormal numbers",
        when=subnormal,
        example={"x": [5e-324], "column": [1.0]},
        numpy=[5e-324],
        theirs=[0.0],
        reason=FLUSHED,
        link=FLUSHES,
    ),
    Difference(
        operations=("divide", "floor_divide", "remainder"),
        frameworks=("keras", "jax"),
        where="subnormal numbers",
        when=subnormal,
        example={"x": [0.0], "y": [5e-324]},
        numpy=[0.0],
        theirs=[np.nan],
        reason=FLUSHED,
        link=FLUSHES,
    ),
    Difference(
        operations=("outer",),
        frameworks=("keras", "jax"),
        where="subnormal numbers",
        when=subnormal,
        example={"u": [5e-324], "row": [1.0]},
        numpy=[[5e-324]],
        theirs=[[0.0]],
        reason=FLUSHED,
        link=FLUSHES,
    ),
    Difference(
        operations=("kronecker",),
        frameworks=("keras", "jax"),
        where="subnormal numbers",
        when=subnormal,
        example={"p": [5e-324], "q": [1.0]},
        numpy=[5e-324],
        theirs=[0.0],
        reason=FLUSHED,
        link=FLUSHES,
    ),
    Difference(
        operations=("matmul",),
        frameworks=("torch",),
        where="different dtypes, and bools",
        when=mixed_or_bool,
        example={"a": [[1]], "b": [[0.5]]},
        numpy=[[0.5]],
        theirs=RAISES,
        reason=ONE_DTYPE,
        link={"torch": f"{TORCH}/tensor_attributes.html#type-promotion-doc"},
    ),
    Difference(
        operations=("matmul_batched",),
        frameworks=("torch",),
        where="different dtypes, and bools",
        when=mixed_or_bool,
        example={"left": [[[1]]], "right": [[[0.5]]]},
        numpy=[[[0.5]]],
        theirs=RAISES,
        reason=ONE_DTYPE,
        link={"torch": f"{TORCH}/tensor_attributes.html#type-promotion-doc"},
    ),
    Difference(
        operations=("dot",),
        frameworks=("torch",),
        where="different dtypes, and bools",
        when=mixed_or_bool,
        example={"u": [True, True], "v": [True, False]},
        numpy=True,
        theirs=RAISES,
        reason=ONE_DTYPE,
        link={"torch": f"{TORCH}/tensor_attributes.html#type-promotion-doc"},
    ),
    Difference(
        operations=("einsum", "tensordot"),
        frameworks=("torch",),
        where="different dtypes, and bools",
        when=mixed_or_bool,
        example={"left": [[1, 2]], "right": [[0.5], [0.5]], "expression": "ij,jk->ik", "axes": 1},
        numpy=[[1.5]],
        theirs=RAISES,
        reason=ONE_DTYPE,
        link={"torch": f"{TORCH}/tensor_attributes.html#type-promotion-doc"},
    ),
    Difference(
        operations=("cross",),
        frameworks=("torch",),
        where="different dtypes, and bools",
        when=mixed_or_bool,
        example={"s": [1, 0, 0], "t": [0.0, 0.5, 0.0]},
        numpy=[0.0, 0.0, 0.5],
        theirs=RAISES,
        reason=ONE_DTYPE,
        link={"torch": f"{TORCH}/tensor_attributes.html#type-promotion-doc"},
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
        link={"torch": torch("linalg.cross")},
    ),
    Difference(
        operations=("einsum",),
        frameworks=("keras",),
        where="bools",
        when=bools_alone,
        example={"left": [[True]], "right": [[True]], "expression": "ij,jk->ik"},
        numpy=[[True]],
        theirs=RAISES,
        reason=NO_BOOLS,
        link={"keras": tensorflow("einsum")},
    ),
    Difference(
        operations=("kronecker",),
        frameworks=("jax",),
        where="bools",
        when=bools_alone,
        example={"p": [True], "q": [True, False]},
        numpy=[True, False],
        theirs=RAISES,
        reason="JAX's kron is made of lax.mul, which multiplies numbers and no bools.",
        link={"jax": jax("lax.mul")},
    ),
    OUTER,
    OUTER.also("keras", SIMPLIFIER, "xla"),
    Difference(
        operations=("kronecker",),
        frameworks=("keras",),
        where="two arrays of three axes or more",
        when=lambda p, q: p.ndim > 2 and q.ndim > 2,
        example={"p": np.ones((2, 2, 2)), "q": np.ones((2, 2, 2))},
        numpy=np.ones((4, 4, 4)),
        theirs=RAISES,
        reason="TensorFlow has no kernels that broadcast six axes between each other, as the product needs.",
        link={"keras": tensorflow("experimental/numpy/kron")},
        modes=("eager", "graph"),
    ),
    DIVIDED,
    DIVIDED.also("keras", SIMPLIFIER, "xla"),
)
