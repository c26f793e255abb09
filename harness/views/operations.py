"""Operations on tensors, the frameworks side by side: calls, edges at which they differ, figures, and the proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Group
from rich.table import Table
from rich.text import Text

from harness.catalogue import REFERENCE, frameworks, load_lesson
from harness.operations import Edge, deviations, differences, edges
from harness.record import Row
from harness.sources import Excerpt, excerpts
from harness.views import operation_figures
from harness.views.operation_figures import measured, place
from impls.deviations import Deviation
from impls.operations import RAISES, Operation
from impls.spec import FunctionLesson

COLUMNS = ("lesson", "operation", "does", "framework", "call", "edges", *operation_figures.COLUMNS)
ORDER = ("numpy", "torch", "keras", "jax")  # of columns; other frameworks come after these
MODES = {"eager": "uncompiled", "graph": "in a graph", "xla": "compiled by XLA"}
EDGES = (
    "Below the calls: inputs at which some differ by design, with an example, and what each framework gives there; "
    "several arrays, and real and imaginary part, stand beside each other in a last axis."
)
FIGURES = (
    "Measured, in each mode: dtype of the result; its gap from NumPy's, relative, in float64 and float32 (of NumPy "
    "itself: of its float32 from its float64); how long a call takes as it stands (eager) and compiled, by the numbers "
    "that go in and out in all."
)

Found = Sequence[tuple[str, str]]
"""Lesson and name of each operation."""


def csv_rows(found: Found, folder: Path | None) -> Iterator[Row]:
    """A row with ``COLUMNS`` for each operation and framework; of several settings of a run, one for each."""
    figures = measured(folder)
    for lesson, name in found:
        known = edges(lesson, name)
        for framework in _columns():
            row: Row = {"lesson": lesson, "operation": name, "does": _operation(lesson, name).does}
            row |= {"framework": framework, "call": _excerpt(lesson, name, framework).call}
            sentences = [_sentence(edge, framework) for edge in known]
            sentences += [
                f"{_precision(each)} ({each.reason} {each.link})" for each in _inexact(lesson, name, framework)
            ]
            row["edges"] = "; ".join(sentences)
            for cell in figures.get((lesson, name, framework), [{}]):
                yield row | cell


def operations_page(found: Found, folder: Path | None) -> Group:
    """A table for each operation; below all, why some differ by design, and where the figures are from."""
    figures = measured(folder)
    notes: list[tuple[str, str]] = []
    parts = [part for lesson, name in found for part in _tables(lesson, name, figures, notes)]
    reasons = [Text(f"[{number}] {reason} ({link})") for number, (reason, link) in enumerate(notes, start=1)]
    caption = "\n".join([f"\n{EDGES}", *([FIGURES] if figures else []), place(folder, figures)])
    return Group(*parts, *reasons, Text(caption, style="italic"))


def proof(lesson: str, name: str) -> str:
    """The command that runs an operation's tests: at its edges, on its own inputs, and at each known difference."""
    known = [f"[{lesson}-{place}-" for place, each in enumerate(differences(lesson)) if name in each.operations]
    return f"pytest tests/test_operations.py -k '{' or '.join([f'[{lesson}-{name}-', f'[{lesson}-{name}]', *known])}'"


def told(edge: Edge, framework: str) -> str:
    """What a framework does at an edge, in a few words."""
    if framework == REFERENCE:
        return _brief(edge.numpy)
    parts = [f"{_brief(each.theirs)}{_in_modes(each.modes)}" for each in edge.differing.get(framework, ())]
    if framework in edge.agreeing:
        otherwise = "otherwise as" if parts else "as"
        parts.append(f"{otherwise} NumPy, {_brief(edge.numpy)}")
    if framework in edge.elsewhere:
        otherwise = "otherwise see" if parts else "see"
        parts.append(f"{otherwise}: {edge.elsewhere[framework]}")
    return "; ".join(parts)


