"""``lessonbench export`` and ``onnx``: nets as files, and what files hold. Light to import, as commands are."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.options import DATA, PROFILE, SEED, options, screen


@click.command()
@click.argument("lesson")
@click.option("--framework", help="Train in, and export from, this one; the first that is installed unless given.")
@click.option("--out", type=click.Path(path_type=Path), help="The file [LESSON-FRAMEWORK.onnx].")
@click.option("--epochs", type=click.IntRange(min=0), help="Of training; the lesson's own unless given.")
@click.option("--weights", type=click.Path(path_type=Path), help="To begin with, and without --epochs to stay with.")
@options(PROFILE, SEED, DATA)
def export(
    lesson: str,
    framework: str | None,
    out: Path | None,
    epochs: int | None,
    weights: Path | None,
    profile: str,
    seed: int | None,
    data_folder: Path | None,
) -> int:
    """Train LESSON and write it as an ONNX file, which is run and held against its framework at once."""
    from harness.carry import export as write
    from harness.single import FailedError, cell_of

    cell = cell_of(lesson, framework, profile, seed)
    target = out or Path(f"{cell.lesson}-{cell.framework}.onnx")
    if weights and epochs is None:
        epochs = 0
    try:
        found = write(cell, source=weights, epochs=epochs, target=target, data_folder=data_folder)
    except FailedError as error:
        click.echo(f"lessonbench: {error}", err=True)
        return 1
    trained = f"{found['epochs']} epochs: {found['metric']} {found['value']:.4g}"
    click.echo(f"{cell.lesson} in {cell.framework} after {trained}")
    click.echo(f"Model: {target}, opset {found['opset']}, {found['file_bytes']:,} bytes")
    equal = "within" if found["verdict"] == "pass" else "NOT within"
    click.echo(
        f"ONNX Runtime: outputs {found['max_rel']:.1e} apart, {equal} {found['bound']:.0e} of the largest; "
        f"{found['agree_share']:.2%} of {found['examples']} predictions the same"
    )
    return 0 if found["verdict"] == "pass" else 1


@click.group("onnx")
def onnx_group() -> None:
    """ONNX files, from wherever they are."""


@onnx_group.command("diff")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("others", type=click.Path(path_type=Path), nargs=-1, required=True)
def onnx_diff(first: Path, others: tuple[Path, ...]) -> None:
    """What ONNX files are made of, side by side: operators, weights, sizes. Nothing in them is run."""
    from harness.views.onnx_graphs import diff_grid

    screen().print(diff_grid([first, *others]).screen())
