"""Operations on tensors: how each framework calls them, where they differ by design, and what a run has measured."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from harness.catalogue import lessons, load_module
from harness.record import Row
from harness.speed.pooled import Pool, median_interval
from impls.operations import Difference

GAPS = {("G1", "float64"): "gap_float64", ("G3", "float32"): "gap_float32"}  # by gate and dtype


@cache
def differences(lesson: str) -> tuple[Difference, ...]:
    """A lesson's known differences; none if it has no such file."""
    path = lessons()[lesson].folder / "differences.py"
    found: tuple[Difference, ...] = load_module(path).DIFFERENCES if path.exists() else ()
    return found


@cache
def calls(lesson: str, framework: str) -> dict[str, str]:
    """What each function of an implementation does, as its source has it; empty if there is no such file.

    Of a function that is one ``return``, the expression; of others all lines.
    """
    path = lessons()[lesson].implementation(framework)
    if not path.exists():
        return {}
    body = ast.parse(path.read_text(encoding="utf-8")).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    return {node.name: _text(node.body) for node in functions}


def _text(body: Sequence[ast.stmt]) -> str:
    match body:
        case [ast.Return(value=ast.expr() as value)]:
            return ast.unparse(value)
    return "\n".join(ast.unparse(statement) for statement in body)


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
