"""A run's tables as CSV files, by pandas; children, which leave records alone, need not import it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from harness.catalogue import UsageError
from harness.record import Row, write_whole

CELL = ("lesson", "framework", "mode", "device", "dtype", "threads", "seed", "profile")
"""The columns that say which cell a row belongs to."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "cells.csv": (
        "chapter",
        *CELL,
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
        "train_dropped",
        "predict_examples_per_s",
        "peak_memory_bytes",
        "flop_per_example",
    ),
    "structure.csv": (
        *CELL,
        "parameter",
        "shape",
        "count",
        "initial_mean",
        "initial_deviation",
        "flop_per_example",
        "order_sha256",
    ),
    "equality.csv": (*CELL, "trace_dtype", "reference", "gate", "quantity", "gap", "bound", "verdict"),
    "departures.csv": (*CELL, "reference", "stage", "where", "step", "gap", "growth", "hint"),
    "deviations.csv": (
        *CELL,
        "trace_dtype",
        "gate",
        "quantity",
        "gap",
        "usual_bound",
        "bound",
        "verdict",
        "reason",
        "link",
    ),
    "exchange.csv": (
        *CELL,
        "giver",
        "examples",
        "outputs_gap",
        "predictions_differ",
        "loss_gap",
        "bound",
        "verdict",
        "reason",
    ),
    "equivalence.csv": (
        *CELL,
        "reference",
        "seeds",
        "needed",
        "accuracy",
        "lowest",
        "reference_accuracy",
        "reference_lowest",
        "difference",
        "low",
        "high",
        "p",
        "margin",
        "bootstrap_low",
        "bootstrap_high",
        "verdict",
        "reason",
    ),
    "accuracies.csv": (*CELL, "accuracy", "right_alone", "reference_right_alone", "mcnemar_p"),
    "onnx.csv": (
        *CELL,
        "exporter",
        "runtime",
        "version",
        "opset",
        "file_bytes",
        "examples",
        "max_abs",
        "max_rel",
        "median_ulp",
        "bit_exact",
        "agree_share",
        "disagree",
        "least_margin",
        "greatest_margin",
        "value",
        "runtime_value",
        "max_rel_float64",
        "framework_max_rel_float64",
        "bound",
        "verdict",
        "reason",
    ),
    "onnx_graphs.csv": (*CELL, "exporter", "opset", "file_bytes", "initializers", "operator", "count"),
    "onnx_speed.csv": (
        *CELL,
        "exporter",
        "runtime",
        "version",
        "file_bytes",
        "load_s",
        "batch",
        "samples",
        "dropped",
        "examples_per_s",
        "low",
        "high",
        "ratio",
        "variation",
        "latency_median_s",
        "latency_p99_s",
        "first_call_s",
        "status",
        "reason",
    ),
    "operations.csv": (
        *CELL,
        "operation",
        "way",
        "numbers",
        "result",
        "first_call_s",
        "call_s",
        "low",
        "high",
        "samples",
        "dropped",
        "gap_float64",
        "gap_float32",
    ),
    "curves.csv": (*CELL, "axis", "position", "quantity", "value"),
    "samples.csv": (*CELL, "quantity", "process", "sample", "examples", "wall_s", "cpu_s", "waited_s"),
    "comparison.csv": (
        *CELL,
        "quantity",
        "clock",
        "samples_a",
        "samples_b",
        "examples_per_s_a",
        "examples_per_s_b",
        "ratio",
        "low",
        "high",
        "p",
        "verdict",
    ),
    "calibration.csv": (
        *CELL,
        "quantity",
        "clock",
        "pairs",
        "different",
        "sample_variation",
        "process_variation",
        "least_factor",
    ),
    "throughput.csv": (
        *CELL,
        "job",
        "batch",
        "axis",
        "size",
        "processes",
        "samples",
        "dropped",
        "examples_per_s",
        "low",
        "high",
        "examples_per_cpu_s",
        "variation",
        "latency_median_s",
        "latency_p99_s",
        "first_call_s",
        "repaid_examples",
        "flop_per_example",
        "gflop_per_s",
        "roofline_gflop_per_s",
        "share",
        "import_s",
        "peak_memory_bytes",
        "status",
        "reason",
    ),
    "throughput_samples.csv": (
        *CELL,
        "job",
        "batch",
        "axis",
        "size",
        "process",
        "sample",
        "examples",
        "wall_s",
        "cpu_s",
        "waited_s",
    ),
    "scaling.csv": (*CELL, "job", "axis", "exponent", "low", "high", "points"),
    "peak.csv": ("dtype", "threads", "quantity", "size_bytes", "samples", "dropped", "value", "low", "high"),
}
"""The tables and their columns; ``results/README.md`` says what each means."""

_NOT_A_RUNS = {"exchange.csv", "equivalence.csv", "accuracies.csv", "comparison.csv", "calibration.csv"}
_NOT_A_RUNS |= {
    "onnx_graphs.csv",
    "onnx_speed.csv",
    "throughput.csv",
    "throughput_samples.csv",
    "scaling.csv",
    "peak.csv",
}
RUN_TABLES = tuple(name for name in COLUMNS if name not in _NOT_A_RUNS)
"""Those that a run leaves."""


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
    """Write a table of a run folder."""
    write_csv(folder / name, name, rows)


def write_csv(path: Path, name: str, rows: Iterable[Row]) -> None:
    """Write the table of that name as CSV: a header, floats to nine digits, an empty field where there is nothing."""
    frame = table(name, rows).map(lambda v: f"{v:.9g}" if isinstance(v, float) and not math.isnan(v) else v)
    text = frame.to_csv(index=False, lineterminator="\n")
    write_whole(path, lambda file: file.write(text.encode()))


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
