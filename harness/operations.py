"""Operations on tensors: where frameworks differ by design and where they agree, and what a run has measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from harness.catalogue import REFERENCE, frameworks, lessons, load_lesson, load_module
from harness.record import Row
from harness.speed.pooled import Pool, median_interval
from impls.deviations import DEVIATIONS, Deviation
from impls.operations import Difference
from impls.spec import FunctionLesson

WAYS = {"keras": ("eager", "graph", "xla"), "jax": ("eager", "scan")}
"""By framework, how its functions are called at edges: uncompiled, which is ``eager``, and compiled in these modes."""

GAPS = {("G1", "float64"): "gap_float64", ("G3", "float32"): "gap_float32"}  # by gate and dtype


@cache
def differences(lesson: str) -> tuple[Difference, ...]:
    """A lesson's known differences; none if it has no such file."""
    path = lessons()[lesson].folder / "differences.py"
    found: tuple[Difference, ...] = load_module(path).DIFFERENCES if path.exists() else ()
    return found


@dataclass(frozen=True)
class Edge:
    """An input of an operation at which frameworks differ by design, and what each of them does there.

    Args:
        where: in a few words, such as "indices out of range".
        example: inputs and arguments by name, of this operation alone.
        numpy: what NumPy's gives there, or ``RAISES``.
        differing: by framework, its known differences here, of which some may be of a mode alone.
        agreeing: by framework, in which of its ``WAYS`` it gives what NumPy's gives; proved by ``tests/test_ops.py``.
        elsewhere: by framework without a difference here, the words of another edge that the same example falls under.
    """

    where: str
    example: Mapping[str, Any]
    numpy: Any
    differing: Mapping[str, tuple[Difference, ...]]
    agreeing: Mapping[str, tuple[str, ...]]
    elsewhere: Mapping[str, str]


def edges(lesson: str, operation: str) -> list[Edge]:
    """Every edge of an operation that a difference is known at, in the order of the lesson's differences."""
    loaded = load_lesson(lesson)
    assert isinstance(loaded, FunctionLesson)
    arranged = loaded.operations[operation]
    known = [each for each in differences(lesson) if operation in each.operations]
    found: dict[tuple[str, str], list[Difference]] = {}
    for each in known:
        found.setdefault((each.where, str([each.example.get(name) for name in arranged.inputs])), []).append(each)
    return [_edge(same, known, (*arranged.inputs, *arranged.arguments)) for same in found.values()]


def deviations(lesson: str, operation: str) -> list[Deviation]:
    """Where a framework's results in float64 are known to be less exact than the usual bound."""
    return [each for each in DEVIATIONS if each.lesson == lesson and operation in each.quantities]


def _edge(same: Sequence[Difference], known: Sequence[Difference], names: Sequence[str]) -> Edge:
    """An edge of the differences that share it, among all that are known of the operation."""
    first = same[0]
    example = {name: first.example[name] for name in names if name in first.example}
    there = {name: value for name, value in first.inputs().items() if name in names}
    differing: dict[str, tuple[Difference, ...]] = {}
    agreeing: dict[str, tuple[str, ...]] = {}
    elsewhere: dict[str, str] = {}
    for framework in frameworks():
        mine = tuple(each for each in same if framework in each.frameworks)
        others = [each for each in known if framework in each.frameworks and all(each is not one for one in same)]
        covering = [each for each in others if each.when(**there)]
        ways = WAYS.get(framework, ("eager",))
        other_ways = {way for each in (*mine, *covering) for way in each.modes or ways}
        if mine:
            differing[framework] = mine
        elif covering:
            elsewhere[framework] = covering[0].where
        if framework != REFERENCE and (same_ways := tuple(way for way in ways if way not in other_ways)):
            agreeing[framework] = same_ways
    return Edge(first.where, example, first.numpy, differing, agreeing, elsewhere)


def timing_rows(record: Row, gates: Sequence[Row]) -> Iterator[Row]:
    """The rows of ``operations.csv``, less the cell's columns: one for each operation, size and way.

    Args:
        record: of the process that timed them.
        gates: of the cell; those of the operations give the gaps.
    """
    gaps: dict[str, Row] = {}
    for gate in gates:
        if column := GAPS.get((gate["gate"], gate["trace_dtype"])):
            gaps.setdefault(gate["quantity"], {})[column] = gate["gap"]
    for timing in record.get("operations", ()):
        pool = Pool([timing])
        seconds = [1 / rates for rates in pool.rates("wall")]
        low, high = median_interval(seconds)
        figures = {"call_s": float(np.median(np.concatenate(seconds))), "low": low, "high": high}
        figures |= {"samples": pool.samples, "dropped": pool.dropped}
        names = {name: timing[name] for name in ("operation", "way", "numbers", "result", "first_call_s")}
        yield names | figures | gaps.get(timing["operation"], {})
