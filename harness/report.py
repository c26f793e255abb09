"""From records to tables: a row for every planned cell, whatever became of it, as CSV and on the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from rich.table import Table

from harness import verify
from harness.folder import RunFolder
from harness.launch import Ending
from harness.plan import Cell, absence, configured, lessons
from harness.record import COLUMNS, Row, Status, read_arrays, write_table
from harness.verify import Traced
from impls.spec import NetLesson

TRACED_DTYPES = ("float64", "float32")
FORMATS = {  # heading on the screen: column, factor, format
    "value": ("value", 1, ".4g"),
    "target": ("target", 1, ".4g"),
    "first step s": ("first_step_s", 1, ".2f"),
    "train": ("train_examples_per_s", 1, ",.0f"),
    "train per cpu s": ("train_examples_per_cpu_s", 1, ",.0f"),
    "predict": ("predict_examples_per_s", 1, ",.0f"),
    "peak MB": ("peak_memory_bytes", 1e-6, ",.0f"),
}
COLOURS = {"ok": "green", "pass": "green", "missing": "yellow", "unchecked": "yellow"}


@dataclass
class Result:
    """The rows of a run's four tables, and what else came of it."""

    folder: RunFolder
    equality: list[Row] = field(default_factory=list)
    onnx: list[Row] = field(default_factory=list)
    curves: list[Row] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    rows: dict[Cell, Row] = field(default_factory=dict)
    samples: dict[Cell, list[float]] = field(default_factory=dict)  # seconds for one epoch

    def write(self) -> None:
        """Write the four tables into the run's folder."""
        tables = {"cells": self.cells, "equality": self.equality, "onnx": self.onnx, "curves": self.curves}
        for name, rows in tables.items():
            write_table(self.folder.path, f"{name}.csv", rows)

    @property
    def cells(self) -> list[Row]:
        """The rows of ``cells.csv``, in the order of the plan."""
        return list(self.rows.values())

    def counts(self) -> dict[str, int]:
        """How many cells have each status."""
        return dict(Counter(row["status"] for row in self.cells))

    @property
    def passed(self) -> bool:
        """Whether every cell was measured, reached its target and passed every gate."""
        return set(self.counts()) == {"ok"}


def assemble(folder: RunFolder, cells: Sequence[Cell], endings: Mapping[str, Ending]) -> Result:
    """Turn what the children left behind into rows."""
    result = Result(folder)
    followed = {trace for cell in cells for trace in (cell.traced, cell.reference)}  # each is read once
    traces = {trace: {dtype: _traced(folder, trace, dtype) for dtype in TRACED_DTYPES} for trace in followed}
    for cell in cells:
        _add(result, cell, traces, endings)
    return result


def _add(result: Result, cell: Cell, traces: Mapping[Cell, dict[str, Traced]], endings: Mapping[str, Ending]) -> None:
    lesson = configured(cell)
    assert isinstance(lesson, NetLesson)
    folder, names = result.folder, asdict(cell)
    train, exported = folder.read(cell, "train"), folder.read(cell, "onnx")
    mine, reference = traces[cell.traced], traces[cell.reference]
    gates = verify.check(lesson, mine, None if cell.traced == cell.reference else reference)
    gates += verify.check_export(lesson, exported)
    verdict, where = verify.summary(gates)
    status, reason = _status(folder, cell, endings, verdict, where)
    target = None if cell.learning_rate else lesson.profiles[cell.profile].target
    if status == "ok" and target is not None and not _reached(lesson, value := float(train["value"]), target):
        status, reason = "missed", f"{lesson.metric} {value:.4g} does not reach the target {target:.4g}"
    result.rows[cell] = (
        {column: train.get(column) for column in COLUMNS["cells.csv"]}  # what training does not know follows
        | names
        | {"chapter": lessons()[cell.lesson].chapter, "batch": lesson.batch, "target": target}
        | {"learning_rate": lesson.optimizer.learning_rate, "flop_per_example": lesson.flop_per_example}
        | {"status": status, "reason": reason, "gates": verdict, "metric": lesson.metric}
    )
    result.equality += [names | gate for gate in gates]
    result.onnx.append({"exporter": cell.framework, "runtime": "onnxruntime"} | names | exported)
    steps = [
        {"axis": "step", "position": step, "quantity": f"train_loss_{dtype}", "value": float(loss)}
        for dtype, traced in mine.items()
        for step, loss in enumerate(traced.arrays.get("losses", ()), start=1)
    ]
    result.curves += [names | point for point in (*train.get("curves", ()), *steps)]
    result.versions |= train.get("versions", {})
    if "train_sample_s" in train:
        epoch = train["train_examples"] // lesson.batch * lesson.batch
        result.samples[cell] = [s * epoch / train["train_sample_examples"] for s in train["train_sample_s"]]


