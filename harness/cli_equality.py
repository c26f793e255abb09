"""``lessonbench verify`` and ``equivalence``: are they equal? As light to import as the command itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.catalogue import UsageError, use_own
from harness.cli_options import FILTERS, options, screen, writing
from harness.plan import Options


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@options(FILTERS)
@click.option("--seed", multiple=True, type=int, help="Of weights and order; the lesson's own unless given.")
@click.option("--profile", default="quick", help="quick: the embedded sample. full: the official data sets.")
@click.option("--epoch", is_flag=True, help="Follow nets for a whole epoch in float64, instead of 200 steps.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the tables [results/runs/TIME].")
@click.option("--data", "data_folder", type=click.Path(path_type=Path), help="Folder with the official data files.")
def verify(folder: Path | None, epoch: bool, out: Path | None, data_folder: Path | None, **filters: Any) -> int:
    """Whether the implementations in FOLDER are equal, and where they first part if not. Nothing is timed.

    Without FOLDER, those of the course.
    """
    from harness.deviations import any_gone
    from harness.equality import report, verify_lessons
    from harness.folder import new_path
    from harness.jobs import usual_limits
    from harness.port import own
    from harness.progress import Bars

    if folder:
        use_own([folder])
        filters["lesson"] = filters["lesson"] or tuple(own())
    chosen, place = Options(**filters), out or new_path()
    limits = usual_limits("full" if epoch else chosen.profile)
    with writing(place), Bars() as bars:
        found = verify_lessons(chosen, place, limits, bars, data_folder=data_folder, whole_epoch=epoch)
    screen().print(*report(found), sep="\n")
    equal = all(each.verdict == "pass" for each in found)
    click.echo(f"{'Equal' if equal else 'Not equal'}. Tables: {place}", err=True)
    return 0 if equal and not any(any_gone(each.deviations) for each in found) else 1


@click.command()
@options(FILTERS)
@click.option("--least", type=click.IntRange(5), default=10, show_default=True, help="Seeds at least.")
@click.option("--most", type=click.IntRange(10), default=120, show_default=True, help="Seeds at most, in two looks.")
@click.option("--profile", default="full", show_default=True, help="full: the official data sets.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the tables [results/runs/TIME].")
@click.option("--data", "data_folder", type=click.Path(path_type=Path), help="Folder with the official data files.")
@click.option("--resume", is_flag=True, help="Go on with what is unfinished in --out.")
@click.option("--overwrite", is_flag=True, help="Replace what is in --out.")
def equivalence(
    least: int, most: int, out: Path | None, data_folder: Path | None, resume: bool, overwrite: bool, **filters: Any
) -> int:
    """Train nets over seeds, each framework drawing weights and batches itself: are their accuracies the same?

    A pilot of five says how many seeds are needed; where these do not show it, twice as many are taken. Hours, on the
    full data.
    """
    from harness.equivalence import Number
    from harness.equivalence import equivalence as test
    from harness.folder import new_path
    from harness.jobs import usual_limits
    from harness.progress import Bars
    from harness.tables import equivalence_grid

    if most < 2 * least:
        raise UsageError(f"--most {most} is less than twice --least {least}, for two looks: name {2 * least} or more.")
    if resume and out is None:
        raise UsageError("--resume goes on with what is in a folder: name it with --out.")
    chosen, place = Options(**filters), out or new_path()
    number, limits = Number(least, most), usual_limits(chosen.profile)
    with writing(place), Bars() as bars:
        rows = test(chosen, number, place, limits, bars, data_folder=data_folder, resume=resume, overwrite=overwrite)
    if rows:
        screen().print(equivalence_grid(rows).screen())
    for row in rows:
        if row["reason"]:
            click.echo(f"{row['lesson']} {row['framework']} {row['mode']}: {row['verdict']}: {row['reason']}", err=True)
    click.echo(f"Tables: {place}", err=True)
    return 0 if rows and all(row["verdict"] in ("pass", "reported") for row in rows) else 1
