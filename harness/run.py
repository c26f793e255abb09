"""One run: what is planned is launched, what comes back is verified, and every cell becomes a row."""

from __future__ import annotations

from dataclasses import replace

from harness.folder import RunFolder
from harness.gates.location import locate
from harness.plan import Cell, Options, make_plan
from harness.record import Row
from harness.report import Result, assemble
from harness.setting import Setting
from harness.views.pictures import draw_curves, draw_function_lesson


def run(options: Options, setting: Setting) -> Result:
    """Do a whole run and write its tables.

    Raises:
        UsageError: the options, the folder or the data are not fit for a run; nothing was measured.
        OSError: the folder became unwritable or full; the records that could be kept are in its ``work``.
    """
    cells = make_plan(options)
    with setting.begun(options, cells) as begun:
        launcher = begun.launcher
        places = [begun.folder.work / str(process) for process in range(2, (options.processes or 1) + 1)]
        later = [replace(launcher, folder=RunFolder(place)) for place in places]

        def judge() -> dict[Cell, str]:
            """The nets whose structure is not the lesson's; what is known by then is written."""
            result = assemble(begun.folder, cells, launcher.endings)
            result.write_structure()
            return result.broken

        whole = True
        try:
            launcher.launch(cells, judge)
            trained = [cell for cell in cells if begun.folder.read(cell, "train").get("status") == "ok"]
            for again in later:
                setting.progress.more(len(trained))
                again.time(trained)
        except KeyboardInterrupt:
            whole = False
        turns = [(again.folder, again.endings) for again in later]
        result = assemble(begun.folder, cells, launcher.endings, turns)
        if whole:
            locate(result, launcher)
        result.write()
        draw(result)
        begun.finish(result.counts(), result.versions, whole=whole)
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
