"""One run: what is planned is launched, what comes back is verified, and every cell becomes a row."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from harness.folder import RunFolder, begin, claimed, finish
from harness.launch import Child, Ending, Limits, run_children
from harness.plan import Cell, Options, UsageError, absence, configured, cores, frameworks, load_lesson, make_plan
from harness.report import Result, assemble
from impls import files
from impls.data import DataError
from impls.spec import NetLesson

TRAIN_JOBS = ("train", "export")
TRACE_JOBS = ("trace_float64", "trace_float32")
BUDGET_S = {"quick": 2.0, "full": 10.0}  # for timing samples beyond those of training itself


class Progress(Protocol):
    """Told how a run gets on; called from several threads."""

    def planned(self, children: int) -> None:
        """So many children will be run."""

    def started(self, child: Child) -> None:
        """A child has started."""

    def ended(self, child: Child, ending: Ending) -> None:
        """A child has ended, or was not started."""


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
    if others := sorted({cell.lesson for cell in cells if not isinstance(load_lesson(cell.lesson), NetLesson)}):
        raise UsageError(f"{others[0]} is a lesson of functions: so far only nets are run; name those with --lesson.")
    located = locate_data(cells, data_folder)
    with claimed(path) as folder:
        about = begin(folder, options, cells, located, limits, resume=resume, overwrite=overwrite)
        launcher = Launcher(folder, limits, located, progress)
        whole = True
        try:
            launcher.launch(cells)
        except KeyboardInterrupt:
            whole = False
        result = assemble(folder, cells, launcher.endings)
        result.write()
        finish(folder, about, result.counts(), result.versions, whole=whole)
    return result


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


@dataclass
class Launcher:
    """Runs the children of a run: what is timed one at a time, the rest side by side."""

    folder: RunFolder
    limits: Limits
    located: dict[str, files.Located]
    progress: Progress

    def __post_init__(self) -> None:
        self.endings: dict[str, Ending] = {}
        self.stop = threading.Event()

    def launch(self, cells: Sequence[Cell]) -> None:
        """Run what the cells need and what is not there from an earlier attempt.

        Raises:
            KeyboardInterrupt: passed on, after every running child has been ended.
        """
        able = [cell for cell in cells if not absence(cell.lesson, cell.framework)]
        timed = [self.worker(cell, "train", TRAIN_JOBS, cell.threads) for cell in able]
        # Shuffled, so that a drift of the machine does not fall on one framework; always the same way.
        random.Random(0).shuffle(timed)
        references = [cell.reference for cell in able if not absence(cell.lesson, cell.reference.framework)]
        followed = dict.fromkeys([*(cell.traced for cell in able), *references])
        untimed = [self.worker(cell, "trace", TRACE_JOBS, 1) for cell in followed]
        self.progress.planned(len(timed) + len(untimed) + len(able))

        usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(cores()))
        self._run(timed, [usable])
        exported = [cell for cell in able if self.folder.read(cell, "export").get("status") == "ok"]
        untimed += [self.onnx(cell) for cell in exported]
        self._run(untimed, [[core] for core in usable])

    def _run(self, children: list[Child], slots: list[list[int]]) -> None:
        run_children(
            [child for child in children if not self._done(child)],
            self.folder.work,
            self.limits,
            slots=slots,
            stop=self.stop,
            started=self.progress.started,
            ended=self._ended,
        )

    def _ended(self, child: Child, ending: Ending) -> None:
        self.endings[child.name] = ending
        self.progress.ended(child, ending)

    def _done(self, child: Child) -> bool:
        """Whether an earlier attempt left every record of this child, all well; failures are tried again."""
        cell = Cell(**child.request["cell"])
        done = all(self.folder.read(cell, job).get("status") == "ok" for job in child.request["jobs"])
        if done:
            self.progress.ended(child, Ending("ok", "kept from before"))
        return done

    def worker(self, cell: Cell, name: str, jobs: tuple[str, ...], threads: int) -> Child:
        """The child that does jobs of a cell in the cell's framework."""
        lesson = configured(cell)
        assert isinstance(lesson, NetLesson)
        request = {
            "cell": asdict(cell),
            "jobs": jobs,
            "data": self._data_of(lesson),
            "records": str(self.folder.work / cell.name),
            "onnx": str(self.folder.onnx(cell)),
            "epochs": lesson.profiles[cell.profile].epochs,
            "budget_s": BUDGET_S[cell.profile],
        }
        framework = frameworks()[cell.framework]
        environment = {**framework.environment, **framework.modes[cell.mode]}
        environment = {key: value.format(threads=threads) for key, value in environment.items()}
        return Child(f"{cell.name}.{name}", "harness.worker", request, environment, threads)

    def onnx(self, cell: Cell) -> Child:
        """The child that runs a cell's exported model."""
        lesson = configured(cell)
        assert isinstance(lesson, NetLesson)
        request = {
            "cell": asdict(cell),
            "jobs": ("onnx",),
            "data": self._data_of(lesson),
            "model": str(self.folder.onnx(cell)),
            "outputs": str(self.folder.record(cell, "train").with_suffix(".npz")),
            "records": str(self.folder.work / cell.name),
        }
        return Child(f"{cell.name}.onnx", "harness.onnx_parity", request, {}, 1)

    def _data_of(self, lesson: NetLesson) -> str | None:
        source = lesson.data.source
        return None if source is None else str(self.located[source].folder)
