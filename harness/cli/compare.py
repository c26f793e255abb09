"""``lessonbench compare`` and ``calibrate``: is it slower? As light to import as the command itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.cli.options import FILTERS, GO_ON, PROFILE, WHERE, Place, options, placed, screen, writing
from harness.plan import Options
from harness.record import CLOCKS, QUANTITIES, Clock, Quantity

FIGURE = (
    click.option("--column", type=click.Choice(QUANTITIES), default="train", show_default=True, help="What was timed."),
    click.option(
        "--clock",
        type=click.Choice(CLOCKS),
        default="wall",
        show_default=True,
        help="cpu: seconds of processor time, which hold when others use the machine.",
    ),
)


@click.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@options(FIGURE)
@click.option("--other-machine", is_flag=True, help="Compare runs of different machines.")
@click.option("--csv", "file", type=click.Path(path_type=Path), help="Write the table into this file too.")
@click.option("--markdown", is_flag=True, help="For a document.")
def compare(
    run_a: Path, run_b: Path, column: Quantity, clock: Clock, other_machine: bool, file: Path | None, markdown: bool
) -> int:
    """Whether RUN_B is slower than RUN_A, cell by cell; exit code 1 if any cell is."""
    from harness.csv_tables import write_csv
    from harness.speed.compare import compare as compare_runs
    from harness.speed.compare import comparison_grid

    found = compare_runs(run_a, run_b, column, clock, other_machine=other_machine)
    grid = comparison_grid(found.rows)
    if markdown:
        click.echo(grid.markdown())
    else:
        screen().print(grid.screen())
    for folder, names in ((run_a, found.only_a), (run_b, found.only_b)):
        for name in names:
            click.echo(f"only {folder} has samples of {name}", err=True)
    for change in found.changes:
        click.echo(f"changed: {change}", err=True)
    if file:
        with writing(file):
            write_csv(file, "comparison.csv", found.rows)
    return 1 if found.slower else 0


@click.command()
@options(FILTERS, FIGURE)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Pairs of each cell.")
@click.option("--processes", type=int, default=5, show_default=True, help="Fresh ones, on either side.")
@click.option("--samples", type=int, default=10, show_default=True, help="Of each process.")
@options(PROFILE, WHERE, GO_ON)
@placed
def calibrate(column: Quantity, clock: Clock, rounds: int, place: Place, **filters: Any) -> int:
    """How noisy this machine is: cells compared with themselves, by the rule of 'compare'.

    Without filters, two lessons in every installed framework.
    """
    from harness.speed.calibrate import calibrate as time_pairs
    from harness.speed.calibrate import calibration_grid

    chosen = Options(**filters)
    with place.setting(chosen.profile) as setting:
        rows, failures = time_pairs(chosen, rounds, setting)
    if shown := [row for row in rows if (row["quantity"], row["clock"]) == (column, clock)]:
        screen().print(calibration_grid(shown).screen())
        different, pairs = (sum(row[name] for row in shown) for name in ("different", "pairs"))
        click.echo(f"{different} of {pairs} comparisons of a cell with itself were called different.", err=True)
    for failure in failures:
        click.echo(failure, err=True)
    click.echo(f"Tables: {setting.path}", err=True)
    whole = bool(shown) and all(row["pairs"] == rounds for row in shown)  # else it was interrupted
    return 0 if whole and not failures else 1
