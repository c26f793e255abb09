"""From records to tables: a row for every planned cell, whatever became of it, as CSV and on the screen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from impls.spec import NetLesson
from rich.table import Table

from harness import verify
from harness.folder import RunFolder
from harness.launch import Ending
from harness.plan import Cell, absence, configured, lessons
from harness.record import Row, Status, read_arrays, write_table
from harness.verify import Traced

TRACED_DTYPES = ("float64", "float32")
FIGURES = (
    "train_examples",
    "test_examples",
    "epochs",
    "metric",
    "value",
    "import_s",
    "first_step_s",
    "train_examples_per_s",
    "train_examples_per_cpu_s",
    "train_samples",
    "train_variation",
    "predict_examples_per_s",
    "peak_memory_bytes",
)
COLOURS = {"ok": "green", "pass": "green", "missing": "yellow", "unchecked": "yellow"}


@dataclass
class Result:
    """The rows of a run's four tables, and what else came of it."""

    folder: RunFolder
    cells: list[Row] = field(default_factory=list)
    equality: list[Row] = field(default_factory=list)
    onnx: list[Row] = field(default_factory=list)
    curves: list[Row] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    train: dict[Cell, Row] = field(default_factory=dict)

    def write(self) -> None:
        """Write the four tables into the run's folder."""
        tables = {"cells": self.cells, "equality": self.equality, "onnx": self.onnx, "curves": self.curves}
        for name, rows in tables.items():
            write_table(self.folder.path, f"{name}.csv", rows)

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
    traces = {cell: _traces(folder, cell) for cell in dict.fromkeys([*(c.traced for c in cells), *(c.reference for c in cells)])}
    for cell in cells:
        lesson = configured(cell)
        assert isinstance(lesson, NetLesson)
        names = asdict(cell)
        train = folder.read(cell, "train")
        result.train[cell] = train
        result.versions |= train.get("versions", {})
        onnx = _onnx_row(folder, cell, endings)
        reference = None if cell.framework == cell.reference.framework else traces[cell.reference]
        gates = verify.check(lesson, traces[cell.traced], reference)
        gates += verify.check_export(lesson, folder.read(cell, "onnx"))
        verdict, where = verify.summary([*gates, {**onnx, "gate": "ONNX", "quantity": "outputs"}])
        status, reason = _status(folder, cell, endings)
        if status == "ok":
            status, reason = _judge(lesson, cell, train, verdict, where)
        row = {**names, "chapter": lessons()[cell.lesson].chapter, "batch": lesson.batch}
        row |= {"learning_rate": lesson.optimizer.learning_rate, "flop_per_example": lesson.flop_per_example}
        row |= {"target": _target(lesson, cell), "status": status, "reason": reason, "gates": verdict}
        result.cells.append(row | {name: train.get(name) for name in FIGURES})
        result.equality += [names | gate for gate in gates]
        result.onnx.append(names | onnx)
        result.curves += [names | point for point in (*train.get("curves", ()), *_steps(traces[cell.traced]))]
    return result
