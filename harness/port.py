"""A port put to the test: its gates, untimed, and where it first parts. ``lessonbench verify`` and ``new``."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness import model_file, verify
from harness.catalogue import OWN, UsageError, absence, choose, frameworks, lessons
from harness.child import Limits
from harness.csv_tables import write_table
from harness.departure import Departure
from harness.folder import RunFolder, claimed, scratch
from harness.jobs import Launcher, Progress
from harness.model_file import ModelFiles
from harness.plan import Cell, Options, configured, make_plan
from harness.record import Row, Verdict
from harness.report import outcome, parting, traced
from harness.run import locate_data
from harness.verify import Traced
from impls.spec import STEPS, FunctionLesson

if TYPE_CHECKING:
    from rich.console import RenderableType

JOBS = ("trace_float64", "trace_float32")


@dataclass(frozen=True)
class Outcome:
    """What came of one implementation.

    Args:
        cell: lesson, framework and mode.
        gates: the rows of its gates.
        verdict: of all of them.
        reason: for any but ``pass``, a sentence.
        departure: where it first parts from what it is held against, if it does.
        against: what that is.
    """

    cell: Cell
    gates: list[Row]
    verdict: Verdict
    reason: str
    departure: Departure | None
    against: str


def verify_own(
    options: Options, out: Path, limits: Limits, progress: Progress, data_folder: Path | None = None
) -> list[Outcome]:
    """Put a user's own lessons to the test, and write ``equality.csv`` and ``departures.csv``.

    Args:
        options: which lessons, frameworks, modes and seeds.
        out: the folder for the tables; made if it is not there.
        limits: of each child.
        progress: is told of each child.
        data_folder: where the user keeps the official data files.

    Raises:
        UsageError: there is a lesson of which nothing can be held against anything, or a file that nothing can.
    """
    cells = [cell for cell in make_plan(options) if lessons()[cell.lesson].implementation(cell.framework).exists()]
    for name in options.lesson:
        _complete(name, cells)
    located = locate_data(cells, data_folder)
    place = scratch()
    launcher = Launcher(place, limits, located, progress)
    files = ModelFiles(launcher, cells)
    progress.planned(files.children + len(cells))
    files.read()
    with claimed(out):
        files.hold()
        launcher.follow(cells, JOBS)
        judged = {cell: _gates(place, cell) for cell in cells}
        failed = [cell for cell in cells if verify.summary(judged[cell])[0] == "fail" and _beside(cell)]
        launcher.inspect(failed)
        found = [_outcome(launcher, files, cell, judged[cell], located_at=cell in failed) for cell in cells]
        names = {each.cell: asdict(each.cell) for each in found}
        write_table(out, "equality.csv", [names[each.cell] | gate for each in found for gate in each.gates])
        parted = [(each.cell, each.against, each.departure) for each in found if each.departure]
        rows = [names[cell] | {"reference": against} | vars(where) for cell, against, where in parted]
        write_table(out, "departures.csv", rows)
    if not any("its log is in" in each.reason for each in found):
        shutil.rmtree(place.path)
    return found


def own() -> list[str]:
    """The names of the user's own lessons."""
    return [name for name, lesson in lessons().items() if lesson.chapter == OWN]


def _complete(name: str, cells: Sequence[Cell]) -> None:
    """Refuse a lesson that has fewer than two implementations that can run here, or none beside a model's file."""
    mine = {cell.framework: absence(name, cell.framework) for cell in cells if cell.lesson == name}
    able = [framework for framework, reason in mine.items() if not reason]
    if len(able) < (1 if model_file.model_file(name) else 2):
        folder = lessons()[name].folder
        missing = "".join(f"; {framework}: {reason}" for framework, reason in mine.items() if reason)
        raise UsageError(
            f"{folder} has {len(able)} implementation{'' if len(able) == 1 else 's'} that can be run here, and two are "
            f"to be compared, or one and {folder.name}.onnx: files are called {folder.name}_FRAMEWORK.py, for "
            f"{', '.join(frameworks())}{missing}."
        )


def _beside(cell: Cell) -> bool:
    return cell.traced != cell.reference and not isinstance(configured(cell), FunctionLesson)


