"""A run's tables as CSV files, by pandas; children, which leave records alone, need not import it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from harness.catalogue import UsageError
from harness.columns import COLUMNS
from harness.record import Row, write_whole


def table(name: str, rows: Iterable[Row]) -> pd.DataFrame:
    """The rows as a table with exactly the columns of that name, in their order."""
    return _frame(rows, COLUMNS[name])


def _frame(rows: Iterable[Row], columns: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns), dtype=object).map(_harmless)


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; line ends become spaces."""
    if not isinstance(value, str):
        return value
    value = " ".join(value.split())
    return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value


def write_table(folder: Path, name: str, rows: Iterable[Row]) -> None:
    """Write a table of a run folder."""
    write_csv(folder / name, name, rows)


def write_csv(path: Path, name: str, rows: Iterable[Row]) -> None:
    """Write the table of that name as CSV."""
    text = csv_text(rows, COLUMNS[name])
    write_whole(path, lambda file: file.write(text.encode()))


def csv_text(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """The rows as CSV: a header, floats to nine digits, an empty field where there is nothing."""
    frame = _frame(rows, columns).map(lambda v: f"{v:.9g}" if isinstance(v, float) and not math.isnan(v) else v)
    return str(frame.to_csv(index=False, lineterminator="\n"))


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table of a run folder."""
    return pd.read_csv(folder / name)


def read_whole(folder: Path, name: str) -> pd.DataFrame:
    """Read a table that is to be added to.

    Raises:
        UsageError: it cannot be read, or has other columns than this version's.
    """
    try:
        frame = read_table(folder, name)
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder / name} cannot be read as a table: name another folder with --out.") from error
    if tuple(frame.columns) != COLUMNS[name]:
        raise UsageError(f"{folder / name} has not the columns of this version: name another folder with --out.")
    return frame


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """A table's rows; None where there is nothing."""
    blank = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in blank.to_dict("records")]
