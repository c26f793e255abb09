"""``lessonbench export`` and ``onnx``: nets as files, and what files hold. Light to import, as commands are."""

from __future__ import annotations

import math
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import click

from harness.catalogue import UsageError
from harness.cli.options import (
    DATA,
    FILTERS,
    GO_ON,
    PROFILE,
    SEED,
    SEEDS,
    WHERE,
    Group,
    Place,
    options,
    placed,
    screen,
)

if TYPE_CHECKING:
    from harness.child import Limits

REASON = 200  # characters of a reason on the screen
LIMITS: Group = (
    click.option("--deadline", type=float, default=120.0, show_default=True, help="Seconds for each process."),
    click.option("--memory", type=float, default=4.0, show_default=True, help="GiB for each process."),
)
RUNTIME: Group = (click.option("--runtime", multiple=True, help="Only in this runtime (may be repeated)."),)


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
    number = f"{found['epochs']} epoch{'' if found['epochs'] == 1 else 's'}"
    trained = f"{number}: {found['metric']} {found['value']:.4g}"
    click.echo(f"{cell.lesson} in {cell.framework} after {trained}")
    click.echo(f"Model: {target}, opset {found['opset']}, {found['file_bytes']:,} bytes")
    equal = "within" if found["verdict"] == "pass" else "NOT within"
    click.echo(
        f"ONNX Runtime: outputs {float(found['max_rel']):.1e} apart, {equal} {found['bound']:.0e} of the largest; "
        f"{found['agree_share']:.2%} of {found['examples']} predictions the same"
    )
    return 0 if found["verdict"] == "pass" else 1


@click.group("onnx")
def onnx_group() -> None:
    """ONNX files, from wherever they are."""


@onnx_group.command("diff")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("others", type=click.Path(path_type=Path), nargs=-1, required=True)
@options(LIMITS)
def onnx_diff(first: Path, others: tuple[Path, ...], deadline: float, memory: float) -> None:
    """What ONNX files are made of, side by side: operators, weights, sizes. Nothing in them is run."""
    from harness.gates.onnx_bench import contents
    from harness.progress import Bars
    from harness.views.onnx_graphs import diff_grid

    files, limits = [first, *others], _limits(deadline, memory)
    with Bars() as bars:
        found = contents(files, limits, bars)
    screen().print(diff_grid(files, found).screen())


@onnx_group.command("matrix")
@options(FILTERS, RUNTIME, SEEDS, PROFILE)
@click.option("--threads", multiple=True, type=int, help="Threads of the timed part; all cores unless given.")
@click.option("--speed/--no-speed", default=True, help="Time what runs, one at a time, or leave it.")
@options(WHERE, GO_ON)
@placed
def onnx_matrix(place: Place, **filters: Any) -> int:
    """Every net trained and exported by every framework, in every runtime: how equal, how fast, of which operators."""
    from harness.gates.onnx_matrix import Asked, differing, matrix, summary
    from harness.views.onnx_matrix import matrix_grid, speed_grid

    asked = Asked(**filters)
    with place.setting(asked.profile) as setting:
        found = matrix(asked, setting)
    screen().print(matrix_grid(found.rows).screen())
    if found.speed:
        screen().print(speed_grid(found.speed).screen())
    for line in differing(found.rows):
        click.echo(line)
    for row in found.rows:
        if row["verdict"] not in ("pass", "missing"):
            why = row.get("reason") or f"{float(row['max_rel']):.1e}, {row['disagree']} predictions differ"
            words = f"{row['lesson']} from {row['exporter']} in {row['runtime']}: {row['verdict']}: {why}"
            click.echo(shorten(words, REASON), err=True)
    for row in found.speed:
        if row["status"] not in ("ok", "contended"):
            where = f"{row['lesson']} from {row['exporter']} in {row['runtime']} at batch {row['batch']}"
            click.echo(shorten(f"{where}: {row['status']}: {row['reason']}", REASON), err=True)
    for why in dict.fromkeys(row["reason"] for row in found.rows if row["verdict"] == "missing"):
        click.echo(why, err=True)
    click.echo(summary(found.rows))
    click.echo(f"Tables: {setting.path}", err=True)
    return 0 if found.passed else 1


@onnx_group.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--against", metavar="LESSON|OTHER.onnx", help="Run on a lesson's test inputs, or beside another model.")
@click.option("--inputs", type=click.Path(path_type=Path), help="Arrays to run on: .npy, or .npz by the inputs' names.")
@options(RUNTIME)
@options(PROFILE, DATA, LIMITS)
def onnx_check(
    file: Path,
    against: str | None,
    inputs: Path | None,
    runtime: tuple[str, ...],
    profile: str,
    data_folder: Path | None,
    deadline: float,
    memory: float,
) -> int:
    """Run anybody's ONNX FILE in every runtime, and see whether they agree; with made inputs unless told."""
    from harness.gates.onnx_check import Question, check
    from harness.progress import Bars
    from harness.record import printable
    from harness.views.onnx_check import check_grid

    question = Question(file, _limits(deadline, memory), against, inputs, runtime, profile, data_folder)
    with Bars() as bars:
        checked = check(question, bars)
    about = checked.figures
    passed = f"{', '.join(about['inputs'])} → {', '.join(about['outputs'])}"
    click.echo(f"{printable(str(file))}: opset {about['opset']}, {passed}")
    for note in checked.notes:
        click.echo(note)
    screen().print(check_grid(checked.rows, checked.basis).screen())
    for row in checked.rows:
        if row.get("reason"):
            click.echo(shorten(f"{row['runtime']}: {row['verdict']}: {row['reason']}", REASON), err=True)
    if not checked.compared:
        click.echo(checked.alone, err=True)
    return 0 if checked.passed else 1


def _limits(deadline: float, memory: float) -> Limits:
    """What each process may use.

    Raises:
        UsageError: a number is none, or not above 0.
    """
    from harness.child import Limits

    if not (0 < deadline < math.inf and 0 < memory < math.inf):
        raise UsageError("--deadline and --memory take a number above 0.")
    return Limits(deadline, int(memory * 2**30))