def _gates(place: RunFolder, cell: Cell) -> list[Row]:
    lesson, against = configured(cell), cell.reference.framework
    mine, theirs = (
        {job.removeprefix("trace_"): traced(place, each, job) for job in JOBS} for each in (cell.traced, cell.reference)
    )
    reference: dict[str, Traced] | None = None if cell.traced == cell.reference else theirs
    if isinstance(lesson, FunctionLesson):
        return verify.check_functions(lesson, lesson.inputs(cell.seed), mine, reference, against)
    return verify.check(lesson, mine, reference, against)


def _outcome(launcher: Launcher, files: ModelFiles, cell: Cell, gates: list[Row], *, located_at: bool) -> Outcome:
    """The file comes first, since it is what the user knows to be right."""
    place, against, held = launcher.folder, cell.reference.framework, files.gates(cell)
    gates = held + gates
    verdict, reason = verify.summary(gates)
    for job in JOBS:
        status, why = outcome(place, cell.traced, job, launcher.endings.get(f"{cell.traced.name}.trace"))
        if status != "ok":
            why = f"{job} {status}: {why}; its log is in {place.work}"
            return Outcome(cell, gates, verdict if verdict == "fail" else "unchecked", why, None, against)
    if verify.summary(held)[0] == "fail":
        return Outcome(cell, gates, verdict, reason, files.parting(cell), model_file.REFERENCE)
    if verdict == "unchecked":
        reason = files.trouble(cell) or reason
    found = parting(place, cell) if located_at else None
    return Outcome(cell, gates, verdict, reason, found, against)


def report(found: Sequence[Outcome]) -> list[RenderableType]:
    """One screen: a line for each implementation, and for each that is not equal what is wrong."""
    from rich.table import Table

    table = Table("lesson", "framework", "mode", "gates", f"loss gap, {STEPS} steps", "float32 until", "verdict")
    for each in found:
        passed = sum(row["verdict"] == "pass" for row in each.gates)
        asked = sum(row["verdict"] != "reported" for row in each.gates)
        is_reference = each.cell.traced == each.cell.reference
        table.add_row(
            each.cell.lesson,
            each.cell.framework,
            each.cell.mode,
            f"{passed} of {asked}",
            "reference" if is_reference else _figure(each.gates, f"loss of {STEPS} steps", "float64", ".1e"),
            "" if is_reference else _figure(each.gates, "step of departure", "float32", ".0f", "step "),
            each.verdict,
        )
    parts: list[RenderableType] = [table]
    for each in found:
        if each.verdict != "pass":
            cell = each.cell
            parts.append(f"\n{cell.lesson} {cell.framework} {cell.mode}: {each.reason}.")
            if each.departure:
                parts.append(f"It parts from {each.against} {each.departure.sentence()}.")
                if each.departure.growth:
                    parts.append(f"The losses' gap: {each.departure.growth}.")
    return parts


def _figure(gates: Sequence[Row], quantity: str, dtype: str, form: str, before: str = "") -> str:
    for row in gates:
        if row["quantity"] == quantity and row["trace_dtype"] == dtype and row["gap"] == row["gap"]:
            return "the end" if row["gap"] == float("inf") and before else f"{before}{row['gap']:{form}}"
    return ""


def new_folder(folder: Path, like: str) -> list[Path]:
    """Begin a lesson as a copy of one of the course's, under the folder's name.

    Raises:
        UsageError: the name is no lesson's, the folder is there, or cannot be written.
    """
    name = folder.resolve().name
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(f"{name!r} cannot be a lesson's name: small letters, digits and _ make one, a letter first.")
    if name in lessons():
        raise UsageError(f"lesson {name!r} is there already: give the folder another name.")
    (template,) = choose("lesson", [like], lessons())
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise UsageError(f"{folder} is there already: name a folder that is not.") from error
    except OSError as error:
        raise UsageError(f"cannot make {folder}: {error.strerror}; name another folder.") from error
    lesson = lessons()[template]
    made = []
    for file in sorted(lesson.folder.glob("[!_]*.py")):
        path = folder / file.name.replace(f"{lesson.folder.name}_", f"{name}_", 1)
        shutil.copyfile(file, path)
        made.append(path)
    return made
