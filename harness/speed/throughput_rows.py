"""From records of ``throughput_worker`` to the rows of ``throughput.csv`` and ``scaling.csv``."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import product

import numpy as np
from scipy.stats import linregress, t

from harness.catalogue import load_lesson
from harness.columns import CELL
from harness.plan import Cell, configured
from harness.record import Row
from harness.speed.pooled import Pool, call_seconds, median_interval
from harness.speed.roofline import Roof, flop_per_example, least_bytes
from impls.spec import NATIVE, NetLesson

JOBS = ("train", "predict")  # at each batch, and at each other size of the net
MOST_DROPPED = 0.2  # of the samples: beyond that others had the machine
ALIKE = tuple(name for name in (*CELL, "batch", "axis", "size") if name != "mode")  # but for how it is executed
LEAST_CALLS = 100  # that a 99th percentile takes
GRAVITY = {"ok": 0, "contended": 1}  # whatever else is graver


def cell_rows(
    cell: Cell,
    batches: Sequence[int],
    records: Sequence[Row],
    roof: Roof | None,
    sizes: Sequence[tuple[str, int]] = (),
) -> Iterator[Row]:
    """A row for each job at each batch, and at each other size of the net, whether or not it was measured.

    Args:
        cell: of a net.
        batches: that were asked for, the lesson's first.
        records: what each process left, each with the ``status`` and ``reason`` that it ended with.
        roof: of the cell's dtype and threads; None where it is not known.
        sizes: of the net, each after the axis that it is along. Shares of the roof are told of the lesson's own alone.
    """
    lesson = configured(cell)
    assert isinstance(lesson, NetLesson)
    of_cell: Row = {
        "import_s": _median(record.get("import_s") for record in records),
        "peak_memory_bytes": max((r["peak_memory_bytes"] for r in records if "peak_memory_bytes" in r), default=None),
    }
    first_kernel_flop = next((flop for r in records if (flop := r.get("first_kernel_flop")) is not None), None)
    own = [("transfer", None), ("input", batches[0]), *product(JOBS, batches)]
    others = [(job, batches[0], axis, size) for axis, size in sizes for job in JOBS]
    for job, batch, axis, size in [*((*each, None, None) for each in own), *others]:
        pairs = [(record, _timing(record, job, batch, axis, size)) for record in records]
        timings = [timing for _, timing in pairs if timing]
        row = asdict(cell) | {"job": job, "batch": batch, "axis": axis, "size": size, "processes": len(timings)}
        row |= of_cell
        if timings:
            row |= figures(timings)
            flop = None if axis else flop_per_example(lesson, job, first_kernel_flop)
            if flop:
                row |= {"flop_per_example": flop, "gflop_per_s": flop * row["examples_per_s"] / 1e9}
            if flop and roof:
                # A prediction moves all data once: what a step has to hold.
                moved, held = (least_bytes(lesson, which, row["batch"], cell.dtype) for which in (job, "predict"))
                most = roof.at(flop * row["batch"], moved, held)
                row |= {"roofline_gflop_per_s": most, "share": row["gflop_per_s"] / most}
        yield row | verdict(row, [record for record, timing in pairs if not timing])


def _timing(record: Row, job: str, batch: int | None, axis: str | None, size: int | None) -> Row | None:
    wanted = (job, axis, size)
    found = (t for t in record.get("timings", ()) if (t["job"], t.get("axis"), t.get("size")) == wanted)
    return next((timing for timing in found if batch in (None, timing["batch"])), None)


def figures(timings: Sequence[Row]) -> Row:
    """What a row tells of timings of the same work, one of each process."""
    pool = Pool(timings)
    low, high = median_interval(pool.rates("wall"))
    row: Row = {
        "batch": timings[0]["batch"],
        "samples": pool.samples,
        "dropped": pool.dropped,
        "examples_per_s": pool.per_s("wall"),
        "low": low,
        "high": high,
        "examples_per_cpu_s": pool.per_s("cpu"),
        "variation": pool.variation(),
        "first_call_s": _median(timing["first_call_s"] for timing in timings),
    }
    if latencies := [timing["latency"] for timing in timings if "latency" in timing]:
        calls = call_seconds(latencies)
        row["latency_median_s"] = float(np.median(calls))
        row["latency_p99_s"] = float(np.quantile(calls, 0.99)) if len(calls) >= LEAST_CALLS else None
    return row


def _median(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return statistics.median(there) if there else None


def verdict(row: Row, without: Sequence[Row]) -> Row:
    """Status and reason: of the first process that has nothing, or whether others had the machine."""
    if bad := next((record for record in without if record["status"] not in ("ok", "interrupted")), None):
        return {"status": bad["status"], "reason": bad["reason"]}
    if not row["processes"]:
        return {"status": "interrupted", "reason": "the run was interrupted before this was measured"}
    if (row["dropped"] or 0) > MOST_DROPPED:
        return {"status": "contended", "reason": f"{row['dropped']:.0%} of the samples had to wait for a core"}
    return {"status": "ok", "reason": ""}


def gravest(rows: Sequence[Row]) -> str:
    """The status of rows together: the first that is neither ok nor contended; else contended if one is, or ok."""
    statuses = [str(row["status"]) for row in rows]
    return max(statuses, key=lambda status: GRAVITY.get(status, len(GRAVITY)), default="ok")


def sample_rows(cell: Cell, records: Sequence[Row]) -> Iterator[Row]:
    """The rows of ``throughput_samples.csv`` of a cell; ``records`` as above."""
    for process, record in enumerate(records, start=1):
        for timing in record.get("timings", ()):
            names = asdict(cell) | {name: timing.get(name) for name in ("job", "batch", "axis", "size")}
            names["process"] = process
            clocks = zip(timing["wall_s"], timing["cpu_s"], timing["waited_s"], strict=True)
            for sample, (wall_s, cpu_s, waited_s) in enumerate(clocks, start=1):
                row = names | {"sample": sample, "examples": timing["examples"]}
                yield row | {"wall_s": wall_s, "cpu_s": cpu_s, "waited_s": waited_s}


def repay(rows: Sequence[Row]) -> None:
    """Say in each row of training after how many examples a longer first call is repaid (``repaid_examples``).

    It is held against that mode of the same framework, in the same run and at the same batch, whose first call is the
    shortest; the mode ``native`` executes as another does and is left out. Where it is not faster it never pays.
    """
    alike: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        if row["job"] == "train" and row["mode"] != NATIVE and row.get("examples_per_s"):
            alike.setdefault(tuple(row.get(name) for name in ALIKE), []).append(row)
    for modes in alike.values():
        first = min(modes, key=lambda row: float(row["first_call_s"]))
        for row in modes:
            gained = 1 / first["examples_per_s"] - 1 / row["examples_per_s"]  # seconds an example
            if gained > 0:
                row["repaid_examples"] = (row["first_call_s"] - first["first_call_s"]) / gained


def scaling_rows(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows of ``scaling.csv``: how the time of a call grows with the batch, the net's sizes and the threads.

    Args:
        rows: of ``throughput.csv``.
    """
    curves: dict[tuple[tuple[object, ...], str, str], list[tuple[float, float]]] = {}
    for row in rows:
        if row["job"] in JOBS and row.get("examples_per_s"):
            for cell, axis, x in _places(row):
                curves.setdefault((cell, row["job"], axis), []).append((x, row["batch"] / row["examples_per_s"]))
    for (cell, job, axis), points in curves.items():
        if len(points) > 1:
            yield dict(zip(CELL, cell, strict=True)) | {"job": job, "axis": axis} | exponent(points)


def _places(row: Row) -> Iterator[tuple[tuple[object, ...], str, float]]:
    """The curves that a row is a point of: their cell (where threads vary, without a number of them), axis, and x."""
    cell, lesson = tuple(row[name] for name in CELL), load_lesson(row["lesson"])
    if row.get("axis"):
        yield cell, row["axis"], row["size"]
        return
    yield cell, "batch", row["batch"]
    if isinstance(lesson, NetLesson) and row["batch"] == lesson.batch:
        yield tuple(None if name == "threads" else row[name] for name in CELL), "threads", row["threads"]
        for name, axis in lesson.axes.items():
            yield cell, name, axis.size


def exponent(points: Sequence[tuple[float, float]]) -> Row:
    """The exponent e of y ~ x^e by least squares in logarithms, with its 95 % interval by Student's t.

    Args:
        points: (x, y), both above 0, at least two; an interval takes three.
    """
    x, y = np.log(np.array(points, dtype=float).T)
    line = linregress(x, y)
    found: Row = {"exponent": float(line.slope), "points": len(points)}
    if len(points) > 2:
        half = float(t.ppf(0.975, len(points) - 2) * line.stderr)
        found |= {"low": found["exponent"] - half, "high": found["exponent"] + half}
    return found
