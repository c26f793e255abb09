"""One run: what is planned is launched, what comes back is verified, and every cell becomes a row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.catalogue import UsageError
from harness.child import Limits
from harness.folder import begin, claimed, finish
from harness.jobs import Launcher, Progress
from harness.pictures import draw_curves, draw_function_lesson
from harness.plan import Cell, Options, configured, make_plan
from harness.record import Row
from harness.report import Result, assemble, locate
from impls import files
from impls.data import DataError
from impls.spec import NetLesson


def run(
    options: Options,
    path: Path,
    limits: Limits,
    progress: Progress,
    *,
    data_folder: Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> Result:
    """Do a whole run and write its tables.

    Args:
        options: what is to be run.
        path: the folder for the tables; made if it is not there.
        limits: of each child.
        progress: is told of each child.
        data_folder: where the user keeps the official data files.
        resume: go on with an unfinished run of the same plan in this folder.
        overwrite: replace a run in this folder.

    Raises:
        UsageError: the options, the folder or the data are not fit for a run; nothing was measured.
        OSError: the folder became unwritable or full; the records that could be kept are in its ``work``.
    """
    cells = make_plan(options)
    located = locate_data(cells, data_folder)
    with claimed(path) as folder:
        about = begin(folder, options, cells, located, limits, resume=resume, overwrite=overwrite)
        launcher = Launcher(folder, limits, located, progress, options.samples)

        def judge() -> dict[Cell, str]:
            """The nets whose structure is not the lesson's; what is known by then is written."""
            result = assemble(folder, cells, launcher.endings)
            result.write_structure()
            return result.broken

        whole = True
        try:
            launcher.launch(cells, judge)
        except KeyboardInterrupt:
            whole = False
        result = assemble(folder, cells, launcher.endings)
        if whole and (parted := result.parted()):
            launcher.inspect(parted)
            locate(result, parted)
        result.write()
        draw(result)
        finish(folder, about, result.counts(), result.versions, whole=whole)
    return result


def draw(result: Result) -> None:
    """A picture for each lesson: what its functions gave, or how its nets learnt."""
    for name, (lesson, inputs, results) in result.functions.items():
        if results:
            draw_function_lesson(lesson, results, inputs, result.folder.picture(name))
    learnt: dict[str, list[Row]] = {}
    for row in result.curves:
        if row["axis"] in ("epoch", "layer") and row["lesson"] not in result.functions:
            learnt.setdefault(row["lesson"], []).append(row)
    for name, rows in learnt.items():
        if any(row["axis"] == "epoch" for row in rows):  # else no training of it came to anything
            draw_curves(rows, result.folder.picture(name))


def locate_data(cells: Sequence[Cell], folder: Path | None) -> dict[str, files.Located]:
    """Find and verify the files that the cells need, before any child starts.

    Raises:
        UsageError: files are missing or damaged.
    """
    lessons = [configured(cell) for cell in cells]
    sources = {lesson.data.source for lesson in lessons if isinstance(lesson, NetLesson)}
    try:
        return {source: files.locate(source, cells[0].profile, folder) for source in sorted(s for s in sources if s)}
    except DataError as error:
        raise UsageError(str(error)) from error
