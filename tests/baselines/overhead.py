"""What the suite costs: its dense nets beside loops that are written by hand, without net, learner or harness.

For each lesson and framework, processes take turns, as many rounds as asked for: the cell as a run times it, and the
bare loop, from the same weights over the same batches. The ratio is of examples per second; 1 is no cost.

Run it as ``PYTHONPATH=.:tests python -m baselines.overhead``; results/README.md says what is in its table.
"""

from __future__ import annotations

from pathlib import Path

import click
from baselines.baselines import OURS, Row, cell_by_cell, medians

from harness.catalogue import frameworks
from harness.plan import PROFILES, Cell
from impls.files import Located

LESSONS = ("softmax_regression", "relu_mlp")
BARE = ("bare", "baselines.script_worker")
COLUMNS = (
    "lesson",
    "framework",
    "mode",
    "ours",
    "bare",
    "ratio",
    "ours_per_cpu_s",
    "bare_per_cpu_s",
    "ratio_per_cpu_s",
    "rounds",
    "threads",
    "profile",
)


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--lesson", type=click.Choice(LESSONS), multiple=True, default=LESSONS, help="Both by default.")
@click.option("--framework", type=click.Choice(frameworks()), multiple=True, help="All by default.")
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Processes of each side.")
@click.option("--threads", type=int, multiple=True, help="Processor cores of each process; all unless given.")
@click.option("--profile", type=click.Choice(PROFILES), default="quick", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file to write the table to.")
def main(lesson, framework, rounds, threads, profile, out):
    def line(cell: Cell, located: dict[str, Located]) -> Row:
        (ours, bare), ratio, _ = medians([(cell, OURS), (cell, BARE)], located, rounds)
        wall, cpu = (
            (round(ours[clock]), round(bare[clock]), round(ratio[clock], 3)) for clock in (0, 1)
        )  # examples per second, and per processor second
        names = cell.lesson, cell.framework, cell.mode
        return dict(zip(COLUMNS, (*names, *wall, *cpu, rounds, cell.threads, profile), strict=True))

    asked = {"lesson": lesson, "framework": framework, "profile": profile, "threads": threads}
    cell_by_cell(asked, out, COLUMNS, line)


if __name__ == "__main__":
    main()
