"""One run: what is planned is launched, what comes back is verified, and every cell becomes a row."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from harness.catalogue import UsageError, absence, frameworks
from harness.child import Child, Ending, Limits
from harness.folder import RunFolder, begin, claimed, finish
from harness.launch import run_children, run_in_turn
from harness.pictures import draw_curves, draw_function_lesson
from harness.plan import Cell, Options, configured, make_plan, usable_cores
from harness.record import Row
from harness.report import Result, assemble, trace_jobs
from impls import files
from impls.data import DataError
from impls.spec import NetLesson

TRAIN_JOBS = ("train",)
EXPORT_JOBS = ("export",)


class Progress(Protocol):
    """Told how a run gets on; called from several threads."""

    def planned(self, children: int) -> None:
        """So many children will be run."""

    def started(self, child: Child) -> None:
        """A child has started."""

    def ended(self, child: Child, ending: Ending) -> None:
        """A child has ended, or was not started, or its part of a shared one has."""

    def left(self, child: Child) -> None:
        """A shared child has ended."""


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
        launcher = Launcher(folder, limits, located, progress)
        whole = True
        try:
            launcher.launch(cells)
        except KeyboardInterrupt:
            whole = False
        result = assemble(folder, cells, launcher.endings)
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
        timed = [self.alone(self.work(cell, TRAIN_JOBS), cell, "train", cell.threads) for cell in able]
        # Shuffled, so that a drift of the machine does not fall on one framework; always the same way.
        random.Random(0).shuffle(timed)
        references = [cell.reference for cell in able if not absence(cell.lesson, cell.reference.framework)]
        followed = list(dict.fromkeys([*(cell.traced for cell in able), *references]))
        nets = [cell for cell in able if is_net(cell)]
        self.progress.planned(len(timed) + len(followed) + 2 * len(nets))

        usable = usable_cores()
        run_in_turn(
            [child for child in timed if not self._done(child)],
            self.folder.work,
            self.limits,
            cpus=usable,
            stop=self.stop,
            started=self.progress.started,
            ended=self._ended,
        )
        self._together("trace", {cell: self.work(cell, trace_jobs(cell)) for cell in followed}, usable)
        trained = [cell for cell in nets if self.folder.read(cell, "train").get("status") == "ok"]
        self._together("export", {cell: self.work(cell, EXPORT_JOBS) for cell in trained}, usable)
        exported = [cell for cell in trained if self.folder.read(cell, "export").get("status") == "ok"]
        self._together("onnx", {cell: self.onnx(cell) for cell in exported}, usable)

    def _together(self, kind: str, works: Mapping[Cell, Row], usable: list[int]) -> None:
        """Untimed work of one framework shares a process, to import it once; what a death leaves undone goes alone."""
        single = {cell: self.alone(work, cell, kind, 1) for cell, work in works.items()}
        todo = [cell for cell, child in single.items() if not self._done(child)]
        groups: dict[tuple[str, str], list[Cell]] = {}
        for cell in todo:
            groups.setdefault((cell.framework, cell.mode), []).append(cell)
        shared = []
        for (framework, mode), members in groups.items():
            for part in range(min(len(usable), len(members))):
                some = members[part :: len(usable)]  # neighbours take about as long: they go to different processes
                requests = [works[member] for member in some]
                shared.append(replace(single[some[0]], name=f"{framework}-{mode}-{part}.{kind}", works=requests))
        self._run(shared, [[core] for core in usable], quietly=True)
        self._run([single[cell] for cell in todo if not self._settled(single[cell])], [[core] for core in usable])

    def _run(self, children: Sequence[Child], slots: list[list[int]], *, quietly: bool = False) -> None:
        run_children(
            children,
            self.folder.work,
            self.limits,
            slots=slots,
            stop=self.stop,
            started=self.progress.started,
            ended=self._shared_ended if quietly else self._ended,
        )

    def _ended(self, child: Child, ending: Ending) -> None:
        self.endings[child.name] = ending
        self.progress.ended(child, ending)

    def _shared_ended(self, child: Child, _: Ending) -> None:
        """What a shared process has settled is told for each cell; the rest is told when it has been tried alone."""
        for work in child.works:
            cell = Cell(**work["cell"])
            mine = replace(child, name=f"{cell.name}.{child.name.rsplit('.', 1)[1]}", works=[work])
            if self._settled(mine):
                self._ended(mine, Ending("ok"))
        self.progress.left(child)

    def _settled(self, child: Child) -> bool:
        """Whether every job of a child has come to an end, good or bad."""
        return self._statuses(child).isdisjoint({"partial", None})

    def _done(self, child: Child) -> bool:
        """Whether an earlier attempt left every record of this child, all well; failures are tried again."""
        done = self._statuses(child) == {"ok"}
        if done:
            self._ended(child, Ending("ok", "kept from before"))
        return done

    def _statuses(self, child: Child) -> set[Any]:
        """The statuses of the jobs of a child that has one cell; after a bad one the rest is not begun."""
        found: set[Any] = set()
        for job in child.works[0]["jobs"]:
            status = self.folder.read(Cell(**child.works[0]["cell"]), job).get("status")
            found.add(status)
            if status not in ("ok", "partial", None):
                break
        return found

    def alone(self, work: Row, cell: Cell, kind: str, threads: int) -> Child:
        """The child that does a cell's work in a process of its own."""
        if kind == "onnx":
            return Child(f"{cell.name}.onnx", "harness.onnx_parity", [work], {}, 1)
        framework = frameworks()[cell.framework]
        environment = {**framework.environment, **framework.modes[cell.mode]}
        environment = {key: value.format(threads=threads) for key, value in environment.items()}
        imports = (f"impls.learners.{cell.framework}_learner",)
        return Child(f"{cell.name}.{kind}", "harness.worker", [work], environment, threads, imports)

    def work(self, cell: Cell, jobs: tuple[str, ...]) -> Row:
        """What a worker is to do for a cell."""
        return {**self._basics(cell), "jobs": jobs, "onnx": str(self.folder.onnx(cell))}

    def onnx(self, cell: Cell) -> Row:
        """What is to be done with a cell's exported model."""
        outputs = self.folder.record(cell, "train").with_suffix(".npz")
        return {**self._basics(cell), "jobs": ["onnx"], "model": str(self.folder.onnx(cell)), "outputs": str(outputs)}

    def _basics(self, cell: Cell) -> Row:
        lesson = configured(cell)
        source = lesson.data.source if isinstance(lesson, NetLesson) else None
        data = None if source is None else str(self.located[source].folder)
        return {"cell": asdict(cell), "data": data, "records": str(self.folder.work / cell.name)}


def is_net(cell: Cell) -> bool:
    """Whether a cell's lesson is a net, which is also exported."""
    return isinstance(configured(cell), NetLesson)