def _traced(folder: RunFolder, cell: Cell, dtype: str) -> Traced:
    record = folder.record(cell, f"trace_{dtype}")
    arrays = record.with_suffix(".npz")
    return Traced(folder.read(cell, record.stem), read_arrays(arrays) if arrays.exists() else {})


def _status(
    folder: RunFolder, cell: Cell, endings: Mapping[str, Ending], verdict: str, where: str
) -> tuple[Status, str]:
    """The first of these that went wrong: the framework's presence, training, a gate, what a gate is made from."""
    if absent := absence(cell.lesson, cell.framework):
        return "missing", absent
    status, reason = _outcome(folder, cell, "train", endings.get(f"{cell.name}.train"))
    if status != "ok":
        return status, reason
    if verdict == "fail":
        return "unequal", where
    for job, child in (("trace_float64", "trace"), ("trace_float32", "trace"), ("export", "train"), ("onnx", "onnx")):
        owner = cell.traced if child == "trace" else cell
        status, reason = _outcome(folder, owner, job, endings.get(f"{owner.name}.{child}"))
        if status != "ok":
            return "unchecked", f"{job} {status}: {reason}"
    return ("unchecked", where) if verdict == "unchecked" else ("ok", "")


def _outcome(folder: RunFolder, cell: Cell, job: str, ending: Ending | None) -> tuple[Status, str]:
    """How one job went: by its record if it came to its end, else by how its child ended."""
    record = folder.read(cell, job)
    if record and record["status"] != "partial":
        return record["status"], record["reason"]
    if ending is None:
        return "interrupted", "the run was interrupted before this began"
    if ending.status == "ok":
        return "failed", "the process ended with exit code 0 and left no result"
    return ending.status, ending.reason


def _reached(lesson: NetLesson, value: float, target: float) -> bool:
    return value >= target if lesson.metric == "accuracy" else value <= target


def cells_table(rows: Sequence[Row]) -> Table:
    """The cells of a run for the screen; columns that say the same in every row stand in the caption instead."""
    names, caption = _headings(rows)
    table = Table(caption=caption, caption_justify="left")
    for name in names:
        table.add_column(name, no_wrap=True)
    for name in FORMATS:
        table.add_column(name, justify="right")
    table.add_column("gates", no_wrap=True)
    table.add_column("status", no_wrap=True)
    for row in rows:
        verdicts = [_coloured(row["gates"]), _coloured(row["status"])]
        table.add_row(*(str(row[name]) for name in names), *_figures(row), *verdicts)
    return table


def markdown(rows: Sequence[Row]) -> str:
    """The same table in Markdown."""
    names, caption = _headings(rows)
    heads = [*names, *FORMATS, "gates", "status"]
    align = ["---:" if head in FORMATS else "---" for head in heads]
    body = [[*(str(row[name]) for name in names), *_figures(row), row["gates"], row["status"]] for row in rows]
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, align, *body)]
    return "\n".join([*lines, "", f"*{caption}*"])


def _headings(rows: Sequence[Row]) -> tuple[list[str], str]:
    """The columns that name a cell, and a caption of what is the same in all."""
    varied = {name: len({row[name] for row in rows}) > 1 for name in ("device", "dtype", "threads", "seed")}
    shared = [f"{name} {rows[0][name]}" for name in ("profile", *varied) if not varied.get(name)]
    names = ["lesson", "framework", "mode", *(name for name in varied if varied[name])]
    return names, f"{', '.join(shared)}; rates in examples per second"


def _figures(row: Row) -> list[str]:
    values = [(row[column], scale, form) for column, scale, form in FORMATS.values()]
    return ["" if value is None else format(float(value) * scale, form) for value, scale, form in values]


def _coloured(word: str) -> str:
    return f"[{COLOURS.get(word, 'red')}]{word}[/]"
