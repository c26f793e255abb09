"""What the machine itself can do, and how fast a net could thus be (Williams, Waterman and Patterson 2009)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from harness.child import Child
from harness.jobs import Launcher
from harness.plan import Cell
from harness.record import Row
from harness.speed.pooled import Pool, median_interval
from impls.spec import NetLesson

JOB = "peak"
SIZES: Row = {"squares": (256, 512, 1024, 2048, 4096), "sets": tuple(2**power for power in (15, 18, 21, 24, 26, 28))}
DTYPES = ("float32", "float64")  # that NumPy has products of
PASSES = {"predict": 1, "train": 3}  # over the parameters: read; or read, read once more and written


def peak_cells(cells: Sequence[Cell]) -> list[Cell]:
    """What measures the machine's own peak for each dtype and number of threads on the CPU: NumPy, of no lesson."""
    ways = dict.fromkeys(
        (cell.dtype, cell.threads, cell.profile) for cell in cells if cell.device == "cpu" and cell.dtype in DTYPES
    )
    return [
        Cell(JOB, "numpy", "eager", dtype=dtype, threads=threads, profile=profile) for dtype, threads, profile in ways
    ]


def peak_child(cell: Cell, launcher: Launcher, samples: int | None) -> Child:
    """The process that measures it."""
    work: Row = {"cell": asdict(cell), "jobs": (JOB,), "records": str(launcher.folder.work / cell.name)}
    work |= SIZES | {"samples": samples}
    return launcher.alone(work, cell, JOB, cell.threads, "harness.children.peak_worker")


def peak_rows(cell: Cell, records: Sequence[Row]) -> Iterator[Row]:
    """The rows of ``peak.csv`` that one of the ``peak_cells`` gives.

    Args:
        cell: which one.
        records: what each process left (see ``peak_worker``).
    """
    found: dict[tuple[str, int], list[Row]] = {}
    for timing in (timing for record in records for timing in record.get("timings", ())):
        found.setdefault((timing["quantity"], timing["size_bytes"]), []).append(timing)
    for (quantity, size_bytes), timings in found.items():
        pool = Pool(timings)
        low, high = median_interval([rates / 1e9 for rates in pool.rates("wall")])
        row: Row = {"dtype": cell.dtype, "threads": cell.threads, "quantity": quantity, "size_bytes": size_bytes}
        row |= {"samples": pool.samples, "dropped": pool.dropped}
        yield row | {"value": pool.per_s("wall") / 1e9, "low": low, "high": high}


@dataclass(frozen=True)
class Roof:
    """What nothing on this machine exceeds.

    Args:
        gflop_per_s: of the fastest product of two matrices.
        bandwidths: GB/s of copying, by the bytes of the working set.
    """

    gflop_per_s: float
    bandwidths: Mapping[int, float]

    def at(self, flop: float, moved_bytes: float, held_bytes: float) -> float:
        """The most GFLOP/s with which so many operations can be done.

        The lesser of the peak and of intensity × bandwidth. The bandwidth is that of the smallest working set that
        holds the data, or of a larger one where that is more: less data are no slower, but of a small copy NumPy's
        call takes a good part.

        Args:
            flop: the operations.
            moved_bytes: what they read and write, as often as they do.
            held_bytes: the data, each number once; a cache that holds them serves every time but the first.
        """
        holding = [size for size in self.bandwidths if size >= held_bytes] or [max(self.bandwidths)]
        return min(self.gflop_per_s, flop / moved_bytes * max(self.bandwidths[size] for size in holding))


def roof(cell: Cell, peaks: Sequence[Row]) -> Roof | None:
    """The roof of a cell from the rows of ``peak.csv``; None on a GPU, and where what it takes is not there."""
    way = (cell.dtype, cell.threads)
    rows = [row for row in peaks if (row["dtype"], row["threads"]) == way and cell.device == "cpu"]
    products = [row["value"] for row in rows if row["quantity"] == "matmul"]
    copies = {row["size_bytes"]: row["value"] for row in rows if row["quantity"] == "copy"}
    return Roof(max(products), copies) if products and copies else None


def flop_per_example(lesson: NetLesson, job: str, first_kernel_flop: float | None) -> float | None:
    """Operations of the products for one example.

    A prediction takes the lesson's. Training takes each product three times, forward, for the gradient of its kernel
    and for that of what went in, but for the first kernel's: nothing asks for the gradient of the examples.

    Args:
        lesson: of the net.
        job: ``predict`` or ``train``; others have none.
        first_kernel_flop: forward, of the first kernel's product; None where it is not known.
    """
    if job == "predict":
        return float(lesson.flop_per_example)
    if job == "train" and first_kernel_flop is not None:
        return 3 * lesson.flop_per_example - first_kernel_flop
    return None


def least_bytes(lesson: NetLesson, job: str, batch: int, dtype: str) -> int:
    """The bytes that a step on a batch cannot but move: each input once, and the parameters.

    These are read once in a forward pass; to be trained they are read once more and written once.
    """
    numbers = sum(math.prod(parameter.shape) for parameter in lesson.parameters)
    return np.dtype(dtype).itemsize * (batch * math.prod(lesson.input_shape) + PASSES[job] * numbers)
