"""Conditions that differences have in common; each is called with all inputs and arguments by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from impls.spec import Array


def arrays(inputs: dict[str, Any]) -> list[Array]:
    """The inputs without the arguments."""
    return [value for value in inputs.values() if isinstance(value, np.ndarray)]


def kinds(**inputs: Any) -> set[str]:
    """Of which kinds the arrays are: ``f``, ``i`` and ``b`` for floats, integers and bools."""
    return {array.dtype.kind for array in arrays(inputs)}


def whole(**inputs: Any) -> bool:
    """Whether all arrays are of integers or bools."""
    return "f" not in kinds(**inputs)


def integers(**inputs: Any) -> bool:
    """Whether an array is of integers."""
    return "i" in kinds(**inputs)


def bools(**inputs: Any) -> bool:
    """Whether an array is of bools."""
    return "b" in kinds(**inputs)


def no_floats(**inputs: Any) -> bool:
    """Whether an array is of integers or bools."""
    return integers(**inputs) or bools(**inputs)


def subnormal(**inputs: Any) -> bool:
    """Whether there is a number too small for a full mantissa."""
    least = np.finfo(np.float64).tiny
    return any(bool(np.any((x != 0) & (np.abs(x * 1.0) < least))) for x in arrays(inputs))


def not_a_number(**inputs: Any) -> bool:
    """Whether there is NaN."""
    return any(bool(np.isnan(x * 1.0).any()) for x in arrays(inputs))


def infinite(**inputs: Any) -> bool:
    """Whether there is an infinite number."""
    return any(bool(np.isinf(x * 1.0).any()) for x in arrays(inputs))


def not_finite(**inputs: Any) -> bool:
    """Whether there is NaN or an infinite number."""
    return not_a_number(**inputs) or infinite(**inputs)


def none_along(x: Array, axis: int | tuple[int, ...] | None, **_: Any) -> bool:
    """Whether there are no numbers along an axis: along the one, or any of several or of all."""
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis).astype(int)
    return any(-x.ndim <= each < x.ndim and x.shape[each] == 0 for each in axes)


def negative_zero(**inputs: Any) -> bool:
    """Whether there is -0."""
    return any(bool(np.any((x == 0) & np.signbit(x * 1.0))) for x in arrays(inputs))
