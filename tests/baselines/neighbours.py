"""Does a timing know when others were at work? Samples that are dropped, without neighbours and beside one.

A net's model runs in each runtime, and the net in its framework, as ``lessonbench onnx matrix`` times them: first with
nothing beside it, then beside a process that spins for a share of each 20 ms of one core. Without it hardly any sample
should be dropped, and the more of them the larger that share is.

Run it, on a machine with nothing else to do, as ``PYTHONPATH=.:tests python -m baselines.neighbours``.
The columns of its table are told in results/README.md.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from baselines.baselines import Row, sentences, table, write

from harness.catalogue import choose, frameworks
from harness.csv_tables import read_table, rows_of
from harness.gates.onnx_matrix import Asked, matrix
from harness.jobs import usual_limits
from harness.plan import PROFILES
from harness.progress import Bars
from harness.runtime import runtimes
from harness.setting import Setting

SHARES = (0.0, 0.05, 0.1, 0.2, 1.0)
COLUMNS = ("lesson", "runtime", "batch", "neighbour", "samples", "dropped", "examples_per_s", "threads", "profile")
SPIN = """
import sys, time
share, turn_s = float(sys.argv[1]), 0.02
while True:
    until = time.perf_counter() + share * turn_s
    while time.perf_counter() < until:
        pass
    time.sleep((1 - share) * turn_s)
"""


@contextmanager
def neighbour(share: float) -> Iterator[None]:
    """Have a process spin for that share of the time; none if it is 0."""
    if not share:
        yield
        return
    with subprocess.Popen([sys.executable, "-c", SPIN, str(share)]) as spinning:
        try:
            yield
        finally:
            spinning.kill()


def timed(asked: Asked, share: float) -> list[Row]:
    """The timings of a matrix beside such a neighbour, as rows of the table."""
    with tempfile.TemporaryDirectory() as place, Bars() as bars, neighbour(share):
        matrix(asked, Setting(Path(place), usual_limits(asked.profile), bars))
        rows = rows_of(read_table(Path(place), "onnx_speed.csv"))
    told = [row | {"neighbour": share} for row in rows if row["dropped"] is not None]  # which Node.js does not tell
    return [{name: row[name] for name in COLUMNS} for row in told]


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--lesson", default="relu_mlp", show_default=True)
@click.option("--framework", type=click.Choice(frameworks()), default="torch", show_default=True)
@click.option("--runtime", multiple=True, help="All that can run here by default.")
@click.option("--share", type=click.FloatRange(0, 1), multiple=True, default=SHARES, show_default=True)
@click.option("--threads", type=int, help="Processor cores of each process; all unless given.")
@click.option("--profile", type=click.Choice(PROFILES), default="full", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file to write the table to.")
def main(lesson, framework, runtime, share, threads, profile, out):
    rows: list[Row] = []
    with sentences():
        asked = Asked(
            lesson=(lesson,),
            framework=(framework,),
            threads=() if threads is None else (threads,),
            profile=profile,
            runtime=tuple(choose("runtime", runtime, runtimes())),
        )
        write(out, rows, COLUMNS)
        for each in share:
            rows += timed(asked, each)
            write(out, rows, COLUMNS)
    click.echo(table(rows, COLUMNS), nl=False)


if __name__ == "__main__":
    main()
