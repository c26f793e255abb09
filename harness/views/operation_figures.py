"""What a run has measured of operations on tensors, and where."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.catalogue import ROOT, UsageError
from harness.csv_tables import read_whole, rows_of
from harness.record import Row

NAME = "operations.csv"
COMMITTED = ROOT.parent / "results" / "reference-cpu"
SETTING = ("mode", "device", "dtype", "threads", "seed")  # what tells a framework's cells of one lesson apart
GAPS = ("gap_float64", "gap_float32")
SIZES, WAYS = ("", "larger_"), ("eager", "compiled")
COLUMNS = (
    *SETTING,
    "result",
    *GAPS,
    *(f"{size}{what}" for size in SIZES for what in ("numbers", "eager_s", "compiled_s")),
)
UNITS = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"))

Key = tuple[str, str, str]
"""Lesson, operation and framework."""


def measured(folder: Path | None) -> dict[Key, list[Row]]:
    """The figures of each operation and framework, a row with ``COLUMNS`` for each setting; none if nothing was run.

    Args:
        folder: of a run; None for the committed one, if it has such figures.

    Raises:
        UsageError: the folder has no such table, or one of another version.
    """
    path = (folder or COMMITTED) / NAME
    if not path.is_file():
        if folder:
            raise UsageError(f"{folder} has no {NAME}: name the folder of a run of the chapter tensors.")
        return {}
    try:
        rows = rows_of(read_whole(path.parent, NAME))
    except UsageError as error:
        raise UsageError(f"{path} is no such table of this version: run the chapter tensors anew.") from error
    found: dict[Key, dict[tuple[object, ...], Row]] = {}
    for row in sorted(rows, key=lambda row: row["numbers"]):
        setting = {name: row[name] for name in SETTING}
        cells = found.setdefault((row["lesson"], row["operation"], row["framework"]), {})
        mine = cells.setdefault(tuple(setting.values()), setting | {"numbers": row["numbers"]})
        size = SIZES[row["numbers"] > mine["numbers"]]
        mine |= {name: row[name] for name in ("result", *GAPS)}
        mine |= {f"{size}numbers": row["numbers"], f"{size}{row['way']}_s": row["call_s"]}
    return {key: list(cells.values()) for key, cells in found.items()}


def place(folder: Path | None, figures: Mapping[Key, Sequence[Row]]) -> str:
    """In one line where the figures are from: device, dtype, threads, seed and processor; or how to get some."""
    if not figures:
        return "Not measured here: lessonbench run --chapter tensors --out DIR, then --run DIR"
    about = (folder or COMMITTED) / "run.json"
    machine = json.loads(about.read_text(encoding="utf-8"))["machine"] if about.is_file() else {}
    rows = [row for cells in figures.values() for row in cells]
    settings = [f"{name} {', '.join(map(str, _values(rows, name)))}" for name in SETTING[1:]]
    return "; ".join(["Measured on " + settings[0], *settings[1:], machine.get("processor", "processor not told")])


def lines(cells: Sequence[Row], everything: Sequence[Row]) -> Iterator[str]:
    """A framework's figures of an operation, setting by setting.

    Args:
        cells: a row for each setting.
        everything: all rows of the run; a setting is called by its mode and by what else is not the same in all.
    """
    varying = [name for name in SETTING if name == "mode" or len(_values(everything, name)) > 1]
    for row in cells:
        label = ", ".join(
            str(row[name]) if name in ("mode", "device", "dtype") else f"{name} {row[name]}" for name in varying
        )
        gaps = [f"{row[gap]:.0e}" if row[gap] else "0" for gap in GAPS if _is_number(row[gap])]
        yield f"{label}: {row['result']}" + (f", gap {' and '.join(gaps)}" if gaps else "")
        for size in SIZES:
            times = [f"{way} {time(row[f'{size}{way}_s'])}" for way in WAYS if f"{size}{way}_s" in row]
            if times:
                yield f"{row[f'{size}numbers']:,} numbers: {', '.join(times)}"


def time(seconds: float) -> str:
    """Seconds to three digits, in the unit that leaves one digit or more before the point."""
    written = [(f"{seconds / factor:.3g}", unit) for factor, unit in UNITS]
    return " ".join(next((each for each in written if float(each[0]) >= 1), written[-1]))


def _values(rows: Sequence[Row], name: str) -> list[object]:
    return list(dict.fromkeys(row[name] for row in rows))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
