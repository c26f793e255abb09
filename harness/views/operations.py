"""Operations on tensors, the frameworks side by side: calls as the source has them, figures as a run measured them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text

from harness.catalogue import ROOT, UsageError, frameworks, lessons, load_lesson
from harness.csv_tables import read_table, rows_of
from harness.operations import calls, differences
from harness.record import Row
from impls.operations import RAISES, Difference
from impls.spec import FunctionLesson

NAME = "operations.csv"
MEASURED = ROOT.parent / "results" / "reference-cpu"
TIMES = ("eager_s", "compiled_s", "larger_eager_s", "larger_compiled_s")
GAPS = ("gap_float64", "gap_float32")
COLUMNS = ("lesson", "operation", "does", "framework", "call", "result", *GAPS, *TIMES, "differs")
UNITS = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"))
CAPTION = """below each call: what the result holds; its gap from NumPy's result, relative, in float64 and float32
(of NumPy itself: of its float32 from its float64); how long a call takes as it stands and compiled, small and larger
"""


def found(words: Sequence[str], folder: Path | None) -> list[Row]:
    """A row for each framework of each operation that has all these words in its name, meaning or calls.

    Args:
        words: in any case; none means all.
        folder: of a run; None for the committed one, if it is there.

    Raises:
        UsageError: no operation has the words, or the folder has no such run.
    """
    if folder and not (folder / NAME).is_file():
        raise UsageError(f"{folder} has no {NAME}: name the folder of a run of the chapter tensors.")
    measured = _measured(folder or MEASURED)
    sought = " ".join(words).lower().split()
    rows = [row for lesson in lessons() for row in _rows(lesson, sought, measured)]
    if not rows:
        raise UsageError(f"no operation has {' '.join(words)!r} in its name, meaning or calls; try another word.")
    return rows


def _rows(lesson: str, words: Sequence[str], measured: dict[tuple[str, str], Row]) -> Iterator[Row]:
    loaded = load_lesson(lesson)
    if not isinstance(loaded, FunctionLesson):
        return
    for name, operation in loaded.operations.items():
        texts = {framework: calls(lesson, framework).get(name, "") for framework in frameworks()}
        text = " ".join([lesson, name, operation.does, *texts.values()]).lower()
        if not all(word in text for word in words):
            continue
        for framework, call in texts.items():
            row: Row = {"lesson": lesson, "operation": name, "does": operation.does, "framework": framework}
            known = [d for d in differences(lesson) if name in d.operations and framework in d.frameworks]
            told = "; ".join(f"{_told(each)}: {each.reason} ({each.link})" for each in known)
            row |= {"call": call, "differs": told, "known": known}
            yield row | measured.get((name, framework), {})


def _told(known: Difference) -> str:
    return f"{known.where}: {_brief(known.theirs)}, where NumPy gives {_brief(known.numpy)}"


def _brief(result: object) -> str:
    return "an error" if isinstance(result, str) and result == RAISES else str(result)


def _measured(folder: Path) -> dict[tuple[str, str], Row]:
    """Of each operation and framework: gaps, dtypes and seconds."""
    if not (folder / NAME).is_file():
        return {}
    figures: dict[tuple[str, str], Row] = {}
    sizes: dict[tuple[str, str], float] = {}
    for row in rows_of(read_table(folder, NAME)):
        key = (row["operation"], row["framework"])
        mine = figures.setdefault(key, {"result": row["result"]})
        mine |= {gap: row[gap] for gap in GAPS if _is_number(row[gap])}
        larger = row["numbers"] > sizes.setdefault(key, row["numbers"])
        mine.setdefault(f"{'larger_' if larger else ''}{row['way']}_s", row["call_s"])
    return figures


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def operations_table(rows: Sequence[Row]) -> Group:
    """An operation a line, a column for each framework; below it why some differ by design."""
    names = list(dict.fromkeys(row["framework"] for row in rows))
    table = Table("operation", *names, caption=CAPTION, caption_justify="left", show_lines=True)
    lines: dict[tuple[str, str], list[Row]] = {}
    notes: list[Difference] = []
    for row in rows:
        lines.setdefault((row["lesson"], row["operation"]), []).append(row)
        notes += [known for known in row["known"] if known not in notes]
    for (lesson, operation), cells in lines.items():
        head = Text(f"{operation}\n", style="bold")
        head.append(f"{cells[0]['does']} ({lesson})", style="not bold")
        table.add_row(head, *(_cell(row, notes) for row in cells))
    reasons = [Text(f"[{place}] {note.reason} ({note.link})") for place, note in enumerate(notes, start=1)]
    return Group(table, *reasons)


def _cell(row: Row, notes: Sequence[Difference]) -> Text:
    text = Text(row["call"] or "missing", style="cyan")
    text.append("".join(f"\n{line}" for line in (*_figures(row), *_times(row))), style="default")
    for known in row["known"]:
        text.append(f"\n{_told(known)} [{notes.index(known) + 1}]", style="yellow")
    return text


def _figures(row: Row) -> Iterator[str]:
    if "result" in row:
        yield str(row["result"])
    gaps = [f"{row[gap]:.0e}" for gap in GAPS if gap in row]
    if gaps:
        yield f"gap {', '.join(gaps)}"


def _times(row: Row) -> Iterator[str]:
    for size in ("", "larger_"):
        times = [_time(row[f"{size}{way}_s"]) for way in ("eager", "compiled") if f"{size}{way}_s" in row]
        if times:
            yield f"{'larger ' if size else ''}{', compiled '.join(times)}"


def _time(seconds: float) -> str:
    factor, unit = next((each for each in UNITS if seconds >= each[0]), UNITS[-1])
    return f"{seconds / factor:.3g} {unit}"
