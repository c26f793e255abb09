"""The gates of a lesson of functions: each result against the reference's, and against the answer if one is known."""

from __future__ import annotations

import math

import numpy as np

from harness.gates.verify import Traced, gate_row
from harness.parity import gap, scaled_gap
from harness.record import Row
from impls.spec import Array, FunctionLesson, Weights


def check_functions(
    lesson: FunctionLesson,
    inputs: Weights,
    traced: dict[str, Traced],
    reference: dict[str, Traced] | None,
    against: str = "numpy",
) -> list[Row]:
    """All gates of one implementation of functions.

    The reference itself has the known answers alone; of operations, whose answers it is, that its float32 is near its
    float64.

    Args:
        lesson: with its answers and tolerances.
        inputs: that the answers are computed from.
        traced: by dtype, with the result of each function by its name.
        reference: likewise for the reference implementation, or None.
        against: the reference's framework.
    """
    t, rows = lesson.tolerances, []
    found = traced["float64"].arrays
    for name, answer in lesson.answers.items():
        distance = float(np.abs(found[name] - answer(inputs)).max()) if name in found else math.nan
        rows.append({"trace_dtype": "float64", **gate_row("known answer", "G1", name, distance, lesson.target)})
    if reference is None:
        rough = traced["float32"].arrays
        for name in lesson.operations:
            there = name in found and name in rough
            distance = scaled_gap(*_where_finite(rough[name], found[name])) if there else math.nan
            bound = t.trajectory_loss_float32
            rows.append({"trace_dtype": "float32", **gate_row("own float64", "G3", name, distance, bound)})
        return rows
    for name in lesson.functions:
        for dtype, gate, bound in (("float64", "G1", t.step_relative), ("float32", "G3", t.trajectory_loss_float32)):
            distance = math.nan
            if name in (mine := traced[dtype].arrays) and name in (other := reference[dtype].arrays):
                a, b = _where_finite(mine[name], other[name])
                distance = gap(a, b, t.step_relative, t.step_absolute) if dtype == "float64" else scaled_gap(a, b)
            rows.append({"trace_dtype": dtype, **gate_row(against, gate, name, distance, bound)})
    return rows


def _where_finite(found: Array, expected: Array) -> tuple[Array, Array]:
    """Both with what is not finite as 0, where it is the same in both: a path that diverges shall diverge in each."""
    if found.shape != expected.shape:
        return found, expected
    same = ~np.isfinite(found) & ~np.isfinite(expected) & (np.isnan(found) == np.isnan(expected))
    same &= np.isnan(found) | (found == expected)
    return np.where(same, 0, found), np.where(same, 0, expected)
