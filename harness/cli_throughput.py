"""``lessonbench throughput``: how fast are nets, and how fast could they be? Light to import, as the command is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.cli_options import FILTERS, MATRIX, options, screen, writing


@click.command()
@options(FILTERS, MATRIX)
@click.option(
    "--batch", type=int, multiple=True, help="Beside each lesson's own (may be repeated) [1 16 256 1024 4096]."
)
@click.option("--processes", type=int, help="Fresh ones of each cell, one after the other [quick 1, full 5].")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the tables [results/runs/TIME].")
@click.option("--data", "data_folder", type=click.Path(path_type=Path), help="Folder with the official data files.")
@click.option("--resume", is_flag=True, help="Go on with what is unfinished in --out.")
@click.option("--overwrite", is_flag=True, help="Replace what is in --out.")
def throughput(out: Path | None, data_folder: Path | None, resume: bool, overwrite: bool, **sweep: Any) -> int:
    """Training, prediction, latency and input over batch sizes, of nets alone, beside the machine's own peak."""
    from harness.catalogue import UsageError
    from harness.folder import new_path
    from harness.jobs import usual_limits
    from harness.progress import Bars
    from harness.throughput import Sweep, throughput_grid
    from harness.throughput import throughput as measure

    if resume and out is None:
        raise UsageError("--resume goes on with what is in a folder: name it with --out.")
    asked, place = Sweep(**sweep), out or new_path()
    limits, how = usual_limits(asked.profile), {"resume": resume, "overwrite": overwrite}
    with writing(place), Bars() as bars:
        measured = measure(asked, place, limits, bars, data_folder=data_folder, **how)
    screen().print(throughput_grid(measured).screen())
    for failure in measured.failures:
        click.echo(failure, err=True)
    if contended := measured.statuses()["contended"]:
        cells = f"{contended} of {len(measured.cells)} cells"
        click.echo(f"{cells} were measured while others used their cores: measure again on a free machine.", err=True)
    click.echo(f"Tables: {place}", err=True)
    return 0 if measured.whole and not measured.failures else 1
