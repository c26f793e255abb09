"""What a measurement of throughput shows: a row for each cell, or a figure of training with all modes side by side."""

from __future__ import annotations

from collections.abc import Sequence

from harness.catalogue import UsageError, load_lesson
from harness.columns import CELL
from harness.record import Row
from harness.speed.throughput_rows import gravest
from harness.views.tables import Formats, Grid, column_grid, figure, headings, words
from impls.spec import NetLesson

TRAINED: Formats = {  # figures of training: heading, factor, format
    "examples_per_s": ("train", 1, ",.0f"),
    "examples_per_cpu_s": ("per cpu s", 1, ",.0f"),
    "gflop_per_s": ("GFLOP/s", 1, ",.1f"),
    "share": ("share", 1, ".0%"),
}
LATENCY: Formats = {  # of a prediction for one example
    "latency_median_s": ("latency ms", 1e3, ".3f"),
    "latency_p99_s": ("p99 ms", 1e3, ".3f"),
}
EXPLAINED = """train: examples per second at the lesson's batch; share: of the roofline, that of the machine's own peak
latency: of a prediction for one example, median and 99th percentile
contended: over a fifth of the samples of some figure had to wait for a core
"""


def throughput_grid(rows: Sequence[Row]) -> Grid:
    """A row for each cell: training at its lesson's batch, and how long a prediction for one example takes.

    Args:
        rows: of throughput.csv, at least one.
    """
    names, caption = headings(rows)
    names += ["framework", "mode"]
    cells: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        cells.setdefault(tuple(row[name] for name in CELL), []).append(row)
    body = []
    for mine in cells.values():
        own = {(row["job"], row["batch"]): row for row in mine if not row["axis"]}
        train, one = own["train", own_batch(mine[0])], own.get(("predict", 1), {})
        figures = [figure(train, name, TRAINED) for name in TRAINED] + [figure(one, name, LATENCY) for name in LATENCY]
        body.append([*words(train, names), f"{train['batch']:.0f}", *figures, gravest(mine)])
    heads = ["batch", *(heading for heading, _, _ in (*TRAINED.values(), *LATENCY.values()))]
    return Grid([*names, *heads, "status"], set(heads), {"status"}, body, f"{EXPLAINED}{caption}")


def training_grid(rows: Sequence[Row], column: str, batch: int | None = None, against: str | None = None) -> Grid:
    """One figure of training, a row for each lesson and a column for each framework's mode.

    Args:
        rows: of throughput.csv.
        column: one of ``TRAINED``.
        batch: examples in a step; each lesson's own if it is None.
        against: a column of this table by whose figure each row is divided.

    Raises:
        UsageError: nothing was trained at that batch, or there is no such column.
    """
    trained = [row for row in rows if row["job"] == "train" and not row["axis"]]
    found = [row for row in trained if row["batch"] == (own_batch(row) if batch is None else batch)]
    if not found:
        there = ", ".join(f"{size:.0f}" for size in sorted({row["batch"] for row in trained if row["batch"]}))
        raise UsageError(f"--batch {batch}: nothing was trained at it; there is {there or 'none'}.")
    grid = column_grid(found, column, against, TRAINED)
    size = "the lesson's batch" if batch is None else f"batch {batch}"
    return Grid(grid.heads, grid.right, grid.coloured, grid.rows, f"training at {size}: {grid.caption}")


def own_batch(row: Row) -> int:
    """The batch of a row's lesson."""
    lesson = load_lesson(row["lesson"])
    assert isinstance(lesson, NetLesson)
    return lesson.batch
