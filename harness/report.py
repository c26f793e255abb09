"""From records to tables: a row for every planned cell, whatever became of it, as CSV."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from harness.catalogue import absence, lessons
from harness.child import Ending
from harness.columns import COLUMNS
from harness.csv_tables import write_table
from harness.folder import RunFolder
from harness.gates import deviations, verify
from harness.gates.verify import Traced
from harness.gates.verify_functions import check_functions
from harness.operations import timing_rows
from harness.plan import Cell, configured
from harness.record import Row, Status, read_arrays
from harness.speed.samples import pooled_figures, sample_rows
from harness.views.curves import gradients, lines, steps
from impls.spec import FunctionLesson, NetLesson, Weights, array_dtype

EXPORT_JOBS = ("export", "onnx")
Turn = tuple[RunFolder, Mapping[str, Ending]]  # where its processes left their records, and how they ended


@dataclass
class Result:
    """The rows of a run's nine tables, and what else came of it."""

    folder: RunFolder
    equality: list[Row] = field(default_factory=list)
    onnx: list[Row] = field(default_factory=list)
    curves: list[Row] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    functions: dict[str, tuple[FunctionLesson, Weights, Weights]] = field(default_factory=dict)  # inputs, results
    rows: dict[Cell, Row] = field(default_factory=dict)
    departures: list[Row] = field(default_factory=list)
    deviations: list[Row] = field(default_factory=list)
    structure: list[Row] = field(default_factory=list)
    samples: list[Row] = field(default_factory=list)
    operations: list[Row] = field(default_factory=list)
    epoch_s: dict[Cell, list[float]] = field(default_factory=dict)  # of each sample of training
    broken: dict[Cell, str] = field(default_factory=dict)  # the nets that failed G0, each with the gate's sentence

    def write(self) -> None:
        """Write the nine tables into the run's folder."""
        self.write_structure()
        tables = {"cells": self.cells, "departures": self.departures, "deviations": self.deviations}
        tables |= {"onnx": self.onnx, "curves": self.curves, "samples": self.samples, "operations": self.operations}
        for name, rows in tables.items():
            write_table(self.folder.path, f"{name}.csv", rows)

    def write_structure(self) -> None:
        """Write the two tables of them that tell something before anything is timed."""
        for name, rows in {"structure": self.structure, "equality": self.equality}.items():
            write_table(self.folder.path, f"{name}.csv", rows)

    @property
    def cells(self) -> list[Row]:
        """The rows of ``cells.csv``, in the order of the plan."""
        return list(self.rows.values())

    def counts(self) -> dict[str, int]:
        """How many cells have each status."""
        return dict(Counter(row["status"] for row in self.cells))

    def parted(self) -> list[Cell]:
        """The nets that failed a gate."""
        failed = [cell for cell, row in self.rows.items() if row["gates"] == "fail" and not cell.native]
        return [cell for cell in failed if isinstance(configured(cell), NetLesson)]

    @property
    def passed(self) -> bool:
        """Whether every cell was measured, reached its target and passed every gate, and what is to deviate does."""
        return set(self.counts()) == {"ok"} and not deviations.any_gone(self.deviations)


def assemble(
    folder: RunFolder, cells: Sequence[Cell], endings: Mapping[str, Ending], later: Sequence[Turn] = ()
) -> Result:
    """Turn what the children left behind into rows; in ``later`` turns the cells were timed again."""
    result = Result(folder)
    followed = {trace for cell in cells for trace in (cell.traced, cell.reference)}  # each is read once
    traces = {trace: {dtype_of(job): traced(folder, trace, job) for job in trace_jobs(trace)} for trace in followed}
    for cell in cells:
        _add(result, cell, traces, endings)
        if later and result.rows[cell]["status"] in ("ok", "missed"):
            _time_again(result, cell, later)
    return result


def held_against(cell: Cell) -> str:
    """What a cell is held against; the reference itself, the lesson."""
    return "lesson" if cell.traced == cell.reference else cell.reference.framework


def _add(result: Result, cell: Cell, traces: Mapping[Cell, dict[str, Traced]], endings: Mapping[str, Ending]) -> None:
    lesson, names, train = configured(cell), asdict(cell), result.folder.read(cell, "train")
    mine, theirs = dict(traces[cell.traced]), dict(traces[cell.reference])
    if cell.dtype != "float64" and cell.dtype not in mine:  # it was trained in it, from the same weights
        mine[cell.dtype] = traced(result.folder, cell, "train")
        theirs[cell.dtype] = theirs[array_dtype(cell.dtype)]
    gates = [] if cell.native else compared(cell, mine, theirs)
    if isinstance(lesson, NetLesson):
        exported = result.folder.read(cell, "onnx")
        if where := verify.broken_structure(gates):
            result.broken[cell] = where
        if cell.exported:
            gates += verify.check_export(lesson, exported)
            own = {"exporter": cell.framework, "runtime": "onnxruntime", "value": train.get("value")}
            result.onnx.append(names | own | exported)
        target = None if cell.learning_rate or cell.native else lesson.profiles[cell.profile].target
        facts: Row = {"metric": lesson.metric, "batch": lesson.batch, "flop_per_example": lesson.flop_per_example}
        facts |= {"learning_rate": lesson.optimizer.learning_rate}
        followed = mine.get("float64", Traced(train.get("structure", {}), {}))
        result.structure += [names | row for row in _structure(followed)]
        curves = [*train.get("curves", ()), *steps(mine), *gradients(lesson, followed)]
    else:
        inputs, found = lesson.inputs(cell.seed), mine["float64"].arrays
        target, facts = lesson.target, {"metric": "largest_error"}
        curves = list(lines(lesson, inputs, found)) if found else []
        result.functions.setdefault(cell.lesson, (lesson, inputs, found))
    gates, known = deviations.judged(cell, gates)
    result.deviations += known
    verdict, where = verify.summary(gates)
    status, reason = _status(result.folder, cell, endings, verdict, where)
    if status == "ok" and target is not None and not _reached(facts["metric"], value := float(train["value"]), target):
        status, reason = "missed", f"{facts['metric']} {value:.4g} does not reach the target {target:.4g}"
    result.rows[cell] = (
        {column: train.get(column) for column in COLUMNS["cells.csv"]}  # what training does not know follows
        | names
        | {"chapter": lessons()[cell.lesson].chapter, "target": target, "gates": verdict}
        | {"status": status, "reason": reason, **facts}
    )
    result.equality += [names | gate for gate in gates]
    result.curves += [names | point for point in curves]
    result.versions |= train.get("versions", {})
    result.samples += [names | row for row in sample_rows(train)]
    result.operations += [names | row for row in timing_rows(train, gates)]
    if "train_sample_wall_s" in train:
        batch = lesson.batch if isinstance(lesson, NetLesson) else train["train_examples"]
        epoch = train["train_examples"] // batch * batch
        result.epoch_s[cell] = [s * epoch / train["train_sample_examples"] for s in train["train_sample_wall_s"]]


