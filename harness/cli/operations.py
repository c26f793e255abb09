"""``lessonbench ops``: one operation in every framework. Light to import, as commands are."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.options import screen


@click.command()
@click.argument("words", nargs=-1)
@click.option(
    "--run",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of a run, whose times and gaps are shown [results/reference-cpu].",
)
@click.option("--csv", "as_csv", is_flag=True, help="A row for each operation and framework, with all figures.")
def ops(words: tuple[str, ...], folder: Path | None, as_csv: bool) -> None:
    """Operations on tensors whose name, meaning, calls or edges have all WORDS: every framework's call, side by side.

    Below the calls: what each framework does at inputs where some differ by design, how far results are from NumPy's,
    how long a call takes, and the tests that prove it.
    """
    from harness.views.operation_search import found, found_lessons, refuse
    from harness.views.operations import COLUMNS, csv_rows, operations_page

    operations, beside = found(words), found_lessons(words)
    if not operations and not beside:
        refuse(words)
    if as_csv:
        from harness.csv_tables import csv_text

        click.echo(csv_text(csv_rows(operations, folder), COLUMNS), nl=False)
    elif operations:
        screen().print(operations_page(operations, folder))
    for lesson in beside:
        click.echo(f"{lesson} is a lesson of functions: lessonbench show {lesson}", err=as_csv)
