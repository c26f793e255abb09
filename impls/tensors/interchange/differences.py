"""Where frameworks take numbers for another kind otherwise than NumPy."""

import numpy as np

from impls.operations import Difference
from impls.spec import Array
from impls.tensors.pages import FLUSHED, FLUSHES, JAX_NOTES, XLA


def below(x: Array, dtype: str) -> bool:
    """Whether there is a number too small for a full mantissa in this dtype."""
    return x.dtype.kind == "f" and bool(np.any((x != 0) & (np.abs(x) < np.finfo(dtype).tiny)))


def beyond(x: Array) -> bool:
    """Whether there is a number that 32 bits have no integer for, or none at all."""
    if x.dtype.kind != "f":
        return False
    return not np.all((np.trunc(x) >= np.iinfo(np.int32).min) & (np.trunc(x) <= np.iinfo(np.int32).max))


SATURATED = Difference(
    operations=("to_integer",),
    frameworks=("jax",),
    where="NaN, infinities and whatever 32 bits have no integer for",
    when=beyond,
    example={"x": [np.nan, np.inf, 3e9, -3e9]},
    numpy=[-(2**31)] * 4,
    theirs=[0, 2**31 - 1, 2**31 - 1, -(2**31)],
    reason="XLA saturates and makes 0 of NaN; to the others it is undefined, as it is to C, and the processor's.",
    link={"jax": f"{JAX_NOTES}#miscellaneous-divergences-from-numpy"},
)
DIFFERENCES = (
    Difference(
        operations=("to_float32",),
        frameworks=("keras", "jax"),
        where="numbers that are subnormal in single precision",
        when=lambda x: below(x, "float32"),
        example={"x": [1e-40]},
        numpy=[float(np.float32(1e-40))],
        theirs=[0.0],
        reason=FLUSHED,
        link=FLUSHES,
    ),
    Difference(
        operations=("bits",),
        frameworks=("keras", "jax"),
        where="numbers that are subnormal in single precision",
        when=lambda x: below(x, "float32"),
        example={"x": [1e-40]},
        numpy=[71362],
        theirs=[0],
        reason=FLUSHED,
        link=FLUSHES,
    ),
    Difference(
        operations=("to_bool",),
        frameworks=("keras", "jax"),
        where="subnormal numbers, which are taken for 0",
        when=lambda x: below(x, "float64"),
        example={"x": [5e-324]},
        numpy=[True],
        theirs=[False],
        reason=FLUSHED,
        link=FLUSHES,
    ),
    SATURATED,
    SATURATED.also("keras", f"{XLA}#convertelementtype", "xla"),
)
