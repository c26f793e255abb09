"""Nets measured closely: over batch sizes, call by call, and beside the machine's peak: ``lessonbench throughput``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp

from harness.catalogue import UsageError, frameworks, load_lesson
from harness.child import Child
from harness.csv_tables import write_table
from harness.folder import RunFolder
from harness.jobs import Launcher, able, is_net
from harness.plan import Cell, Options, make_plan
from harness.record import Row
from harness.report import outcome
from harness.setting import Setting
from harness.speed.roofline import JOB as PEAK_JOB
from harness.speed.roofline import peak_cells, peak_child, peak_rows, roof
from harness.speed.throughput_rows import cell_rows, gravest, repay, sample_rows, scaling_rows
from impls.spec import NetLesson

JOB, MODULE = "throughput", "harness.children.throughput_worker"
BATCHES = (1, 64, 1024, 4096)
FACTORS = (0.25, 0.5, 2)  # of the sizes that a lesson's net has
PROCESSES = {"quick": 1, "full": 5}
ENDS = ("ok", "interrupted")  # of a process that did not fail


@dataclass(frozen=True)
class Sweep(Options):
    """What may be asked of a measurement of throughput.

    ``batch`` has the sizes beside each lesson's own (``BATCHES`` if it is empty), and ``processes`` goes by the profile
    if it is None.
    """

    batch: tuple[int, ...] = ()

    def batches(self, lesson: str) -> list[int]:
        """The batch sizes of a net's lesson: its own first, then the others in rising order."""
        net = load_lesson(lesson)
        assert isinstance(net, NetLesson)
        return [net.batch, *sorted({*(self.batch or BATCHES)} - {net.batch})]

    def sizes(self, lesson: str) -> list[tuple[str, int]]:
        """The other sizes of a net that are measured, each with the axis that it is along."""
        net = load_lesson(lesson)
        assert isinstance(net, NetLesson)
        return [(name, round(axis.size * factor)) for name, axis in net.axes.items() for factor in FACTORS]


@dataclass
class Measured:
    """What has come of a measurement so far.

    Args:
        sweep: what was asked for.
        cells: what is measured, in the plan's order.
        rounds: what ran the first process of each cell, the second, and so on.
        whole: whether it was not interrupted.
    """

    sweep: Sweep
    cells: Sequence[Cell]
    rounds: list[Launcher] = field(default_factory=list)
    whole: bool = True

    def __post_init__(self) -> None:
        self.peaks = peak_cells(self.cells)
        self.rows: dict[Cell, list[Row]] = {}  # of throughput.csv
        self.failures: list[str] = []  # a sentence for each cell or peak that was not measured as it should be

    def children(self, launcher: Launcher) -> list[Child]:
        """A process of each cell, and one of each peak."""
        made = []
        for cell in self.cells:
            asked = {"batches": self.sweep.batches(cell.lesson), "sizes": self.sweep.sizes(cell.lesson)}
            asked["samples"] = self.sweep.samples
            child = launcher.alone(launcher.work(cell, (JOB,)) | asked, cell, JOB, cell.threads, MODULE)
            made.append(replace(child, environment={**child.environment, **cold(cell, launcher.folder)}))
        return made + [peak_child(cell, launcher, self.sweep.samples) for cell in self.peaks]

    def write(self, folder: Path) -> None:
        """Put what the processes left into rows, and these into the four tables."""
        peaks = [row for cell in self.peaks for row in peak_rows(cell, self._records(cell, PEAK_JOB))]
        samples: list[Row] = []
        for cell in self.cells:
            records, batches = self._records(cell, JOB), self.sweep.batches(cell.lesson)
            sizes = self.sweep.sizes(cell.lesson)
            self.rows[cell] = list(cell_rows(cell, batches, records, roof(cell, peaks), sizes))
            samples += sample_rows(cell, records)
        rows = self.table
        repay(rows)
        write_table(folder, "throughput.csv", rows)
        write_table(folder, "throughput_samples.csv", samples)
        write_table(folder, "scaling.csv", scaling_rows(rows))
        write_table(folder, "peak.csv", peaks)
        self.failures = list(self._failures())

    @property
    def table(self) -> list[Row]:
        """The rows of ``throughput.csv``, in the order of the plan."""
        return [row for mine in self.rows.values() for row in mine]

    def statuses(self) -> Counter[str]:
        """How many cells, peaks among them, have each status; all are interrupted if the measurement was."""
        if not self.whole:
            return Counter({"interrupted": len(self.cells)})
        peaks = [self._records(cell, PEAK_JOB) for cell in self.peaks]
        return Counter(gravest(rows) for rows in [*self.rows.values(), *peaks])

    def versions(self) -> dict[str, str]:
        """Of all packages that took part."""
        records = [record for cell in self.cells for record in self._records(cell, JOB)]
        return {name: version for record in records for name, version in record.get("versions", {}).items()}

    def _records(self, cell: Cell, job: str) -> list[Row]:
        """What each process of a cell left, with the status and the reason that it ended with."""
        found = []
        for launcher in self.rounds:
            status, reason = outcome(launcher.folder, cell, job, launcher.endings.get(f"{cell.name}.{job}"))
            found.append(launcher.folder.read(cell, job) | {"status": status, "reason": reason})
        return found

    def _failures(self) -> Iterator[str]:
        for cell, job in [*((cell, JOB) for cell in self.cells), *((cell, PEAK_JOB) for cell in self.peaks)]:
            ends = [(record["status"], record["reason"]) for record in self._records(cell, job)]
            yield from (f"{cell.name} {status}: {reason}" for status, reason in ends if status not in ENDS)


def cold(cell: Cell, folder: RunFolder) -> dict[str, str]:
    """What a process needs for its first calls to be the first ever: a framework may keep on disk what it compiles."""
    variables = frameworks()[cell.framework].cold.items()
    folder.work.mkdir(parents=True, exist_ok=True)
    return {key: value.format(empty=mkdtemp(prefix=f"{cell.name}.", dir=folder.work)) for key, value in variables}


def throughput(sweep: Sweep, setting: Setting) -> Measured:
    """Measure nets in several fresh processes each, and the machine's peak beside them.

    One process runs at a time, with nothing beside it. All cells have their first before any has its second, in
    shuffled order. After each such round ``throughput.csv``, ``throughput_samples.csv``, ``scaling.csv`` and
    ``peak.csv`` are written.

    Args:
        sweep: which cells, batches and processes.
        setting: where, and with what.

    Raises:
        UsageError: a number is out of range, or no net is left by the filters that can run here.
    """
    processes = PROCESSES.get(sweep.profile, 1) if sweep.processes is None else sweep.processes
    if min((processes, *sweep.batch)) < 1:
        raise UsageError("--batch and --processes are whole numbers from 1 up.")
    cells = [cell for cell in able(make_plan(sweep)) if is_net(cell)]
    if not cells:
        raise UsageError("no net is left that can run here; loosen the filters.")
    measured = Measured(sweep, cells)
    with setting.begun(sweep, cells) as begun:
        setting.progress.planned(processes * (len(cells) + len(measured.peaks)))
        try:
            for process in range(1, processes + 1):
                launcher = replace(begun.launcher, folder=RunFolder(begun.folder.work / str(process)))
                measured.rounds.append(launcher)
                launcher.in_turn(measured.children(launcher), process)
                measured.write(setting.path)
        except KeyboardInterrupt:
            measured.whole = False
            measured.write(setting.path)
        begun.finish(dict(measured.statuses()), measured.versions(), whole=measured.whole)
    return measured
