"""The learners beside plain scripts: is a lesson trained here as fast as a framework's own tutorial would train it?

For each lesson and framework, processes take turns, as many rounds as asked for: the learner in its fastest mode (the
one of most examples per second on the quick profile, unless one is named), and the plain script. Both have the lesson's
data, batch, epochs and optimiser, and another seed in each round; all else the script leaves to its framework. What is
timed is all that the epochs after the first do: those of a script also shuffle, cut batches, count and print.

The script's initial weights are its framework's own, and after so few epochs they decide some points of accuracy. That
both learn the same is therefore seen in the mode native, in which the learner begins with such weights as well.

Run it as ``PYTHONPATH=. python tests/baselines/baselines.py``. The table has a line for each lesson and framework;
results/README.md says what is in it. Exit code 1: a process failed, or those two accuracies lie apart.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import click
import numpy as np
import pandas as pd

from harness.catalogue import UsageError, absence
from harness.cli_options import writing
from harness.jobs import WORKER
from harness.plan import PROFILES, Cell, Options, make_plan
from harness.run import locate_data
from harness.single import FailedError, one_job
from impls.files import Located
from impls.spec import NATIVE

HERE = Path(__file__).parent
LESSONS = ("softmax_regression", "relu_mlp", "cnn", "resnet", "rnn-useful")
FRAMEWORKS = tuple(sorted(path.stem.removesuffix("_plain") for path in HERE.glob("*_plain.py")))
OURS, PLAIN = ("train", WORKER), ("plain", "baselines.plain_worker")  # job and module
FIGURES = ("train_examples_per_s", "train_examples_per_cpu_s", "value")
COLUMNS = (
    "lesson",
    "framework",
    "mode",
    "ours",
    "plain",
    "ratio",
    "ours_per_cpu_s",
    "plain_per_cpu_s",
    "ratio_per_cpu_s",
    "accuracy_ours",
    "accuracy_plain",
    "accuracy_native",
    "rounds",
    "threads",
    "profile",
)
POINTS = 2  # of accuracy: further apart, they have not learnt the same
Row = dict[str, object]


def compared(cell: Cell, located: dict[str, Located], rounds: int) -> Row:
    """A line of the table: medians over the rounds, of rates, of their ratios within a round, and of accuracies."""
    sides = (cell, OURS), (cell, PLAIN), (replace(cell, mode=NATIVE), OURS)
    seeds = range(cell.seed, cell.seed + rounds)
    records = [[one_job(replace(side, seed=seed), located, *job)[0] for side, job in sides] for seed in seeds]
    figures = np.array([[[record[name] for name in FIGURES] for record in turn] for turn in records])
    (ours, ours_cpu, _), (plain, plain_cpu, _), _ = np.median(figures, axis=0)
    ratio, ratio_cpu, _ = np.median(figures[:, 0] / figures[:, 1], axis=0)
    wall = round(ours), round(plain), round(ratio, 2)
    cpu = round(ours_cpu), round(plain_cpu), round(ratio_cpu, 2)
    accuracies = np.median(figures[:, :, 2], axis=0).round(4)
    names, conditions = (cell.lesson, cell.framework, cell.mode), (rounds, cell.threads, cell.profile)
    return dict(zip(COLUMNS, (*names, *wall, *cpu, *accuracies, *conditions), strict=True))


def fastest(cells: Sequence[Cell], located: dict[str, Located]) -> Cell:
    """The cell of the mode that trains most examples per second on the quick profile, where there is a choice."""

    def rate(cell: Cell) -> float:
        return one_job(replace(cell, profile="quick"), located, *OURS)[0][FIGURES[0]]

    return max(cells, key=rate) if len(cells) > 1 else cells[0]


def apart(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The lines whose script and learner do not reach about the same from the framework's own initial weights."""
    return [
        f"{row['lesson']} in {row['framework']}"
        for row in rows
        if abs(row["accuracy_native"] - row["accuracy_plain"]) > POINTS / 100
    ]


def table(rows: Sequence[Row]) -> str:
    return pd.DataFrame(rows, columns=COLUMNS).to_csv(index=False, lineterminator="\n")


def write(out: Path | None, rows: Sequence[Row]) -> None:
    if out:
        with writing(out):
            out.write_text(table(rows), encoding="utf-8")


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--lesson", type=click.Choice(LESSONS), multiple=True, default=LESSONS, help="All by default.")
@click.option("--framework", type=click.Choice(FRAMEWORKS), multiple=True, default=FRAMEWORKS, help="All by default.")
@click.option("--mode", multiple=True, help="Of the learners, instead of the fastest (may be repeated).")
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Processes of each side.")
@click.option("--threads", type=int, help="Processor cores of each process; all unless given.")
@click.option("--profile", type=click.Choice(PROFILES), default="quick", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file to write the table to.")
def main(lesson, framework, mode, rounds, threads, profile, out):
    for name in framework:
        if reason := absence(lesson[0], name):
            raise click.UsageError(f"--framework {name}: {reason}")
    asked = {"lesson": lesson, "framework": framework, "mode": mode or ("all",), "profile": profile}
    rows: list[Row] = []
    try:
        options = Options(**asked, threads=() if threads is None else (threads,))
        cells = [cell for cell in make_plan(options) if mode or not cell.native]
        located = locate_data(cells, None)
        sample = locate_data([replace(cell, profile="quick") for cell in cells], None)
        write(out, rows)  # if it cannot be written, now is the time to say so
        for _, modes in groupby(cells, lambda cell: (cell.lesson, cell.framework)):
            rows.append(compared(fastest(list(modes), sample), located, rounds))
            write(out, rows)  # what took hours is kept if a later line fails
    except UsageError as error:
        raise click.UsageError(str(error)) from error
    except FailedError as error:
        raise click.ClickException(str(error)) from error
    click.echo(table(rows), nl=False)
    if unlike := apart(rows):
        raise click.ClickException(f"accuracies more than {POINTS} points apart: {', '.join(unlike)}.")


if __name__ == "__main__":
    # Children look for the scripts there. They are not called tests.baselines: some packages install a tests as well.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(HERE.parent))))
    main()
