"""``lessonbench equivalence``: accuracies over seeds. As light to import as the command itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.catalogue import UsageError
from harness.cli_options import FILTERS, options, screen, writing
from harness.plan import Options


@click.command()
@options(FILTERS)
@click.option("--least", type=click.IntRange(5), default=10, show_default=True, help="Seeds of each at least.")
@click.option("--most", type=click.IntRange(5), default=30, show_default=True, help="Seeds of each at most.")
@click.option("--profile", default="full", show_default=True, help="full: the official data sets.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the tables [results/runs/TIME].")
@click.option("--data", "data_folder", type=click.Path(path_type=Path), help="Folder with the official data files.")
@click.option("--resume", is_flag=True, help="Go on with what is unfinished in --out.")
@click.option("--overwrite", is_flag=True, help="Replace what is in --out.")
def equivalence(
    least: int, most: int, out: Path | None, data_folder: Path | None, resume: bool, overwrite: bool, **filters: Any
) -> int:
    """Train nets over seeds, each framework drawing weights and batches itself: are their accuracies the same?

    A pilot of five says how many seeds are needed. Hours, on the full data.
    """
    from harness.equivalence import Number
    from harness.equivalence import equivalence as test
    from harness.folder import new_path
    from harness.jobs import usual_limits
    from harness.progress import Bars
    from harness.tables import equivalence_grid

    if most < least:
        raise UsageError(f"--most {most} is less than --least {least}: name a number from {least} up.")
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
