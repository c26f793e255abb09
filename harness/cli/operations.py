"""``lessonbench ops``: one operation in every framework. Light to import, as commands are."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli.options import screen


@click.command()
@click.argument("words", nargs=-1)
@click.option("--run", "folder", type=click.Path(path_type=Path), help="Of times and gaps [results/reference-cpu].")
@click.option("--csv", "as_csv", is_flag=True, help="A row for each operation and framework, with all figures.")
def ops(words: tuple[str, ...], folder: Path | None, as_csv: bool) -> None:
    """Operations on tensors whose name, meaning or call has all WORDS: every framework's call, side by side.

    Below each call: what differs by design, how far the result is from NumPy's, and how long a call takes.
    """
    from harness.views.operations import COLUMNS, found, operations_table

    rows = found(words, folder)
    if as_csv:
        import pandas as pd

        pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(sys.stdout, index=False, lineterminator="\n")
    else:
        screen().print(operations_table(rows))
