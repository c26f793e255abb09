"""Every net's ONNX file, from every framework, in every runtime: ``lessonbench onnx matrix``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import cast

from harness.catalogue import UsageError, absence, choose
from harness.child import Child
from harness.csv_tables import write_table
from harness.jobs import WORKER, Launcher, able, is_net, provenance
from harness.plan import Cell, Options, configured, make_plan
from harness.record import Row
from harness.report import outcome
from harness.runtime import absent, environment_of, runtimes
from harness.setting import Setting
from harness.speed.throughput_rows import figures, verdict
from impls.spec import NetLesson

SOURCE, RUNNER = "harness.children.source_worker", "harness.children.runtime_worker"
BATCHES = (1, 64, 1024)
REFUSED = "RefusedError: "  # begins the reason of a child whose runtime cannot load or run a model


@dataclass(frozen=True)
class Asked(Options):
    """What may be asked of a matrix: ``runtime`` (all if it is empty), and whether they are timed."""

    runtime: tuple[str, ...] = ()
    speed: bool = True


class Runtimes(Launcher):
    """A launcher whose children may be a runtime's instead of a framework's."""

    def alone(self, work: Row, cell: Cell, kind: str, threads: int, module: str = WORKER) -> Child:
        """The child that does a cell's work in a process of its own."""
        if module != RUNNER:
            return super().alone(work, cell, kind, threads, module)
        return Child(f"{cell.name}.{kind}", module, [work], environment_of(work["runtime"], threads), threads)


