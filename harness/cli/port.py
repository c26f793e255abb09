"""``lessonbench new``: a lesson of one's own. As light to import as the command itself."""

from __future__ import annotations

from pathlib import Path

import click

TEMPLATE = "softmax_regression"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--like", default=TEMPLATE, show_default=True, help="The lesson of the course to begin from.")
def new(folder: Path, like: str) -> None:
    """Begin a lesson of your own in FOLDER: a copy of one that works, to be changed."""
    from harness.port import new_folder

    for path in new_folder(folder, like):
        click.echo(path)
    click.echo(f"Change lesson.py first, then the rest; 'lessonbench verify {folder}' says whether they are equal.")
