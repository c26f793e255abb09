"""What ``pytest --benchmark`` collects; see ``harness.pytest_plugin``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from harness.gates.deviations import sentences
from harness.pytest_plugin import Replay

if TYPE_CHECKING:
    from harness.plan import Cell
    from harness.report import Result

SHOWN = (
    "train_examples_per_s",
    "train_examples_per_cpu_s",
    "predict_examples_per_s",
    "first_step_s",
    "flop_per_example",
    "metric",
    "value",
    "target",
    "gates",
    "status",
)


def test_cell(lessonbench_cell: Cell, lessonbench_result: Result, request: pytest.FixtureRequest) -> None:
    """The cell was measured, reaches its target and passes every gate; what is known to deviate does."""
    row = lessonbench_result.rows[lessonbench_cell]
    durations_s = lessonbench_result.epoch_s.get(lessonbench_cell)
    if durations_s and request.config.pluginmanager.hasplugin("benchmark"):
        benchmark = request.getfixturevalue("benchmark")
        benchmark.extra_info |= {name: row[name] for name in SHOWN}
        benchmark.pedantic(Replay(durations_s), rounds=len(durations_s), iterations=1)
    assert row["status"] == "ok", row["reason"]
    mine = [row for row in lessonbench_result.deviations if asdict(lessonbench_cell).items() <= row.items()]
    gone = [row for row in mine if row["verdict"] == "gone"]
    assert not gone, " ".join(sentences(gone))
