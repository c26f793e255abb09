"""The learners beside plain scripts: is a lesson trained here as fast as a framework's own tutorial would train it?

For each lesson and framework, processes take turns, as many rounds as asked for: the learner in its fastest mode (the
one of most examples per second on the quick profile, unless one is named), and the plain script. Both have the lesson's
data, batch, epochs and optimiser, and another seed in each round; all else the script leaves to its framework. What is
timed is all that the epochs after the first do: those of a script also shuffle, cut batches, count and print.

The script's initial weights are its framework's own, and after so few epochs they decide some points of accuracy. That
both learn the same is therefore seen in the mode native, in which the learner begins with such weights as well.

Run it as ``PYTHONPATH=.:tests python -m baselines.baselines``. The table has a line for each lesson and framework;
results/README.md says what is in it. Exit code 1: a process failed, or those two accuracies lie apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import click
import numpy as np
import pandas as pd

from harness.catalogue import UsageError, absence
from harness.cli.options import writing
from harness.jobs import WORKER
from harness.plan import PROFILES, Cell, Options, make_plan
from harness.setting import locate_data
from harness.single import FailedError, one_job
from impls.files import Located
from impls.spec import NATIVE, Array

HERE = Path(__file__).parent
LESSONS = ("softmax_regression", "relu_mlp", "cnn", "resnet", "rnn-useful")
FRAMEWORKS = tuple(sorted(path.stem.removesuffix("_plain") for path in HERE.glob("*_plain.py")))
OURS, PLAIN = ("train", WORKER), ("plain", "baselines.script_worker")  # job and module
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


Side = tuple[Cell, tuple[str, str]]


def medians(sides: Sequence[Side], located: dict[str, Located], rounds: int) -> tuple[Array, Array, Array]:
    """Have cells do their jobs in turn, each with another seed in each round.

    Returns:
        Medians over the rounds: of each side's FIGURES, (sides, 3); of the ratios of the first side's rates to the
        second's within a round, (2,); of the accuracies, (sides,).
    """
    turns = []
    for turn in range(rounds):
        records = [one_job(replace(cell, seed=cell.seed + turn), located, *job)[0] for cell, job in sides]
        turns.append([[record[name] for name in FIGURES] for record in records])
    figures = np.array(turns)
    found = np.median(figures, axis=0)
    return found, np.median(figures[:, 0, :2] / figures[:, 1, :2], axis=0), found[:, 2]


def compared(cell: Cell, located: dict[str, Located], rounds: int) -> Row:
    """A line of the table."""
    sides = [(cell, OURS), (cell, PLAIN), (replace(cell, mode=NATIVE), OURS)]
    (ours, plain, _), ratio, accuracies = medians(sides, located, rounds)
    wall, cpu = ((round(ours[clock]), round(plain[clock]), round(ratio[clock], 2)) for clock in (0, 1))
    names, conditions = (cell.lesson, cell.framework, cell.mode), (rounds, cell.threads, cell.profile)
    return dict(zip(COLUMNS, (*names, *wall, *cpu, *accuracies.round(4), *conditions), strict=True))


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


def table(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> str:
    return pd.DataFrame(rows, columns=columns).to_csv(index=False, lineterminator="\n")


def write(out: Path | None, rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> None:
    if out:
        with writing(out):
            out.write_text(table(rows, columns), encoding="utf-8")


def cell_by_cell(
    asked: Mapping[str, object],
    out: Path | None,
    columns: Sequence[str],
    line: Callable[[Cell, dict[str, Located]], Row],
) -> list[Row]:
    """The lines of a table, one for each cell that is asked for; written after each, and printed in the end."""
    rows: list[Row] = []
    with sentences():
        cells = make_plan(Options(**asked))
        located = locate_data(cells, None)
        write(out, rows, columns)
        for cell in cells:
            rows.append(line(cell, located))
            write(out, rows, columns)
    click.echo(table(rows, columns), nl=False)
    return rows


@contextmanager
def sentences() -> Iterator[None]:
    """Say what is wrong with the input, or what failed, as this command line does."""
    try:
        yield
    except UsageError as error:
        raise click.UsageError(str(error)) from error
    except FailedError as error:
        raise click.ClickException(str(error)) from error


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
    with sentences():
        options = Options(**asked, threads=() if threads is None else (threads,))
        cells = [cell for cell in make_plan(options) if mode or not cell.native]
        located = locate_data(cells, None)
        sample = locate_data([replace(cell, profile="quick") for cell in cells], None)
        write(out, rows)  # if it cannot be written, now is the time to say so
        for _, modes in groupby(cells, lambda cell: (cell.lesson, cell.framework)):
            rows.append(compared(fastest(list(modes), sample), located, rounds))
            write(out, rows)  # what took hours is kept if a later line fails
    click.echo(table(rows), nl=False)
    if unlike := apart(rows):
        raise click.ClickException(f"accuracies more than {POINTS} points apart: {', '.join(unlike)}.")


if __name__ == "__main__":
    main()