@dataclass
class Matrix:
    """What has come of it.

    Args:
        asked: for.
        cells: in the plan's order, those that cannot run here among them.
        names: of the runtimes.
        launcher: of its children.
        whole: whether it was not interrupted.
    """

    asked: Asked
    cells: Sequence[Cell]
    names: Sequence[str]
    launcher: Launcher
    whole: bool = True
    rows: list[Row] = field(default_factory=list)  # of onnx.csv
    speed: list[Row] = field(default_factory=list)
    graphs: list[Row] = field(default_factory=list)

    @property
    def here(self) -> list[str]:
        """The runtimes that can run here."""
        return [name for name in self.names if not absent(name)]

    def run(self) -> None:
        """Train and export each net, run it everywhere untimed, and then time it everywhere, one at a time."""
        launcher, cells = self.launcher, able(self.cells)
        children = len(cells) * (2 + len(self.here) + (1 + len(self.here)) * self.asked.speed)
        launcher.progress.planned(children)
        launcher.share("source", {cell: self._source(cell) for cell in cells}, SOURCE)
        launcher.share("onnx", {cell: self._formed(cell) for cell in self._with(cells, "source")}, WORKER)
        exported = self._with(cells, "onnx")
        for name in self.here:
            asked = {cell: self._model(cell) | {"runtime": name} for cell in exported}
            launcher.share(f"compare-{name}", asked, RUNNER)
        if self.asked.speed:
            launcher.in_turn([child for cell in exported for child in self._timed(cell)], 0)

    def write(self) -> None:
        """Put what the children left into rows, and these into the three tables."""
        self.rows = [self._row(cell, name) for cell in self.cells for name in self.names]
        exported = self._with(able(self.cells), "onnx")
        self.graphs = [asdict(cell) | row for cell in exported for row in self._graph(cell)]
        self.speed = [row for cell in exported for row in self._speed(cell)] if self.asked.speed else []
        tables = {"onnx.csv": self.rows, "onnx_graphs.csv": self.graphs, "onnx_speed.csv": self.speed}
        for name, rows in tables.items():
            write_table(self.launcher.folder.path, name, rows)

    def statuses(self) -> Counter[str]:
        """How many rows have each status; ``ok`` for all that passed."""
        found = ["ok" if row["verdict"] == "pass" else row["verdict"] for row in self.rows]
        return Counter([*found, *(row["status"] for row in self.speed if row["status"] not in ("ok", "contended"))])

    @property
    def passed(self) -> bool:
        """Whether every net passes wherever it runs, and was timed there; a runtime may be missing, or refuse a net."""
        verdicts, timed = {row["verdict"] for row in self.rows}, {row["status"] for row in self.speed}
        return self.whole and verdicts <= {"pass", "missing", "refused"} and timed <= {"ok", "contended"}

    def versions(self) -> dict[str, str]:
        """Of all packages that took part."""
        records = [self._read(cell, "source") for cell in self.cells]
        found = {name: version for record in records for name, version in record.get("versions", {}).items()}
        told = {row["version"] for row in self.rows if row.get("version")}
        return found | dict(cast(tuple[str, str], part.split(" ", 1)) for text in told for part in text.split(", "))

    def _with(self, cells: Sequence[Cell], job: str) -> list[Cell]:
        return [cell for cell in cells if self._read(cell, job).get("status") == "ok"]

    def _read(self, cell: Cell, job: str) -> Row:
        return self.launcher.folder.read(cell, job)

    def _model(self, cell: Cell) -> Row:
        folder = self.launcher.folder
        return {"model": str(folder.onnx(cell)), "outputs": str(folder.record(cell, "source").with_suffix(".npz"))}

    def _source(self, cell: Cell) -> Row:
        lesson = cast(NetLesson, configured(cell))
        self.launcher.folder.models.mkdir(exist_ok=True)
        kept = self.launcher.folder.record(cell, "source").with_suffix(".safetensors")
        epochs = lesson.profiles[cell.profile].epochs
        return {"source": None, "epochs": epochs, "target": str(kept), "model": self._model(cell)["model"]}

    def _formed(self, cell: Cell) -> Row:
        return self._model(cell) | {"about": provenance(cell, self._read(cell, "source"))}

    def _timed(self, cell: Cell) -> Iterator[Child]:
        """A child of the framework itself, and one of each runtime."""
        launcher = self.launcher
        work = launcher.work(cell, ("clock",)) | self._source(cell) | {"batches": BATCHES}
        yield launcher.alone(work, cell, "clock", cell.threads, SOURCE)
        for name in self.here:
            if self._read(cell, f"compare-{name}").get("status") == "ok":
                work = launcher.work(cell, (f"clock-{name}",)) | self._model(cell)
                work |= {"runtime": name, "batches": BATCHES}
                yield launcher.alone(work, cell, f"clock-{name}", cell.threads, RUNNER)

    def _row(self, cell: Cell, name: str) -> Row:
        row = asdict(cell) | {"exporter": cell.framework, "runtime": name}
        if why := absence(cell.lesson, cell.framework, cell.mode) or absent(name):
            return row | {"verdict": "missing", "reason": why}
        for job in ("source", "onnx"):
            status, reason = self._outcome(cell, job)
            if status != "ok":
                return row | {"verdict": "unchecked", "reason": f"{job} {status}: {reason}"}
        status, reason = self._outcome(cell, f"compare-{name}")
        formed = {key: self._read(cell, "onnx")[key] for key in ("opset", "file_bytes")}
        row |= {"value": self._read(cell, "source")["value"]} | formed | self._read(cell, f"compare-{name}")
        return row if status == "ok" else row | judged(status, reason)

    def _outcome(self, cell: Cell, job: str) -> tuple[str, str]:
        return outcome(self.launcher.folder, cell, job, self.launcher.endings.get(f"{cell.name}.{job}"))

    def _graph(self, cell: Cell) -> Iterator[Row]:
        record = self._read(cell, "onnx")
        facts = {name: record[name] for name in ("opset", "file_bytes", "initializers")}
        for name, count in sorted(record["operators"].items()):
            yield {"exporter": cell.framework} | facts | {"operator": name, "count": count}

    def _speed(self, cell: Cell) -> Iterator[Row]:
        """A row for each batch, of the framework itself and of each runtime that runs the model."""
        own: dict[int, float] = {}
        jobs = {cell.framework: "clock"} | {name: f"clock-{name}" for name in self.here}
        for name, job in jobs.items():
            if name in self.here and self._read(cell, f"compare-{name}").get("status") != "ok":
                continue
            status, reason = self._outcome(cell, job)
            record: Row = self._read(cell, job) | {"status": status, "reason": reason}
            names = asdict(cell) | {"exporter": cell.framework, "runtime": name}
            names |= {key: record.get(key) for key in ("version", "load_s")}
            names["file_bytes"] = None if job == "clock" else self._read(cell, "onnx")["file_bytes"]
            elsewhere = name in self.here and bool(runtimes()[name].node_packages)
            for batch in BATCHES:
                timings = [timing for timing in record.get("timings", ()) if timing["batch"] == batch]
                row = names | {"batch": batch, "processes": len(timings)}
                if timings:
                    row |= (
                        figures(list(map(_unwatched, timings))) | {"dropped": None} if elsewhere else figures(timings)
                    )
                    if job == "clock":
                        own[batch] = row["examples_per_s"]
                    row["ratio"] = row["examples_per_s"] / own[batch] if batch in own else None
                yield row | verdict(row, [] if timings else [record])