def _tables(
    lesson: str, name: str, figures: Mapping[operation_figures.Key, Sequence[Row]], notes: list[tuple[str, str]]
) -> Iterator[Table | Text]:
    operation, columns = _operation(lesson, name), _columns()
    head = Text(name, style="bold")
    head.append(f"  {operation.does} ({lesson})", style="not bold")
    yield head
    table = Table(show_lines=True)
    for column in ("", *columns):
        table.add_column(column, overflow="fold")
    table.add_row("call", *(_call(_excerpt(lesson, name, framework)) for framework in columns))
    for edge in edges(lesson, name):
        where = Text(edge.where)
        where.append(f"\n{_assignments(edge.example)}", style="dim")
        table.add_row(where, *(_behaviour(edge, framework, notes) for framework in columns))
    if deviations(lesson, name):
        table.add_row("float64", *(_exactness(_inexact(lesson, name, framework), notes) for framework in columns))
    if operation.shares:
        table.add_row("memory", *("shared" if operation.shares[framework] else "copied" for framework in columns))
    everything = [row for cells in figures.values() for row in cells]
    cells = {framework: figures.get((lesson, name, framework), ()) for framework in columns}
    if any(cells.values()):
        lines = ("\n".join(operation_figures.lines(cells[framework], everything)) for framework in columns)
        table.add_row("measured", *lines)
    yield table
    yield Text(f"proved by: {proof(lesson, name)}\n")


def _call(excerpt: Excerpt) -> Text:
    text = Text(excerpt.call or "missing", style="cyan")
    text.append("".join(f"\n{comment}" for comment in excerpt.comments), style="default")
    text.append("".join(f"\n\n{helper}" for helper in excerpt.helpers), style="dim")
    return text


def _behaviour(edge: Edge, framework: str, notes: list[tuple[str, str]]) -> Text:
    mine = edge.differing.get(framework, ())
    numbers = _numbers([(each.reason, each.link[framework]) for each in mine], notes)
    return Text(f"{told(edge, framework)}{numbers}", style="yellow" if mine else "default")


def _exactness(known: Sequence[Deviation], notes: list[tuple[str, str]]) -> Text:
    words = [f"{_precision(each)}{_numbers([(each.reason, each.link)], notes)}" for each in known]
    return Text("; ".join(words) or "exact but for rounding", style="yellow" if known else "default")


def _inexact(lesson: str, name: str, framework: str) -> list[Deviation]:
    return [each for each in deviations(lesson, name) if framework in each.frameworks]


def _precision(known: Deviation) -> str:
    return f"{known.bound:.0e} apart at most{_in_modes([seen.mode for seen in known.seen])}"


def _numbers(reasons: Sequence[tuple[str, str]], notes: list[tuple[str, str]]) -> str:
    """What refers to reasons among the notes, to which new ones are added."""
    found = list(dict.fromkeys(reasons))
    notes += [reason for reason in found if reason not in notes]
    return "".join(f" [{notes.index(reason) + 1}]" for reason in found)


def _sentence(edge: Edge, framework: str) -> str:
    reasons = [f" ({each.reason} {each.link[framework]})" for each in edge.differing.get(framework, ())]
    return f"{edge.where}, as {_assignments(edge.example)}: {told(edge, framework)}{''.join(reasons)}"


def _assignments(example: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {_brief(value)}" for name, value in example.items())


def _in_modes(modes: Sequence[str]) -> str:
    words = [MODES.get(mode, f"in the mode {mode}") for mode in dict.fromkeys(modes)]
    return f", {' and '.join(words)}" if words else ""


def _brief(value: Any) -> str:
    """A result, an input or an argument as Python writes it; an empty array by its shape where brackets hide that."""
    if isinstance(value, str):
        return "an error" if value == RAISES else repr(value)
    if isinstance(value, np.ndarray) and not value.size:
        return f"no numbers, of shape {value.shape}"
    return str(value.tolist() if isinstance(value, np.ndarray | np.generic) else value)


def _operation(lesson: str, name: str) -> Operation:
    loaded = load_lesson(lesson)
    assert isinstance(loaded, FunctionLesson)
    return loaded.operations[name]


def _excerpt(lesson: str, name: str, framework: str) -> Excerpt:
    return excerpts(lesson, framework).get(name, Excerpt(""))


def _columns() -> list[str]:
    return sorted(frameworks(), key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
