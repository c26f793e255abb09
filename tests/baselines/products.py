"""What keeps a dense net from the machine's peak: its products alone, a large product, and its training, side by side.

For each lesson and framework, processes take turns with NumPy's, as many rounds as asked for. Each times a large square
product in the framework, then all products of a training step and nothing else, then the training at that batch. The
peak is NumPy's square product in the same round. From these one reads what is lost to the framework's library of
products (``square_share``), to the shapes of the net's matrices (``products_share`` below that), and to all that a step
does beside products (``train_share`` below that).

Run it, on a machine with nothing else to do, as ``PYTHONPATH=.:tests python -m baselines.products``.
The columns of its table are told in results/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from baselines.baselines import Row, cell_by_cell

from harness.catalogue import frameworks
from harness.plan import PROFILES, Cell
from harness.single import one_job
from impls.files import Located

WORKER = "baselines.products_worker"
LESSONS = ("softmax_regression", "sigmoid_mlp", "relu_mlp", "deep_mlp")
PARTS = ("train", "products", "square")
COLUMNS = (
    "lesson",
    "framework",
    "mode",
    "batch",
    *PARTS,
    "peak",
    *(f"{part}_share" for part in PARTS),
    "rounds",
    "threads",
    "profile",
)


def line(cell: Cell, located: Mapping[str, Located], batch: int, rounds: int) -> Row:
    """A line of the table."""
    turns = []
    for _ in range(rounds):
        mine, _ = one_job(cell, dict(located), "products", WORKER, {"batch": batch})
        peak, _ = one_job(replace(cell, framework="numpy", mode="eager"), dict(located), "square", WORKER)
        turns.append([*(mine[part] for part in PARTS), peak["square"]])
    figures = np.array(turns)
    rates = (np.median(figures, axis=0) / 1e9).round(1)
    shares = np.median(figures[:, :-1] / figures[:, -1:], axis=0).round(3)
    found = (cell.lesson, cell.framework, cell.mode, batch, *rates, *shares, rounds, cell.threads, cell.profile)
    return dict(zip(COLUMNS, found, strict=True))


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--lesson", type=click.Choice(LESSONS), multiple=True, default=LESSONS, help="All by default.")
@click.option("--framework", type=click.Choice(frameworks()), multiple=True, help="All by default.")
@click.option("--batch", type=click.IntRange(min=1), default=1024, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Processes of each side.")
@click.option("--threads", type=int, multiple=True, help="Processor cores of each process; all unless given.")
@click.option("--profile", type=click.Choice(PROFILES), default="quick", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file to write the table to.")
def main(lesson, framework, batch, rounds, threads, profile, out):
    asked = {"lesson": lesson, "framework": framework, "profile": profile, "threads": threads}
    cell_by_cell(asked, out, COLUMNS, lambda cell, located: line(cell, located, batch, rounds))


if __name__ == "__main__":
    main()
