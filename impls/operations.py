"""What an operation on tensors is: one function of a lesson; and where frameworks' differ by design.

A lesson of operations is a lesson of functions, each of which is the one call that a framework's users would write.
They take arrays, and plain numbers such as an axis; what comes of them is held against NumPy's, and timed one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from impls.spec import Array, FunctionLesson, Panel, Tolerances, Weights

RAISES = "raises"
"""What an operation gives that raises an error."""

EVERYWHERE = ("*",)
"""All modes."""


def in_one(*results: Array) -> Array:
    """One real array of all numbers of a result, which may be several arrays, or complex.

    Of a single real array, itself. A complex one has its real and its imaginary part beside each other in a new last
    axis, and so have two arrays of one shape, which is how Keras has complex numbers; others are put into one row.
    """
    if len(results) == 1 and results[0].dtype.kind != "c":
        return results[0]
    if len(results) == 1:
        return np.stack([results[0].real, results[0].imag], axis=-1)
    if len({result.shape for result in results}) == 1:
        return np.stack(results, axis=-1)
    return np.concatenate([result.ravel() for result in results])


def unsigned_zeros(result: Array) -> Array:
    """A result whose zeros have no sign: 0 and -0 are equals, and which is the larger or comes first is left open."""
    unsigned: Array = result + result.dtype.type(0)
    return unsigned


@dataclass(frozen=True)
class Operation:
    """One operation: a function of the same name, inputs and arguments in each framework's file.

    Args:
        does: what it computes, in the words that one would look for it by.
        inputs: the names of its arrays among the lesson's inputs.
        arguments: by name, what else it is called with and is no array: an axis, an order, a shape.
        canonical: makes one array of what the function gives, as NumPy arrays: for results that are several or complex
            (``in_one``), or not unique, such as the signs of eigenvectors.
        larger: arguments that are others at the lesson's larger size.
        uncompiled: the modes in which it is called as it stands, since their compiler has no kernel for it;
            ``EVERYWHERE`` where the shape of its result depends on the values, or it leaves the framework.
        exact: whether numbers are only moved, chosen or compared, or come of one operation that IEEE 754 says how to
            round, so that every bit must be equal.
        shares: of a way between arrays, by framework, whether the result lies in the memory of what it is given.
    """

    does: str
    inputs: tuple[str, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    canonical: Callable[..., Array] = in_one
    larger: Mapping[str, Any] = field(default_factory=dict)
    uncompiled: tuple[str, ...] = ()
    exact: bool = False
    shares: Mapping[str, bool] = field(default_factory=dict)

    def bound(self, function: Callable[..., Any], *, larger: bool = False) -> Callable[..., Any]:
        """A framework's function of the arrays alone, of the lesson's inputs or of the larger ones."""
        arguments = {**self.arguments, **(self.larger if larger else {})}
        return lambda *arrays: function(*arrays, **arguments)

    def compiles(self, mode: str) -> bool:
        """Whether a mode that compiles compiles it."""
        return self.uncompiled != EVERYWHERE and mode not in self.uncompiled

    def array_of(self, result: Any, get: Callable[[Any], Array]) -> Array:
        """A native result as one NumPy array."""
        parts = result if isinstance(result, tuple | list) else (result,)
        return self.canonical(*map(get, parts))


@dataclass(frozen=True)
class Difference:
    """Where frameworks' operations do otherwise than NumPy's, by their own design.

    Args:
        operations: their names; the example is tried on each.
        frameworks: which do so.
        where: at what inputs, in a few words that complete "differs at …".
        when: called with all inputs (NumPy arrays) and arguments by name: whether these are such inputs.
        example: inputs and arguments by name at which it is seen, lists standing for arrays.
        numpy: what NumPy's functions give there (as ``canonical`` has it), or ``RAISES``.
        theirs: likewise, what these frameworks' give; a masked array where some of it is not determined.
        reason: why, in one sentence, with the name that their documentation has for it.
        link: by framework, to that documentation.
        modes: of the frameworks' modes those in which they do so, compiled, and ``eager`` for uncompiled; empty means
            in all.
    """

    operations: tuple[str, ...]
    frameworks: tuple[str, ...]
    where: str
    when: Callable[..., bool]
    example: Mapping[str, Any]
    numpy: Any
    theirs: Any
    reason: str
    link: Mapping[str, str]
    modes: tuple[str, ...] = ()

    def also(self, framework: str, page: str, *modes: str) -> Difference:
        """The same of another framework, in these of its modes, and the page that says so."""
        return replace(self, frameworks=(framework,), link={framework: page}, modes=modes)

    def inputs(self) -> dict[str, Any]:
        """The example, with lists as arrays."""
        return {name: np.array(v) if isinstance(v, list) else v for name, v in self.example.items()}

    @staticmethod
    def same(found: Any, said: Any) -> bool:
        """Whether two results are the same: both raise, or the same numbers; NaN is NaN, and -0 is not 0."""
        if isinstance(found, str) or isinstance(said, str):
            return isinstance(found, str) and isinstance(said, str)
        a, b = np.asarray(found), np.ma.asarray(said)
        if a.shape != b.shape:
            return False
        determined = ~np.ma.getmaskarray(b)
        a, b = a[determined], b.data[determined]
        if not np.allclose(a, b, 1e-10, 0, equal_nan=True):
            return False
        return bool(np.array_equal(np.signbit(a[a == 0]), np.signbit(b[a == 0])))


def operation_lesson(
    *,
    title: str,
    inputs: Callable[[int, int], Weights],
    sizes: tuple[int, int],
    operations: Mapping[str, Operation],
    tolerances: Tolerances | None = None,
    picture: tuple[Panel, ...] = (),
) -> FunctionLesson:
    """A lesson of operations.

    Args:
        title: what it is called in a course.
        inputs: draws the named arrays from a seed, in a size; floats in float64.
        sizes: the one that operations are compared and timed at, and a larger one that they are timed at too.
        operations: by name, in the order of the implementation files.
        tolerances: as for any lesson of functions.
        picture: likewise.
    """
    return FunctionLesson(
        title=title,
        inputs=lambda seed: inputs(seed, sizes[0]),
        functions={name: operation.inputs for name, operation in operations.items()},
        examples=len(operations),
        tolerances=tolerances or Tolerances(),
        picture=picture,
        operations=operations,
        larger=lambda seed: inputs(seed, sizes[1]),
    )
