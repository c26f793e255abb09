"""Arrays at the edges, for hypothesis to draw: what operations are tried on, beside the lesson's own inputs.

A module here for each lesson of operations has ``EDGES``: for each operation a strategy that draws all its inputs
(NumPy arrays) and arguments by name. ``LEFT_OUT`` names the edges that an operation is not compared at, ``ORACLES``
has, for operations that NumPy has no function for, another way to the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from hypothesis.strategies import SearchStrategy

PLAIN = (0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.25, 2.0, -7.0, 1e-3)  # halves to be rounded among them
ZERO = (-0.0,)
SUBNORMAL = (5e-324, -1e-310)
HUGE = (1e300, -1e300)
INFINITE = (np.inf, -np.inf)
NAN = (np.nan,)
SPECIAL = (*ZERO, *SUBNORMAL, *HUGE, *INFINITE, *NAN)
KINDS = {"-0": ZERO, "subnormal": SUBNORMAL, "huge": HUGE, "infinite": INFINITE, "NaN": NAN}

Array = np.ndarray[Any, Any]
Shapes = SearchStrategy[tuple[int, ...]] | tuple[int, ...]


def shapes(least: int = 1, most: int = 3, *, side: int = 3, empty: bool = True) -> SearchStrategy[tuple[int, ...]]:
    """Shapes of so many dimensions; few, since JAX compiles for each, and mostly full, the sides unlike."""
    full = ((), (side,), (1,), (2, side), (1, side), (side, 2), (4, 2, side), (2, 1, side))
    none = ((0,), (0, 2), (2, 0), (2, 0, side))
    fitting = [shape for shape in full * 3 + none * empty if least <= len(shape) <= most]
    return st.sampled_from(fitting)


@st.composite
def floats(draw: Any, shape: Shapes, special: tuple[float, ...] = SPECIAL, plain: tuple[float, ...] = PLAIN) -> Array:
    """Arrays of float64: plain numbers, with ties, and up to two of these special ones among them."""
    array: Array = draw(npst.arrays(np.float64, shape, elements=st.sampled_from(plain), fill=st.nothing()))
    put_in(draw, array, special)
    return array


def put_in(draw: Any, array: Array, special: tuple[float, ...]) -> None:
    """Put up to two of the special numbers into an array, each kind of them as likely as any other."""
    kinds = [those for kind in KINDS.values() if (those := [n for n in special if _is_in(n, kind)])]
    other = [number for number in special if not any(_is_in(number, kind) for kind in KINDS.values())]
    kinds += [other] * bool(other)
    for _ in range(draw(st.sampled_from((0, 1, 1, 2)))) if kinds and array.size else ():
        kind = draw(st.sampled_from(kinds))
        array.flat[draw(st.integers(0, array.size - 1))] = draw(st.sampled_from(kind))


def _is_in(number: float, kind: tuple[float, ...]) -> bool:
    return repr(float(number)) in map(repr, kind)


def integers(shape: Shapes, least: int = -5, most: int = 5) -> SearchStrategy[Array]:
    """Arrays of int64."""
    return npst.arrays(np.int64, shape, elements=st.integers(least, most), fill=st.nothing())


def bools(shape: Shapes) -> SearchStrategy[Array]:
    """Arrays of truth values."""
    return npst.arrays(np.bool, shape, fill=st.nothing())


def mostly(usual: SearchStrategy[Any], *others: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Draw the usual in four cases of five; ``one_of`` draws evenly, and takes what is there twice for one."""
    return st.sampled_from([usual] * 4 * len(others) + [*others]).flatmap(lambda chosen: chosen)


def axes(array: Array) -> SearchStrategy[int]:
    """An axis of an array, counted from the front or from the back."""
    return st.integers(-array.ndim, array.ndim - 1)


ALL = frozenset({*KINDS, "tie", "empty", "integers", "bools"})


def found_in(inputs: Mapping[str, Any]) -> set[str]:
    """Which edges, of ``ALL``, are among the inputs."""
    found = set()
    for x in (value for value in inputs.values() if isinstance(value, np.ndarray)):
        tiny, finite = np.finfo(np.float64).tiny, np.isfinite(x * 1.0)
        found |= {name for name, kind in (("integers", "i"), ("bools", "b")) if x.dtype.kind == kind}
        found |= {"empty"} if not x.size else set()
        found |= {"tie"} if x.dtype.kind != "b" and len(np.unique(x)) < x.size else set()
        is_there = {
            "-0": (x == 0) & np.signbit(x * 1.0),
            "subnormal": (x != 0) & (np.abs(x * 1.0) < tiny),
            "huge": finite & (np.abs(x * 1.0) > 1e100),
            "infinite": np.isinf(x * 1.0),
            "NaN": np.isnan(x * 1.0),
        }
        found |= {name for name, there in is_there.items() if there.any()}
    return found
