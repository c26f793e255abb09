"""The samples behind a run's medians, a row each: they outlive the run, so that runs can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harness.catalogue import UsageError
from harness.children.process import is_sound
from harness.columns import CELL, COLUMNS
from harness.csv_tables import read_table, rows_of
from harness.record import QUANTITIES, Clock, Quantity, Row
from harness.speed.pooled import Pool
from impls.spec import Array

NAME = "samples.csv"
LEAST_SAMPLES = 9  # of a side that is compared: the median of fewer is noise itself


def sample_rows(record: Row, process: int = 1) -> Iterator[Row]:
    """The rows of ``samples.csv``, less the cell's columns, of what a process timed.

    Args:
        record: of the process's training; nothing comes of what it did not get to.
        process: which of the cell's it is, from 1.
    """
    for quantity in QUANTITIES:
        durations = (record.get(f"{quantity}_sample_{name}", ()) for name in ("wall_s", "cpu_s", "waited_s"))
        for sample, (wall_s, cpu_s, waited_s) in enumerate(zip(*durations, strict=True), start=1):
            row: Row = {"quantity": quantity, "process": process, "sample": sample}
            row |= {"examples": record[f"{quantity}_sample_examples"], "wall_s": wall_s, "cpu_s": cpu_s}
            yield row | {"waited_s": waited_s}


def rates(
    rows: Iterable[Row], quantity: Quantity, clock: Clock, by: Sequence[str] = CELL
) -> dict[tuple[Any, ...], Array]:
    """Examples per second of each sample, (samples,), for each of what these columns tell apart, in the rows' order.

    Of sound samples alone (see ``process.is_sound``), where as many of them remain as the rule asks for.
    """
    return {key: _rates(them, clock) for key, them in _kept(rows, quantity, by).items()}


def by_process(rows: Iterable[Row], quantity: Quantity, clock: Clock) -> dict[tuple[Any, ...], list[Array]]:
    """The same samples of each cell, process by process."""
    found: dict[tuple[Any, ...], list[Array]] = {}
    for key, them in _kept(rows, quantity, CELL).items():
        processes = dict.fromkeys(row["process"] for row in them)
        found[key] = [_rates([row for row in them if row["process"] == process], clock) for process in processes]
    return found


def pooled_figures(records: Sequence[Row]) -> Row:
    """What ``cells.csv`` tells of speed, of the sound samples of several processes.

    Args:
        records: what each process's training left, the first of them with figures of its own.
    """
    figures: Row = {}
    for quantity in QUANTITIES:
        name = f"{quantity}_sample"
        timings = [
            {column: record[f"{name}_{column}"] for column in ("examples", "wall_s", "cpu_s", "waited_s")}
            for record in records
            if f"{name}_wall_s" in record
        ]
        if timings:
            pool = Pool(timings)
            figures |= {f"{quantity}_examples_per_s": pool.per_s("wall")}
            figures |= {f"{quantity}_examples_per_cpu_s": pool.per_s("cpu"), f"{quantity}_samples": pool.samples}
            figures |= {f"{quantity}_variation": pool.variation()}
    return figures


def _kept(rows: Iterable[Row], quantity: Quantity, by: Sequence[str]) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        if row["quantity"] == quantity:
            found.setdefault(tuple(row[name] for name in by), []).append(row)
    for key, them in found.items():
        sound = [row for row in them if is_sound(row["cpu_s"], row["waited_s"])]
        found[key] = sound if len(sound) >= LEAST_SAMPLES else them
    return found


def _rates(rows: Iterable[Row], clock: Clock) -> Array:
    return np.array([row["examples"] / row[f"{clock}_s"] for row in rows])


def read_samples(folder: Path) -> list[Row]:
    """The samples of the run in a folder.

    Raises:
        UsageError: there are none, or they cannot be read.
    """
    path = folder / NAME
    if not path.is_file():
        raise UsageError(
            f"{folder} has no {NAME}: it holds no finished run, or one that kept no samples; run it again."
        )
    try:
        frame = read_table(folder, NAME)
        whole = bool((frame[["examples", "wall_s", "cpu_s"]].astype(float) > 0).all(axis=None))
        whole = whole and bool((frame["waited_s"].astype(float) >= 0).all())
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"{path} cannot be read as a table of samples: run it again.") from error
    if not whole or tuple(frame.columns) != COLUMNS[NAME]:
        raise UsageError(f"{path} has not the columns and durations of a table of samples: run it again.")
    return rows_of(frame)
