"""What a run's children are to do: which jobs for which cells, in which order, timed alone or untimed side by side."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from harness.catalogue import absence, frameworks
from harness.child import Child, Ending, Limits
from harness.folder import RunFolder
from harness.launch import run_children, run_in_turn
from harness.plan import DEADLINE_S, MEMORY_GIB, Cell, configured
from harness.processor import openblas_kernels, usable_cores
from harness.record import Row
from harness.report import trace_jobs
from impls import files
from impls.spec import NetLesson

TRAIN_JOBS = ("train",)
EXPORT_JOBS = ("export",)
WORKER = "harness.children.worker"


def usual_limits(profile: str) -> Limits:
    """What a process may use, unless it is told."""
    return Limits(DEADLINE_S.get(profile, DEADLINE_S["full"]), int(MEMORY_GIB * 2**30))


class Progress(Protocol):
    """Told how a run gets on; called from several threads."""

    def planned(self, children: int) -> None:
        """So many children will be run in all; told again where more, or fewer, turn out to be needed."""

    def more(self, children: int) -> None:
        """So many beyond what was planned."""

    def started(self, child: Child) -> None:
        """A child has started."""

    def ended(self, child: Child, ending: Ending) -> None:
        """A child has ended, or was not started, or its part of a shared one has."""

    def left(self, child: Child) -> None:
        """A shared child has ended."""


@dataclass
class Launcher:
    """Runs the children of a run: what is timed one at a time, the rest side by side.

    ``samples`` is how many are taken of what is timed, unless it is for the profile to say.
    """

    folder: RunFolder
    limits: Limits
    located: dict[str, files.Located]
    progress: Progress
    samples: int | None = None

    def __post_init__(self) -> None:
        self.endings: dict[str, Ending] = {}
        self.stop = threading.Event()

    def launch(self, cells: Sequence[Cell], judge: Callable[[], Mapping[Cell, str]]) -> None:
        """Run what the cells need and what is not there from an earlier attempt: follow, judge, time, export.

        Args:
            cells: of the run.
            judge: called once all are followed; returns those that are not worth timing, each with a sentence.

        Raises:
            KeyboardInterrupt: passed on, after every running child has been ended.
        """
        here = able(cells)
        to_export = [cell for cell in here if cell.exported]

        def plan(exported: Sequence[Cell]) -> None:
            self.progress.planned(len(followed(here)) + len(here) + 2 * len(exported))

        plan(to_export)
        self.follow(here)
        refused = judge()
        for cell, where in refused.items():
            self._ended(self._timed(cell), Ending("unequal", where))
        plan([cell for cell in to_export if cell not in refused])
        self.time([cell for cell in here if cell not in refused])
        trained = [cell for cell in to_export if self.folder.read(cell, "train").get("status") == "ok"]
        plan(trained)
        self._together("export", {cell: self.work(cell, EXPORT_JOBS) for cell in trained})
        exported = [cell for cell in trained if self.folder.read(cell, "export").get("status") == "ok"]
        self._together("onnx", {cell: self.onnx(cell) for cell in exported})

    def _timed(self, cell: Cell) -> Child:
        return self.alone(self.work(cell, TRAIN_JOBS) | {"samples": self.samples}, cell, "train", cell.threads)

    def time(self, cells: Sequence[Cell]) -> None:
        """Train and time cells, in a fresh process each, one at a time."""
        children = [self._timed(cell) for cell in cells]
        # Shuffled, so that a drift of the machine does not fall on one framework; always the same way.
        random.Random(0).shuffle(children)
        run_in_turn(
            [child for child in children if not self._done(child)],
            self.folder.work,
            self.limits,
            cpus=usable_cores(),
            stop=self.stop,
            started=self.progress.started,
            ended=self._ended,
        )

    def in_turn(self, children: Sequence[Child], turn: int) -> None:
        """Run children that are timed from their start on, one at a time, in another shuffled order each turn."""
        order = random.Random(turn).sample(list(children), len(children))
        self._run([child for child in order if not self._done(child)], [usable_cores()])

    def follow(self, cells: Sequence[Cell], jobs: Mapping[str, str] | None = None) -> None:
        """Trace cells and what they are held against; by these jobs, if not by those that a run needs."""
        asked = tuple((jobs or {}).values())
        self._together("trace", {cell: self.work(cell, asked or trace_jobs(cell)) for cell in followed(cells)})

    def share(self, job: str, requests: Mapping[Cell, Row], module: str) -> None:
        """Have another module's children do one job for each of these cells, untimed."""
        works = {cell: self.work(cell, (job,)) | request for cell, request in requests.items()}
        self._together(job, works, module)

    def _together(self, kind: str, works: Mapping[Cell, Row], module: str = WORKER) -> None:
        """Untimed work of one framework shares a process, to import it once; what a death leaves undone goes alone."""
        usable = usable_cores()
        single = {cell: self.alone(work, cell, kind, 1, module) for cell, work in works.items()}
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
                self._ended(mine, Ending(next((s for s in self._statuses(mine) if s != "ok"), "ok")))
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

    def alone(self, work: Row, cell: Cell, kind: str, threads: int, module: str = WORKER) -> Child:
        """The child that does a cell's work in a process of its own."""
        if kind == "onnx":
            return Child(f"{cell.name}.onnx", "harness.children.onnx_parity", [work], {}, 1)
        framework = frameworks()[cell.framework]
        environment = {**framework.environment, **framework.modes[cell.mode]}
        values = {"threads": threads, "openblas_kernels": openblas_kernels()}
        environment = {key: value.format_map(values) for key, value in environment.items()}
        environment = {key: value for key, value in environment.items() if value}
        imports = (f"impls.learners.{cell.framework}_learner",) if module == WORKER else ()
        return Child(f"{cell.name}.{kind}", module, [work], environment, threads, imports)

    def work(self, cell: Cell, jobs: tuple[str, ...]) -> Row:
        """What a worker is to do for a cell."""
        return {**self._basics(cell), "jobs": jobs, "onnx": str(self.folder.onnx(cell))}

    def onnx(self, cell: Cell) -> Row:
        """What is to be done with a cell's exported model."""
        outputs = self.folder.record(cell, "export").with_suffix(".npz")
        about = provenance(cell, self.folder.read(cell, "train") | self.folder.read(cell, "export"))
        places = {"model": str(self.folder.onnx(cell)), "outputs": str(outputs)}
        return {**self._basics(cell), "jobs": ["onnx"], **places, "about": about}

    def _basics(self, cell: Cell) -> Row:
        lesson = configured(cell)
        source = lesson.data.source if isinstance(lesson, NetLesson) else None
        data = None if source is None else str(self.located[source].folder)
        return {"cell": asdict(cell), "data": data, "records": str(self.folder.work / cell.name)}


def provenance(cell: Cell, record: Row) -> dict[str, str]:
    """What an exported model says of itself, as text.

    Args:
        cell: that was trained.
        record: with ``epochs``, ``versions`` of the packages, and ``weights_sha256`` (see ``record.digest``).
    """
    names = {name: str(getattr(cell, name)) for name in ("lesson", "framework", "mode", "profile", "seed")}
    figures = {name: str(record[name]) for name in ("epochs", "weights_sha256")}
    return names | figures | {"versions": json.dumps(record["versions"])}


def is_net(cell: Cell) -> bool:
    """Whether a cell's lesson is a net, which is also exported."""
    return isinstance(configured(cell), NetLesson)


def able(cells: Sequence[Cell]) -> list[Cell]:
    """Those that can run here."""
    return [cell for cell in cells if not absence(cell.lesson, cell.framework, cell.mode)]


def followed(cells: Sequence[Cell]) -> list[Cell]:
    """The cells whose first steps tell of these, their references among them, each once."""
    followed = [trace for cell in cells if not cell.native for trace in (cell.traced, cell.reference)]
    return able(list(dict.fromkeys(followed)))
