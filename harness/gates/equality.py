"""Implementations put to the test: their gates, untimed, and where they first part. ``lessonbench verify``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.catalogue import UsageError, absence, frameworks, lessons
from harness.columns import CELL
from harness.csv_tables import read_whole, rows_of, write_table
from harness.folder import RunFolder, claimed
from harness.gates import deviations, model_file, verify
from harness.gates.departure import Departure
from harness.gates.location import located
from harness.gates.model_file import ModelFiles
from harness.jobs import Launcher, is_net
from harness.plan import Cell, Options, make_plan
from harness.record import Row, Verdict
from harness.report import compared, held_against, outcome, traced
from harness.setting import Setting
from harness.views.tables import equality_grid

if TYPE_CHECKING:
    from rich.console import RenderableType

TABLES = ("equality.csv", "departures.csv", "deviations.csv")
JOBS = {"float64": "trace_float64", "float32": "trace_float32"}
WHOLE_EPOCH = JOBS | {"float64": "trace_epoch"}


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
        deviations: what is known to deviate, as rows of ``deviations.csv``.
    """

    cell: Cell
    gates: list[Row]
    verdict: Verdict
    reason: str
    departure: Departure | None
    against: str
    deviations: list[Row]


def verify_lessons(options: Options, setting: Setting, *, whole_epoch: bool = False) -> list[Outcome]:
    """Put lessons to the test, and write ``equality.csv``, ``departures.csv`` and ``deviations.csv``.

    In tables that an earlier test has left, the rows of these implementations are replaced, and the others stay.

    Args:
        options: which lessons, frameworks, modes and seeds.
        setting: where, and with what.
        whole_epoch: follow nets for an epoch in float64, where that is longer than the usual trajectory.

    Raises:
        UsageError: there is a lesson of which nothing can be held against anything, or a file that nothing can, or the
            folder holds what is not to be added to.
    """
    planned = [cell for cell in make_plan(options) if not cell.native]
    if not planned:
        raise UsageError("--mode native has a framework's own defaults and is held against nothing; name another mode.")
    cells = [cell for cell in planned if lessons()[cell.lesson].implementation(cell.framework).exists()]
    for name in dict.fromkeys(cell.lesson for cell in planned):
        _complete(name)
    if not cells:
        lesson, asked = lessons()[planned[0].lesson], ", ".join(dict.fromkeys(cell.framework for cell in planned))
        there = ", ".join(framework for framework in frameworks() if lesson.implementation(framework).exists())
        raise UsageError(f"{lesson.folder} has no implementation in {asked}; name one that there is: {there}.")
    jobs = WHOLE_EPOCH if whole_epoch else JOBS
    with setting.aside(cells) as (launcher, leaving):
        files = ModelFiles(launcher, cells)
        setting.progress.planned(files.children + len(cells))
        files.read()
        with claimed(setting.path):
            earlier = _earlier(setting.path, planned)
            files.hold()
            launcher.follow(cells, jobs)
            judged = {cell: deviations.judged(cell, _gates(launcher.folder, cell, jobs)) for cell in cells}
            failed = [cell for cell in cells if verify.summary(judged[cell][0])[0] == "fail" and is_net(cell)]
            parted = located(launcher, failed, jobs["float64"])
            found = [_outcome(launcher, files, cell, *judged[cell], jobs, parted.get(cell)) for cell in cells]
            _write(setting.path, found, earlier)
        if any("its log is in" in each.reason for each in found):
            leaving.pop_all()
    return found


def _earlier(path: Path, planned: Sequence[Cell]) -> dict[str, list[Row]]:
    """By table, the rows that an earlier test has left of other implementations than these.

    Raises:
        UsageError: there are tables that are a run's, or not such as this writes.
    """
    if RunFolder(path).about.exists():
        raise UsageError(f"{path} holds a run, whose equality.csv is its own: name another folder with --out.")
    again = {tuple(str(getattr(cell, name)) for name in CELL) for cell in planned}
    found: dict[str, list[Row]] = {}
    for name in TABLES:
        if (path / name).exists():
            frame = read_whole(path, name)
            found[name] = [row for row in rows_of(frame) if tuple(str(row[column]) for column in CELL) not in again]
    return found


def _write(path: Path, found: Sequence[Outcome], earlier: dict[str, list[Row]]) -> None:
    parted = [(asdict(each.cell), each.against, each.departure) for each in found if each.departure]
    rows = {
        "equality.csv": gates_of(found),
        "departures.csv": [names | {"reference": against} | vars(where) for names, against, where in parted],
        "deviations.csv": [row for each in found for row in each.deviations],
    }
    for name in TABLES:
        write_table(path, name, sorted([*earlier.get(name, ()), *rows[name]], key=_place))


