"""``lessonbench throughput``: how fast are nets, and how fast could they be? Light to import, as the command is."""

from __future__ import annotations

from typing import Any

import click

from harness.cli.options import FILTERS, GO_ON, MATRIX, WHERE, Place, options, placed, screen


@click.command()
@options(FILTERS, MATRIX)
@click.option(
    "--batch", type=int, multiple=True, help="Beside each lesson's own (may be repeated) [1 16 256 1024 4096]."
)
@click.option("--processes", type=int, help="Fresh ones of each cell, one after the other [quick 1, full 5].")
@options(WHERE, GO_ON)
@placed
def throughput(place: Place, **sweep: Any) -> int:
    """Training, prediction, latency and input over batch sizes, of nets alone, beside the machine's own peak."""
    from harness.speed.throughput import Sweep
    from harness.speed.throughput import throughput as measure
    from harness.views.throughput import throughput_grid

    asked = Sweep(**sweep)
    with place.setting(asked.profile) as setting:
        measured = measure(asked, setting)
    screen().print(throughput_grid(measured.table).screen())
    for failure in measured.failures:
        click.echo(failure, err=True)
    if contended := measured.statuses()["contended"]:
        cells = f"{contended} of {len(measured.cells)} cells"
        click.echo(f"{cells} were measured while others used their cores: measure again on a free machine.", err=True)
    click.echo(f"Tables: {setting.path}", err=True)
    return 0 if measured.whole and not measured.failures else 1
