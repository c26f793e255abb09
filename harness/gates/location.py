"""Where nets part from what they are held against: both are looked at array by array, in steps in which it may show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import cast

from harness.children.trace import FIRST_STEPS
from harness.folder import RunFolder
from harness.gates import departure, deviations
from harness.gates.departure import Departure
from harness.jobs import WORKER, Launcher, followed
from harness.plan import Cell, configured
from harness.report import Result, held_against, traced
from impls.spec import NetLesson


def located(launcher: Launcher, cells: Sequence[Cell], job: str = "trace_float64") -> dict[Cell, Departure]:
    """Inspect nets that were followed by this job, and say of each that parts where it does so first.

    The first steps are looked at; where these are right, the step in which the losses part.
    """
    folder = launcher.folder
    _inspect(launcher, "inspect", {cell: list(FIRST_STEPS) for cell in followed(cells)})
    found = {cell: at for cell in cells if (at := _parting(folder, cell, job))}
    steps: dict[Cell, list[int]] = {}
    later = [cell for cell, at in found.items() if at.stage == "trajectory" and at.step not in FIRST_STEPS]
    for cell in later:
        for each in followed([cell]):
            steps.setdefault(each, []).append(found[cell].step)
    if steps:
        _inspect(launcher, "inspect_later", steps)
        found |= {cell: at for cell in later if (at := _parting(folder, cell, job))}
    return found


def locate(result: Result, launcher: Launcher) -> None:
    """Say in the rows of a run's nets that failed a gate where they first part from what they are held against."""
    for cell, found in located(launcher, result.parted()).items():
        result.departures.append(asdict(cell) | {"reference": held_against(cell)} | vars(found))
        result.rows[cell]["reason"] += f"; {found.sentence()}"


def _inspect(launcher: Launcher, job: str, steps: dict[Cell, list[int]]) -> None:
    launcher.progress.planned(len(launcher.endings) + len(steps))
    launcher.share(job, {cell: {"steps": some} for cell, some in steps.items()}, WORKER)


def _parting(folder: RunFolder, cell: Cell, job: str) -> Departure | None:
    """Of the reference itself, the first parameter that is not the lesson's."""
    mine, theirs = (
        departure.merged(*(traced(folder, each, kind) for kind in (job, "inspect", "inspect_later")))
        for each in (cell.traced, cell.reference)
    )
    lesson = replace(cast(NetLesson, configured(cell)), tolerances=deviations.tolerances(cell))
    found = departure.find(lesson, mine, theirs)
    return found if found and (found.stage == "parameter" or cell.traced != cell.reference) else None