def _place(row: Row) -> tuple[int, ...]:
    """Where a row stands, in the order of a plan; a lesson or a mode that is no more comes first."""
    modes = frameworks()[row["framework"]].modes if row["framework"] in frameworks() else ()
    known = (lessons(), row["lesson"]), (frameworks(), row["framework"]), (modes, row["mode"])
    return tuple(list(names).index(name) if name in names else -1 for names, name in known)


def gates_of(found: Sequence[Outcome]) -> list[Row]:
    """The rows of ``equality.csv``."""
    return [asdict(each.cell) | gate for each in found for gate in each.gates]


def _complete(name: str) -> None:
    """Refuse a lesson that has fewer than two implementations that can run here, or none beside a model's file."""
    reasons = {framework: absence(name, framework) for framework in frameworks()}
    able = [framework for framework, reason in reasons.items() if not reason]
    if len(able) < (1 if model_file.model_file(name) else 2):
        lesson = lessons()[name]
        folder = lesson.folder
        there = [framework for framework in frameworks() if lesson.implementation(framework).exists()]
        missing = "".join(f"; {framework}: {reasons[framework]}" for framework in there if reasons[framework])
        raise UsageError(
            f"{folder} has {len(able)} implementation{'' if len(able) == 1 else 's'} that can be run here, and two are "
            f"to be compared, or one and {folder / folder.name}.onnx: implementations are called "
            f"{folder.name}_FRAMEWORK.py, for {', '.join(frameworks())}{missing}."
        )


def _gates(place: RunFolder, cell: Cell, jobs: dict[str, str]) -> list[Row]:
    mine, theirs = (
        {dtype: traced(place, each, job) for dtype, job in jobs.items()} for each in (cell.traced, cell.reference)
    )
    return compared(cell, mine, theirs)


def _outcome(
    launcher: Launcher,
    files: ModelFiles,
    cell: Cell,
    gates: list[Row],
    known: list[Row],
    jobs: dict[str, str],
    parted: Departure | None,
) -> Outcome:
    """A file comes first, since it is what the user knows to be right."""
    place, against, held = launcher.folder, held_against(cell), files.gates(cell)
    gates = held + gates
    verdict, reason = verify.summary(gates)
    if absent := absence(cell.lesson, cell.framework, cell.mode):
        return Outcome(cell, gates, "unchecked", absent, None, against, known)
    for job in jobs.values():
        status, why = outcome(place, cell.traced, job, launcher.endings.get(f"{cell.traced.name}.trace"))
        if status != "ok":
            why = f"{job} {status}: {why}; its log is in {place.work}"
            return Outcome(cell, gates, verdict if verdict == "fail" else "unchecked", why, None, against, known)
    if verify.summary(held)[0] == "fail":
        return Outcome(cell, gates, verdict, reason, files.parting(cell), model_file.REFERENCE, known)
    if (
        verdict == "unchecked"
        and cell.traced != cell.reference
        and not traced(place, cell.reference, jobs["float64"]).arrays
    ):
        reason = f"{against}, which it is held against, has come to no result"
    if trouble := files.trouble(cell):
        reason = f"{reason}; it was not held against the file: {trouble}" if verdict == "fail" else trouble
    return Outcome(cell, gates, verdict, reason, parted, against, known)


def _held_against(each: Outcome) -> str:
    """In words; parameters are the lesson's, whatever else the net is held against."""
    of_lesson = each.against != model_file.REFERENCE and each.departure and each.departure.stage == "parameter"
    return "the lesson" if of_lesson or each.against == "lesson" else each.against


def report(found: Sequence[Outcome]) -> list[RenderableType]:
    """One screen: a line for each implementation, and for each that is not equal what is wrong."""
    parts: list[RenderableType] = [equality_grid(gates_of(found)).screen()]
    for each in found:
        if each.verdict != "pass":
            cell = each.cell
            name = f"{cell.lesson} {cell.framework} {cell.mode}"
            if each.departure:
                parts.append(f"\n{name}: It parts from {_held_against(each)} {each.departure.sentence()}.")
                if each.departure.growth:
                    parts.append(f"The losses' gap: {each.departure.growth}.")
                parts.append(f"Of the gates the first to fail: {each.reason}.")
            else:
                parts.append(f"\n{name}: {each.reason}.")
    blamed = {each.cell.lesson: _held_against(each) for each in found if each.verdict == "fail"}
    for lesson, against in blamed.items():
        mine = [each.departure for each in found if each.cell.lesson == lesson]
        if against == "the lesson" and len(mine) > 1 and len(set(mine)) == 1:
            place = lessons()[lesson].folder / "lesson.py"
            parts.append(f"\nAll have it so, and only {place} has it otherwise: the fault may as well be there.")
        elif against in frameworks():
            parts.append(f"\n{against} is what the others are held against: the fault may as well be in its file.")
    parts += deviations.sentences(row for each in found for row in each.deviations)
    return parts
