"""``lessonbench verify`` and ``equivalence``: are they equal? As light to import as the command itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.catalogue import UsageError, use_own
from harness.cli.options import FILTERS, GO_ON, PROFILE, SEEDS, WHERE, Place, options, placed, screen
from harness.plan import Options


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@options(FILTERS, SEEDS, PROFILE)
@click.option("--epoch", is_flag=True, help="Follow nets for a whole epoch in float64, instead of 200 steps.")
@options(WHERE)
@placed
def verify(folder: Path | None, epoch: bool, place: Place, **filters: Any) -> int:
    """Whether the implementations in FOLDER are equal, and where they first part if not. Nothing is timed.

    Without FOLDER, those of the course.
    """
    from harness.gates.deviations import any_gone
    from harness.gates.equality import report, verify_lessons
    from harness.jobs import usual_limits
    from harness.port import own

    if folder:
        use_own([folder])
        filters["lesson"] = filters["lesson"] or tuple(own())
    chosen = Options(**filters)
    with place.setting(chosen.profile, usual_limits("full" if epoch else chosen.profile)) as setting:
        found = verify_lessons(chosen, setting, whole_epoch=epoch)
    screen().print(*report(found), sep="\n")
    verdicts = {each.verdict for each in found}
    equal = verdicts == {"pass"}
    word = "Equal" if equal else "Not equal" if "fail" in verdicts else "Not all could be checked"
    click.echo(f"{word}. Tables: {setting.path}", err=True)
    return 0 if equal and not any(any_gone(each.deviations) for each in found) else 1


@click.command()
@options(FILTERS)
@click.option("--least", type=click.IntRange(5), default=10, show_default=True, help="Seeds at least.")
@click.option("--most", type=click.IntRange(10), default=120, show_default=True, help="Seeds at most, in two looks.")
@click.option("--profile", default="full", show_default=True, help="full: the official data sets.")
@options(WHERE, GO_ON)
@placed
def equivalence(least: int, most: int, place: Place, **filters: Any) -> int:
    """Train nets over seeds, each framework drawing weights and batches itself: are their accuracies the same?

    A pilot of five says how many seeds are needed; where these do not show it, twice as many are taken. Hours, on the
    full data.
    """
    from harness.gates.equivalence import Number
    from harness.gates.equivalence import equivalence as test
    from harness.views.tables import equivalence_grid

    if most < 2 * least:
        raise UsageError(f"--most {most} is less than twice --least {least}, for two looks: name {2 * least} or more.")
    chosen = Options(**filters)
    with place.setting(chosen.profile) as setting:
        rows = test(chosen, Number(least, most), setting)
    if rows:
        screen().print(equivalence_grid(rows).screen())
    for row in rows:
        if row["reason"]:
            click.echo(f"{row['lesson']} {row['framework']} {row['mode']}: {row['verdict']}: {row['reason']}", err=True)
    click.echo(f"Tables: {setting.path}", err=True)
    return 0 if rows and all(row["verdict"] in ("pass", "reported") for row in rows) else 1