def _time_again(result: Result, cell: Cell, later: Sequence[Turn]) -> None:
    """Pool what later processes have timed with what the first did; what became of them counts for the cell."""
    records = [result.folder.read(cell, "train")]
    for process, (folder, endings) in enumerate(later, start=2):
        status, reason = outcome(folder, cell, "train", endings.get(f"{cell.name}.train"))
        if status != "ok":
            result.rows[cell] |= {"status": status, "reason": f"process {process}: {reason}"}
            break
        records.append(folder.read(cell, "train"))
        result.samples += [asdict(cell) | row for row in sample_rows(records[-1], process)]
    result.rows[cell] |= {name: value for name, value in pooled_figures(records).items() if name in result.rows[cell]}


def compared(cell: Cell, mine: dict[str, Traced], theirs: dict[str, Traced]) -> list[Row]:
    """The gates of a cell: what was followed of it, by dtype, against what was of its reference.

    The reference itself is held against the lesson.
    """
    lesson, against = configured(cell), cell.reference.framework
    reference = None if cell.traced == cell.reference else theirs
    if isinstance(lesson, NetLesson):
        return verify.check(lesson, mine, reference, against)
    return check_functions(lesson, lesson.inputs(cell.seed), mine, reference, against)


def _structure(followed: Traced) -> Iterator[Row]:
    """What a net is made of, parameter by parameter, before anything is learnt."""
    figures = followed.figures
    for name, shape in figures.get("parameters", {}).items():
        initial = figures.get("initial", {}).get(name, {})
        yield {
            "parameter": name,
            "shape": "×".join(map(str, shape)),
            "count": math.prod(shape),
            "initial_mean": initial.get("mean"),
            "initial_deviation": initial.get("deviation"),
            "flop_per_example": figures.get("flop_per_example"),
            "order_sha256": figures.get("order_sha256"),
        }


def trace_jobs(cell: Cell) -> tuple[str, ...]:
    """How a cell is followed, untimed; where float32 soon departs its timed training tells as much."""
    if cell.native:
        return ()
    lesson = configured(cell)
    if isinstance(lesson, NetLesson) and not lesson.tolerances.whole_float32 and cell != cell.reference:
        return ("trace_float64",)
    return ("trace_float64", "trace_float32")


def dtype_of(job: str) -> str:
    """The dtype that a cell is followed in."""
    return job.removeprefix("trace_")


def traced(folder: RunFolder, cell: Cell, job: str) -> Traced:
    """What a job left; nothing if it left nothing."""
    arrays = folder.record(cell, job).with_suffix(".npz")
    return Traced(folder.read(cell, job), read_arrays(arrays) if arrays.exists() else {})


def _status(
    folder: RunFolder, cell: Cell, endings: Mapping[str, Ending], verdict: str, where: str
) -> tuple[Status, str]:
    """The first of these that went wrong: the framework's presence, training, a gate, what a gate is made from."""
    if absent := absence(cell.lesson, cell.framework, cell.mode):
        return "missing", absent
    status, reason = outcome(folder, cell, "train", endings.get(f"{cell.name}.train"))
    if status != "ok":
        return status, reason
    if verdict == "fail":
        return "unequal", where
    jobs = [(cell.traced, job, "trace") for job in trace_jobs(cell.traced)]  # each with the child that does it
    jobs += [(cell, job, job) for job in (EXPORT_JOBS if cell.exported else ())]
    for owner, job, child in jobs:
        status, reason = outcome(folder, owner, job, endings.get(f"{owner.name}.{child}"))
        if status != "ok":
            return "unchecked", f"{job} {status}: {reason}"
    return ("unchecked", where) if verdict == "unchecked" else ("ok", "")


def outcome(folder: RunFolder, cell: Cell, job: str, ending: Ending | None) -> tuple[Status, str]:
    """How one job went: by its record if it came to its end, else by how its child ended."""
    record = folder.read(cell, job)
    if record and record["status"] != "partial":
        return record["status"], record["reason"]
    if ending is None:
        return "interrupted", "the run was interrupted before this began"
    if ending.status == "ok":
        return "failed", "the process ended with exit code 0 and left no result"
    return ending.status, ending.reason


def _reached(metric: str, value: float, target: float) -> bool:
    return value >= target if metric.endswith("accuracy") else value <= target