def matrix(asked: Asked, setting: Setting) -> Matrix:
    """Run every net's file in every runtime; writes ``onnx.csv``, ``onnx_graphs.csv`` and ``onnx_speed.csv``.

    Raises:
        UsageError: a name is unknown, or no net is left that can run here, or no runtime.
    """
    names = choose("runtime", asked.runtime, runtimes())
    cells = [cell for cell in make_plan(asked) if is_net(cell) and not cell.native]
    if not able(cells):
        raise UsageError("no net is left that can run here; loosen the filters.")
    if all(absent(name) for name in names):
        raise UsageError(f"no runtime is left that can run here: {names[0]} is {absent(names[0])}.")
    with setting.begun(asked, cells) as begun:
        base = begun.launcher
        launcher = Runtimes(base.folder, base.limits, base.located, base.progress, base.samples)
        found = Matrix(asked, cells, names, launcher)
        try:
            found.run()
        except KeyboardInterrupt:
            found.whole = False
        found.write()
        begun.finish(dict(found.statuses()), found.versions(), whole=found.whole)
    return found


def _unwatched(timing: Row) -> Row:
    """A timing of another process's work, of which nobody knows whether it had its cores: every sample is taken."""
    latency = timing["latency"]
    silent = {"latency": latency | {"waited_s": [0.0] * len(latency["call_s"])}}
    return timing | silent | {"waited_s": [0.0] * len(timing["wall_s"])}


def judged(status: str, reason: str) -> Row:
    """Verdict and reason of a runtime's child that did not end well: ``refused`` if the runtime itself said no."""
    refused = reason.startswith(REFUSED)
    return {"verdict": "refused" if refused else status, "reason": reason.removeprefix(REFUSED)}


def differing(rows: Sequence[Row]) -> Iterator[str]:
    """A sentence for each file that passes though some predictions differ: how near they were to a tie."""
    for row in rows:
        if row["verdict"] == "pass" and row["disagree"] and "least_margin" in row:
            margins = " to ".join(f"{float(row[name]):.1e}" for name in ("least_margin", "greatest_margin"))
            number = f"{row['disagree']} prediction{'s differ' if row['disagree'] > 1 else ' differs'}"
            yield f"{row['lesson']} from {row['exporter']} in {row['runtime']}: {number}, margins {margins}"


def summary(rows: Sequence[Row]) -> str:
    """One sentence."""
    verdicts: Mapping[str, int] = Counter(str(row["verdict"]) for row in rows)
    worst = max((float(row["max_rel"]) for row in rows if row["verdict"] == "pass"), default=0.0)
    others = "".join(f", {number} {name}" for name, number in verdicts.items() if name != "pass")
    return f"{verdicts.get('pass', 0)} of {len(rows)} pass, {worst:.1e} of the largest output at worst{others}."
