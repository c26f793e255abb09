"""A machine compared with itself: how often does the rule err, and what can it see? ``lessonbench calibrate``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import count, product
from typing import Any

import numpy as np

from harness.catalogue import UsageError
from harness.columns import CELL
from harness.csv_tables import write_table
from harness.folder import RunFolder
from harness.jobs import Launcher, able
from harness.plan import Cell, Options, make_plan
from harness.record import CLOCKS, QUANTITIES, Clock, Quantity, Row
from harness.report import outcome
from harness.setting import Setting
from harness.speed.compare import SECONDS, judge
from harness.speed.samples import LEAST_SAMPLES, NAME, rates, sample_rows
from harness.views.tables import Grid, headings, words
from impls.spec import Array

LESSONS = ("softmax_regression", "relu_mlp")  # one whose memory is the limit, and one whose products are


def calibrate(options: Options, pairs: int, setting: Setting) -> tuple[list[Row], list[str]]:
    """Time the same cells again and again, and write ``samples.csv`` and ``calibration.csv``.

    Each time is as a run has it: frameworks are imported anew, and each cell has a fresh process. All cells have their
    turn before the next time begins. First all processes of a pair's one side run, then all of its other, as those of
    two runs do.

    Args:
        options: which cells, two lessons in every installed framework unless they name lessons or a chapter; and how
            many processes of each on each side of a pair, one unless they say.
        pairs: how often each cell is compared with itself, from 1.
        setting: where, and with what.

    Returns:
        The rows of ``calibration.csv``, and a sentence for each timing that came to nothing, whose cell has no row.

    Raises:
        UsageError: the samples are too few, or nothing is left by the filters that can run here.
    """
    if (options.samples or 0) < LEAST_SAMPLES:
        raise UsageError(f"--samples {options.samples}: the rule asks for {LEAST_SAMPLES} or more of each timing.")
    if not options.lesson and not options.chapter:
        options = replace(options, lesson=LESSONS)
    cells = able(make_plan(options))
    if not cells:
        raise UsageError("nothing is left that can run here; loosen the filters.")
    processes = options.processes or 1
    with setting.begun(options, cells) as begun:
        times = 2 * pairs * processes
        setting.progress.planned(times * len(cells))
        launchers: list[Launcher] = []
        try:
            for process in range(1, times + 1):
                launcher = replace(begun.launcher, folder=RunFolder(begun.folder.work / str(process)))
                launcher.time(cells)
                launchers.append(launcher)
        except KeyboardInterrupt:
            del launchers[len(launchers) // (2 * processes) * 2 * processes :]  # of half a pair nothing can be said
        samples, failures, versions = _left(launchers, cells)
        rows = list(calibration_rows(samples, processes))
        write_table(setting.path, NAME, samples)
        write_table(setting.path, "calibration.csv", rows)
        whole = len(launchers) == times
        counts = {"failed": len(failures)} if failures else {"ok" if whole else "interrupted": len(cells)}
        begun.finish(counts, versions, whole=whole)
    return rows, failures


def _left(launchers: Sequence[Launcher], cells: Sequence[Cell]) -> tuple[list[Row], list[str], dict[str, str]]:
    """What the processes left: the samples of the cells that were timed each time, what failed, and versions."""
    samples: list[Row] = []
    failures: list[str] = []
    versions: dict[str, str] = {}
    for cell in cells:
        ended = [outcome(each.folder, cell, "train", each.endings.get(f"{cell.name}.train")) for each in launchers]
        if failed := [f"{cell.name} {status}: {reason}" for status, reason in ended if status != "ok"]:
            failures += failed
            continue
        for process, launcher in enumerate(launchers, start=1):
            record = launcher.folder.read(cell, "train")
            versions |= record["versions"]
            samples += [asdict(cell) | row for row in sample_rows(record, process)]
    return samples, failures, versions


def calibration_rows(samples: Sequence[Row], processes: int) -> Iterator[Row]:
    """The rows of ``calibration.csv``.

    Args:
        samples: rows of ``samples.csv``; so many processes of a cell after the other are a side, two sides a pair.
        processes: how many.
    """
    sided = [row | {"side": (row["process"] - 1) // processes} for row in samples]
    for quantity, clock in product(QUANTITIES, CLOCKS):
        for cell, sides in _apart(sided, quantity, clock, "side").items():
            each_process = _apart(sided, quantity, clock, "process")[cell]
            compared = list(zip(sides[::2], sides[1::2], strict=True))
            yield dict(zip(CELL, cell, strict=True)) | {
                "quantity": quantity,
                "clock": clock,
                "processes": processes,
                "pairs": len(compared),
                "different": sum(judge(a, b)[0] in ("slower", "faster") for a, b in compared),
                "sample_variation": float(np.mean([_variation(1 / each) for each in each_process])),
                "process_variation": _variation(np.array([1 / np.median(each) for each in each_process])),
                "least_factor": max(max(least_factor(a, b), least_factor(b, a)) for a, b in compared),
            }


def _apart(samples: Sequence[Row], quantity: Quantity, clock: Clock, what: str) -> dict[tuple[Any, ...], list[Array]]:
    """Examples per second of each cell's samples, an array for each side or process."""
    found: dict[tuple[Any, ...], list[Array]] = {}
    for key, rate in rates(samples, quantity, clock, (*CELL, what)).items():
        found.setdefault(key[:-1], []).append(rate)
    return found


def least_factor(a: Array, b: Array) -> float:
    """The least factor, in hundredths, by which B must take longer for the rule to call it slower than A.

    Args:
        a: examples per second of each sample, as many as the rule asks for or more.
        b: likewise.
    """
    return next(percent / 100 for percent in count(100) if judge(a, b / (percent / 100))[0] == "slower")


def _variation(values: Array) -> float:
    """Coefficient of variation: deviation over mean."""
    return float(np.std(values, ddof=1) / np.mean(values))


def calibration_grid(rows: Sequence[Row]) -> Grid:
    """A row for each cell of a calibration, all of one quantity by one clock, at least one."""
    names, caption = headings(rows)
    figures = ["processes", "pairs", "called different", "variation of samples", "of processes", "seen from"]
    body = []
    for row in rows:
        shown = [str(row["processes"]), str(row["pairs"]), str(row["different"]), f"{row['sample_variation']:.1%}"]
        shown += [f"{row['process_variation']:.1%}", f"{row['least_factor']:.2f}"]
        body.append([*words(row, [*names, "framework", "mode"]), *shown])
    explained = (
        f"{rows[0]['quantity']}, by the {SECONDS[rows[0]['clock']]}; variation: deviation over mean\n"
        "seen from: the least factor by which one side of every pair must take longer to be called slower\n"
    )
    return Grid([*names, "framework", "mode", *figures], set(figures), set(), body, explained + caption)
