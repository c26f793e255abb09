"""What is kept: a run's tables, and each job's record, every file written whole or not at all."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import pandas as pd

from impls.spec import Array

Row = dict[str, Any]
Status = Literal[
    "ok",
    "missed",
    "unequal",
    "unchecked",
    "diverged",
    "missing",
    "failed",
    "crashed",
    "timeout",
    "out_of_memory",
    "interrupted",
]
Verdict = Literal["pass", "fail", "unchecked", "reported"]

_CELL = ("lesson", "framework", "mode", "device", "dtype", "threads", "seed", "profile")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "cells.csv": (
        "chapter",
        *_CELL,
        "train_examples",
        "test_examples",
        "epochs",
        "batch",
        "learning_rate",
        "status",
        "reason",
        "metric",
        "value",
        "target",
        "gates",
        "import_s",
        "first_step_s",
        "train_examples_per_s",
        "train_examples_per_cpu_s",
        "train_samples",
        "train_variation",
        "predict_examples_per_s",
        "peak_memory_bytes",
        "flop_per_example",
    ),
    "equality.csv": (*_CELL, "trace_dtype", "reference", "gate", "quantity", "gap", "bound", "verdict"),
    "onnx.csv": (
        *_CELL,
        "exporter",
        "runtime",
        "opset",
        "file_bytes",
        "examples",
        "max_abs",
        "max_rel",
        "agree_share",
        "bound",
        "verdict",
        "reason",
    ),
    "curves.csv": (*_CELL, "axis", "position", "quantity", "value"),
}
"""The tables of a run folder and their columns; ``results/README.md`` says what each means."""


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let ``write`` fill a temporary file and give it its name only when it is complete and on the disk.

    Raises:
        OSError: the folder cannot be written or is full; what stood at ``path`` before is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as JSON, numbers that JSON cannot hold (NaN, infinity) as strings."""
    text = json.dumps(plain(content), indent=1, allow_nan=False) + "\n"
    write_whole(path, lambda file: file.write(text.encode()))


def plain(value: Any) -> Any:
    """A value as it comes back from a JSON file; NaN and infinity, which JSON lacks, as words."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write named arrays as an uncompressed .npz file."""
    write_whole(path, lambda file: np.savez(file, allow_pickle=False, **arrays))


def read_arrays(path: Path) -> dict[str, Array]:
    """Read what ``write_arrays`` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def read_json(path: Path) -> Row:
    """Read what ``write_json`` wrote."""
    content: Row = json.loads(path.read_text(encoding="utf-8"))
    return content


def table(name: str, rows: Iterable[Row]) -> pd.DataFrame:
    """The rows as a table with exactly the columns of that name, in their order."""
    frame = pd.DataFrame(list(rows), columns=list(COLUMNS[name]), dtype=object)
    return frame.map(_harmless)


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; line ends become spaces."""
    if not isinstance(value, str):
        return value
    value = " ".join(value.split())
    return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value


def write_table(folder: Path, name: str, rows: Iterable[Row]) -> None:
    """Write a table of a run folder as CSV: a header, floats to nine digits, an empty field where there is nothing."""
    frame = table(name, rows).map(lambda v: f"{v:.9g}" if isinstance(v, float) and not math.isnan(v) else v)
    text = frame.to_csv(index=False, lineterminator="\n")
    write_whole(folder / name, lambda file: file.write(text.encode()))


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table of a run folder."""
    return pd.read_csv(folder / name)


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """A table's rows; None where there is nothing."""
    blank = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in blank.to_dict("records")]
