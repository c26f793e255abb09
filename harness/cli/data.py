"""``lessonbench data``: the data sets, and how to get them. As light to import as the command itself."""

from __future__ import annotations

import json
from pathlib import Path

import click

from harness.catalogue import UsageError, choose


@click.group()
def data() -> None:
    """The data sets: what is there, and how to get what is not."""


@data.command("status")
@click.option("--data", "folder", type=click.Path(path_type=Path), help="Folder with the official data files.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def data_status(folder: Path | None, as_json: bool) -> None:
    """Which data are there; every file that is there is verified."""
    from dataclasses import asdict

    from impls.files import status

    for row in status(folder):
        if as_json:
            click.echo(json.dumps(asdict(row)))
        else:
            click.echo(f"{row.source:14}{row.size:7}{row.state:9}{row.where}")


@data.command("fetch")
@click.argument("source", nargs=-1)
def data_fetch(source: tuple[str, ...]) -> None:
    """Download data sets (all of them unless named) into the cache, and verify them."""
    from impls.data import SOURCES, DataError
    from impls.files import fetch

    for name in choose("data set", source, SOURCES):
        try:
            click.echo(f"{name}: {fetch(name).folder}")
        except DataError as error:
            raise UsageError(str(error)) from error


@data.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
def data_import(folder: Path) -> None:
    """Copy the official files in FOLDER into the cache; they are known by their content, whatever their names."""
    from impls.data import DataError
    from impls.files import import_folder

    try:
        for source, names in import_folder(folder).items():
            click.echo(f"{source}: {', '.join(names)}")
    except DataError as error:
        raise UsageError(str(error)) from error
