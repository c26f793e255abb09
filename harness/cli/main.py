"""The command ``lessonbench``. Modules that take long to import are imported by the commands that need them."""

from __future__ import annotations

import json
import math
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any, NoReturn

import click

from harness.catalogue import UsageError
from harness.cli.compare import calibrate, compare
from harness.cli.data import data
from harness.cli.equality import equivalence, verify
from harness.cli.onnx import export, onnx_group
from harness.cli.operations import ops
from harness.cli.options import DATA, FILTERS, GO_ON, MATRIX, PROFILE, SEED, WHERE, Place, options, placed, screen
from harness.cli.port import new
from harness.cli.table import table
from harness.cli.throughput import throughput
from harness.cli.weights import weights
from harness.plan import DEADLINE_S, MEMORY_GIB, Options, listing

DEADLINES = ", ".join(f"{profile} {seconds:g}" for profile, seconds in DEADLINE_S.items())
REASON = 300  # characters of a reason on the screen


class OneSentence(click.Group):
    """Says what is wrong with the input in one sentence, and exits with code 2."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run the command line and exit: 0 all well, 1 a gate, target or cell failed, 2 bad input."""
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except (UsageError, click.ClickException) as error:
            message = error.format_message() if isinstance(error, click.ClickException) else str(error)
            click.echo(f"lessonbench: {message}", err=True)
            sys.exit(2)
        except click.exceptions.Abort:
            sys.exit(1)
        sys.exit(code or 0)


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lessonbench")
def main() -> None:
    """Deep-learning lessons in NumPy, PyTorch, Keras and JAX: proved equal, timed, exported."""


@main.command("list")
@options(FILTERS)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_command(as_json: bool, **filters: Any) -> None:
    """What there is, and whether it can run here. Imports no framework."""
    rows = listing(Options(**filters))
    if as_json:
        for row in rows:
            click.echo(json.dumps(row))
        return
    names = ("chapter", "lesson", "kind", "functions", "framework", "mode", "status")
    widths = [max(len(name), *(len(row[name]) for row in rows)) for name in names]
    for cells in (names, *([row[name] for name in names] for row in rows)):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    operations = {row["lesson"]: int(row["functions"]) for row in rows if row["kind"] == "operations"}
    if operations:
        click.echo(_sum_of(operations, rows), err=True)


def _sum_of(operations: Mapping[str, int], rows: Sequence[Mapping[str, str]]) -> str:
    """How many operations there are in how many of the lessons listed, and what some framework lacks of either."""
    shown = len({row["lesson"] for row in rows})
    there = {(row["lesson"], row["framework"]) for row in rows if row["status"] != "missing"}
    lacking = {(row["lesson"], row["framework"]) for row in rows} - there
    missing = sum(operations.get(lesson, 0) for lesson, _ in lacking)
    whole = [f"{lesson} in {framework}" for lesson, framework in sorted(lacking) if lesson not in operations]
    lacks = [f"missing, of all operations in all frameworks: {missing}"] if missing else []
    lacks += [f"missing lessons: {', '.join(whole)}"] if whole else []
    lack = "; ".join(lacks) or "nothing is missing"
    return f"{sum(operations.values())} operations in {len(operations)} of {shown} lessons; {lack}."


@main.command()
@options(FILTERS, MATRIX, WHERE, GO_ON)
@click.option("--processes", type=int, help="Fresh ones that train and time each cell, one after the other [1].")
@click.option("--deadline", type=float, help=f"Seconds for each process [{DEADLINES}].")
@click.option("--memory", type=float, default=MEMORY_GIB, show_default=True, help="GiB for each process.")
@click.option("--json", "as_json", is_flag=True, help="The cells as JSON, one object a line, instead of the table.")
@placed
def run(place: Place, deadline: float | None, memory: float, as_json: bool, **filters: Any) -> int:
    """Train, time, compare and export; a table here, CSV files in --out."""
    from harness.child import Limits
    from harness.gates.deviations import sentences
    from harness.record import plain
    from harness.run import run as run_cells
    from harness.views.tables import cells_grid

    chosen = Options(**filters)
    seconds = deadline if deadline is not None else DEADLINE_S.get(chosen.profile, DEADLINE_S["full"])
    if not (0 < seconds < math.inf and 0 < memory < math.inf):
        raise UsageError("--deadline and --memory take a number above 0.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was measured is kept, as after Ctrl-C
    with place.setting(chosen.profile, Limits(seconds, int(memory * 2**30))) as setting:
        result = run_cells(chosen, setting)
    if as_json:
        for row in result.cells:
            click.echo(json.dumps(plain(row)))
    else:
        screen().print(cells_grid(result.cells).screen())
    for row in result.cells:
        if row["reason"]:
            reason = shorten(row["reason"], REASON)  # whole in the table
            click.echo(f"{row['lesson']} {row['framework']} {row['mode']}: {row['status']}: {reason}", err=True)
    for line in sentences(result.deviations):
        click.echo(line, err=True)
    counts = ", ".join(f"{number} {status}" for status, number in result.counts().items())
    click.echo(f"{len(result.cells)} cells: {counts}. Tables: {setting.path}", err=True)
    return 0 if result.passed else 1


@main.command()
@click.argument("lesson")
@click.option("--framework", multiple=True, help="Only this framework's file (may be repeated).")
@click.option("--json", "as_json", is_flag=True, help="The porting cost alone, one JSON object a line.")
def show(lesson: str, framework: tuple[str, ...], as_json: bool) -> None:
    """A lesson's numbers, its implementations, side by side if there is room, and how many of their lines differ."""
    from harness.views.show import porting_costs, show_lesson

    if as_json:
        for row in porting_costs(lesson, framework):
            click.echo(json.dumps(row))
    else:
        show_lesson(screen(), lesson, framework)


@main.command()
@click.argument("lesson")
@click.option("--framework", help="Train in this framework; in the first that is installed unless given.")
@options(PROFILE, SEED, DATA)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the picture [results/runs/predictions].")
def predict(
    lesson: str, framework: str | None, profile: str, seed: int | None, out: Path | None, data_folder: Path | None
) -> int:
    """Train a lesson and show what it answers: test pictures with names, a curve, a word, or rows of a table."""
    from harness.single import FailedError
    from harness.views.predict import predict as predict_lesson

    place = out or Path("results", "runs", "predictions")
    try:
        predict_lesson(screen(), lesson, framework, profile, seed, place, data_folder)
    except FailedError as error:
        click.echo(f"lessonbench: {error}", err=True)
        return 1
    return 0


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def doctor(as_json: bool) -> int:
    """This machine, the frameworks, the runtimes and the data: what is there and what is not. Imports no framework."""
    from dataclasses import asdict

    from harness.views.show import doctor_tables, findings

    found = findings()
    if as_json:
        click.echo(json.dumps({**found, "data": [asdict(row) for row in found["data"]]}))
    else:
        screen().print(*doctor_tables(found), sep="\n")
    return 0


for command in (calibrate, compare, throughput):  # speed
    main.add_command(command)
for command in (data, equivalence, export, new, onnx_group, ops, table, verify, weights):
    main.add_command(command)
