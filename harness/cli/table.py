"""``lessonbench table``: what a finished run came to, again. Light to import, as the command is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.catalogue import UsageError, choose
from harness.cli.options import screen

if TYPE_CHECKING:
    from harness.record import Row
    from harness.views.tables import Grid


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--column", help="One column of the table, with the frameworks side by side.")
@click.option("--against", metavar="FRAMEWORK", help="With --column: ratios to this framework's, or to a mode's of it.")
@click.option("--equality", is_flag=True, help="How equal each cell is, instead.")
@click.option("--throughput", is_flag=True, help="What 'lessonbench throughput' measured, instead.")
@click.option("--batch", type=int, help="With --throughput and --column: training at this batch, not the lesson's own.")
@click.option("--lesson", multiple=True, help="Only this lesson (may be repeated).")
@click.option("--threads", multiple=True, type=int, help="Only what had so many threads (may be repeated).")
@click.option("--markdown", is_flag=True, help="For a document.")
def table(
    folder: Path,
    column: str | None,
    against: str | None,
    equality: bool,
    throughput: bool,
    batch: int | None,
    lesson: tuple[str, ...],
    threads: tuple[int, ...],
    markdown: bool,
) -> None:
    """The table of a finished run in FOLDER."""
    if equality and (column or throughput):
        raise UsageError(f"--equality and {'--column' if column else '--throughput'} are two tables: name one of them.")
    if against and not column:
        raise UsageError("--against divides the figures of one column: name it with --column.")
    if batch is not None and not (throughput and column):
        raise UsageError("--batch chooses what --throughput shows of one column: name it with --column.")
    name = "equality.csv" if equality else "throughput.csv" if throughput else "cells.csv"
    rows = _chosen(folder, name, lesson, threads)
    if equality:
        grid = _equality(folder, rows)
    elif throughput:
        grid = _throughput(rows, column, batch, against)
    else:
        from harness.views.tables import cells_grid, column_grid

        grid = column_grid(rows, column, against) if column else cells_grid(rows)
    if markdown:
        click.echo(grid.markdown())
    else:
        screen().print(grid.screen())


def _chosen(folder: Path, name: str, asked: tuple[str, ...], threads: tuple[int, ...]) -> list[Row]:
    """The rows of a table, of these lessons and numbers of threads alone if there are any."""
    from harness.csv_tables import read_table, rows_of

    if not (folder / name).is_file():
        raise UsageError(f"{folder} holds no finished run: name a folder with {name} in it.")
    rows = rows_of(read_table(folder, name))
    lessons = choose("lesson", asked, dict.fromkeys(row["lesson"] for row in rows))
    rows = [row for row in rows if row["lesson"] in lessons]
    found = [row for row in rows if not threads or row["threads"] in threads]
    if not found:
        there = ", ".join(sorted({str(row["threads"]) for row in rows}))
        raise UsageError(f"--threads: {folder / name} has nothing with so many; there is {there or 'nothing at all'}.")
    return found


def _equality(folder: Path, rows: list[Row]) -> Grid:
    from harness.csv_tables import read_table, rows_of
    from harness.views.tables import equality_grid

    seeded = (folder / "equivalence.csv").is_file()
    return equality_grid(rows, rows_of(read_table(folder, "equivalence.csv")) if seeded else ())


def _throughput(rows: list[Row], column: str | None, batch: int | None, against: str | None) -> Grid:
    from harness.views.throughput import throughput_grid, training_grid

    return training_grid(rows, column, batch, against) if column else throughput_grid(rows)
