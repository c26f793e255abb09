"""``lessonbench weights``: carry a net from one framework to another, in the middle of its training if need be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.catalogue import UsageError
from harness.cli.options import DATA, FILTERS, PROFILE, SEED, SEEDS, WHERE, Place, options, placed
from harness.plan import Options


@click.group()
def weights() -> None:
    """Weights as safetensors, which every framework here reads and writes."""


@weights.command("export")
@click.argument("lesson")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--framework", help="Train in this framework; in the first that is installed unless given.")
@click.option("--epochs", type=click.IntRange(min=0), help="Of training; the lesson's own unless given.")
@options(PROFILE, SEED, DATA)
def weights_export(
    lesson: str,
    file: Path,
    framework: str | None,
    epochs: int | None,
    profile: str,
    seed: int | None,
    data_folder: Path | None,
) -> int:
    """Train LESSON and leave its weights, and the optimiser's memory, in FILE."""
    from harness.carry import carry
    from harness.single import cell_of

    cell = cell_of(lesson, framework, profile, seed)
    return _say(carry, cell, source=None, epochs=epochs, target=file, data_folder=data_folder)


@weights.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--framework", help="Take them up in this framework; in the first that is installed unless given.")
@click.option("--epochs", type=click.IntRange(min=0), default=0, help="To go on training for.")
@click.option("--out", type=click.Path(path_type=Path), help="File for the weights after that.")
@options(DATA)
def weights_import(file: Path, framework: str | None, epochs: int, out: Path | None, data_folder: Path | None) -> int:
    """Take up the weights in FILE: what they reach on the test set, and, if asked, how training goes on from there."""
    from harness.carry import carry
    from harness.single import cell_of
    from harness.weights import FIELDS, read_weights

    about = read_weights(file).about
    if missing := [field for field in FIELDS if field not in about]:
        raise UsageError(
            f"{file} does not say its {', '.join(missing)}: 'lessonbench weights export' writes files that do."
        )
    cell = cell_of(about["lesson"], framework, about["profile"], _number(file, about["seed"]))
    _number(file, about["epochs"])
    return _say(carry, cell, source=file, epochs=epochs, target=out, data_folder=data_folder)


@weights.command("exchange")
@options(FILTERS, SEEDS, PROFILE, WHERE)
@placed
def weights_exchange(place: Place, **filters: Any) -> int:
    """Hand every net from every framework to every other in the middle of its training, in float64."""
    from harness.gates.exchange import exchange, summary

    chosen = Options(**filters)
    with place.setting(chosen.profile) as setting:
        rows = exchange(chosen, setting)
    for row in rows:
        if row["verdict"] != "pass":
            why = row["reason"] or f"gap of the outputs {row['outputs_gap']:.1e}, of the losses {row['loss_gap']:.1e}"
            click.echo(f"{row['lesson']}, {row['giver']} to {row['framework']}: {row['verdict']}: {why}", err=True)
    click.echo(summary(rows))
    click.echo(f"Table: {setting.path}", err=True)
    return 0 if all(row["verdict"] == "pass" for row in rows) else 1


def _number(file: Path, text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"{file}: {text!r} in its header is no whole number; export it again.")
    return int(text)


def _say(carry: Any, cell: Any, **how: Any) -> int:
    from harness.single import FailedError

    try:
        found = carry(cell, **how)
    except FailedError as error:
        click.echo(f"lessonbench: {error}", err=True)
        return 1
    loss = f", training loss {found['loss']:.4g}" if found["trained"] else ""
    reached = f"{found['metric']} {found['value']:.4g}{loss}"
    click.echo(f"{cell.lesson} in {cell.framework} after {found['epochs']} epochs: {reached}")
    if how["target"]:
        click.echo(f"Weights: {how['target']}")
    return 0
