"""Does ``lessonbench compare`` find a slowness that is there? Cells beside themselves with a sleep in their training.

Of each cell two sides are timed in fresh processes, in turn: it as a run times it, and with a sleep after each epoch,
for a share of what that took. The rule of ``compare`` judges them by the wall clock. ``lessonbench calibrate`` is the
other half: sides that differ in nothing.

Run it, on a machine with nothing else to do, as ``PYTHONPATH=.:tests python -m baselines.slowed``.
The columns of its table are told in results/README.md. Exit code 1: a pair was not told apart, or a process failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click
import numpy as np
from baselines.baselines import Row, cell_by_cell

from harness.catalogue import frameworks
from harness.jobs import WORKER
from harness.plan import PROFILES, Cell
from harness.single import one_job
from harness.speed.calibrate import LESSONS
from harness.speed.compare import fastest, judge
from harness.speed.samples import LEAST_SAMPLES, rates, sample_rows
from impls.files import Located
from impls.spec import Array

SLOWED = "baselines.slowed_worker"
COLUMNS = (
    "lesson",
    "framework",
    "mode",
    "slowness",
    "processes",
    "pairs",
    "slower",
    "ratio",
    "nearest",
    "samples",
    "threads",
    "profile",
)


def timed(cell: Cell, located: Mapping[str, Located], module: str, request: Row) -> Array:
    """Examples per second of each sample of a fresh process's training, (samples,)."""
    record, _ = one_job(cell, dict(located), "train", module, request)
    (found,) = rates([asdict(cell) | row for row in sample_rows(record)], "train", "wall").values()
    return found


def compared(cell: Cell, located: Mapping[str, Located], pairs: int, processes: int, request: Row) -> Row:
    """A line of the table."""
    verdicts, ratios = [], []
    for _ in range(pairs):
        turns = [[timed(cell, located, module, request) for module in (WORKER, SLOWED)] for _ in range(processes)]
        usual, slowed = (np.concatenate(side) for side in zip(*turns, strict=True))
        verdicts.append(judge(usual, slowed)[0])
        ratios.append(fastest(slowed) / fastest(usual))
    names, asked = (cell.lesson, cell.framework, cell.mode), (request["slowness"], processes, pairs)
    found = (verdicts.count("slower"), round(float(np.median(ratios)), 3), round(max(ratios), 3), request["samples"])
    return dict(zip(COLUMNS, (*names, *asked, *found, cell.threads, cell.profile), strict=True))


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--lesson", type=click.Choice(LESSONS), multiple=True, default=LESSONS, help="Both by default.")
@click.option("--framework", type=click.Choice(frameworks()), multiple=True, help="All by default.")
@click.option("--slowness", type=click.FloatRange(min=0), default=0.15, show_default=True, help="Of an epoch.")
@click.option("--pairs", type=click.IntRange(min=1), default=2, show_default=True, help="Of sides of each cell.")
@click.option("--processes", type=click.IntRange(min=1), default=5, show_default=True, help="Fresh ones of each side.")
@click.option("--samples", type=click.IntRange(LEAST_SAMPLES), default=10, show_default=True, help="Of each process.")
@click.option("--threads", type=int, multiple=True, help="Processor cores of each process; all unless given.")
@click.option("--profile", type=click.Choice(PROFILES), default="quick", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file to write the table to.")
def main(lesson, framework, slowness, pairs, processes, samples, threads, profile, out):
    asked = {"lesson": lesson, "framework": framework, "profile": profile, "threads": threads}
    request = {"slowness": slowness, "samples": samples}
    rows = cell_by_cell(asked, out, COLUMNS, lambda cell, located: compared(cell, located, pairs, processes, request))
    if missed := sum(row["pairs"] - row["slower"] for row in rows):
        raise click.ClickException(f"{missed} of {sum(row['pairs'] for row in rows)} pairs were not told apart.")


if __name__ == "__main__":
    main()
