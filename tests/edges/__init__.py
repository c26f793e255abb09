"""Arrays at the edges, for hypothesis to draw: what operations are tried on, beside the lesson's own inputs.

A module here for each lesson of operations has ``EDGES``: for each operation a strategy that draws all its inputs
(NumPy arrays) and arguments by name. ``ORACLES`` has, for operations that NumPy has no function for, another way to
the result.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from hypothesis.strategies import SearchStrategy

PLAIN = (
    0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    3.25,
    2.0,
    2.0,
    -7.0,
    1e-3,
)  # ties among them, and halves to be rounded
ZERO = (-0.0,)
SUBNORMAL = (5e-324, -1e-310)
HUGE = (1e300, -1e300)
INFINITE = (np.inf, -np.inf)
NAN = (np.nan,)
SPECIAL = (*ZERO, *SUBNORMAL, *HUGE, *INFINITE, *NAN)


def shapes(least: int = 1, most: int = 3, *, side: int = 3, empty: bool = True) -> SearchStrategy[tuple[int, ...]]:
    """Shapes of so many dimensions, few of them so that what is compiled for each serves again."""
    return st.lists(st.integers(0 if empty else 1, side), min_size=least, max_size=most).map(tuple)


def floats(
    shape: SearchStrategy[tuple[int, ...]] | tuple[int, ...], special: tuple[float, ...] = SPECIAL
) -> SearchStrategy[np.ndarray[Any, Any]]:
    """Arrays of float64, of plain numbers and of these special ones."""
    return npst.arrays(np.float64, shape, elements=st.sampled_from((*PLAIN, *PLAIN, *special)))


def integers(
    shape: SearchStrategy[tuple[int, ...]] | tuple[int, ...], least: int = -5, most: int = 5
) -> SearchStrategy[np.ndarray[Any, Any]]:
    """Arrays of int64."""
    return npst.arrays(np.int64, shape, elements=st.integers(least, most))


def bools(shape: SearchStrategy[tuple[int, ...]] | tuple[int, ...]) -> SearchStrategy[np.ndarray[Any, Any]]:
    """Arrays of truth values."""
    return npst.arrays(np.bool, shape)


def axes(array: np.ndarray[Any, Any]) -> SearchStrategy[int]:
    """An axis of an array, counted from the front or from the back."""
    return st.integers(-array.ndim, array.ndim - 1)
