"""``lessonbench verify`` and ``new``: a user's own lesson. As light to import as the command itself."""

from __future__ import annotations

from pathlib import Path

import click

from harness.catalogue import use_own
from harness.cli_options import screen, writing
from harness.plan import Options

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


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--framework", multiple=True, help="Only this framework (may be repeated).")
@click.option("--mode", multiple=True, help="This mode instead of each framework's first; 'all' for every one.")
@click.option("--seed", multiple=True, type=int, help="Of weights and order; the lesson's own unless given.")
@click.option("--profile", default="quick", help="quick: the embedded sample. full: the official data sets.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the tables [results/runs/TIME].")
@click.option("--data", "data_folder", type=click.Path(path_type=Path), help="Folder with the official data files.")
def verify(
    folder: Path,
    framework: tuple[str, ...],
    mode: tuple[str, ...],
    seed: tuple[int, ...],
    profile: str,
    out: Path | None,
    data_folder: Path | None,
) -> int:
    """Whether the implementations in FOLDER are equal, and where they first part if not. Nothing is timed."""
    from harness.deviations import any_gone
    from harness.folder import new_path
    from harness.jobs import usual_limits
    from harness.port import own, report, verify_own
    from harness.progress import Bars

    use_own([folder])
    place = out or new_path()
    chosen = Options(lesson=tuple(own()), framework=framework, mode=mode, seed=seed, profile=profile)
    with writing(place), Bars() as bars:
        found = verify_own(chosen, place, usual_limits(profile), bars, data_folder)
    screen().print(*report(found), sep="\n")
    equal = all(each.verdict == "pass" for each in found)
    click.echo(f"{'Equal' if equal else 'Not equal'}. Tables: {place}", err=True)
    return 0 if equal and not any(any_gone(each.deviations) for each in found) else 1
