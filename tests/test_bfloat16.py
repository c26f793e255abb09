"""Cells that compute in bfloat16: which there are, and what they are held against."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from harness import processor
from harness.catalogue import UsageError, load_lesson, missing_packages
from harness.gates import verify
from harness.gates.verify import Traced
from harness.plan import Options, make_plan

EVERY = Options(lesson=("cnn", "grid_search"), mode=("all",), dtype=("float32", "bfloat16"))


def test_nets_of_frameworks_that_have_it_are_planned(monkeypatch):
    monkeypatch.setattr("harness.plan.has_bfloat16", lambda: True)
    ways = {(cell.lesson, cell.framework) for cell in make_plan(EVERY) if cell.dtype == "bfloat16"}
    assert "native" not in {cell.mode for cell in make_plan(EVERY) if cell.dtype == "bfloat16"}
    assert ways == {("cnn", framework) for framework in ("jax", "keras", "torch")}
    assert {cell.exported for cell in make_plan(EVERY) if cell.lesson == "cnn" and cell.dtype == "bfloat16"} == {False}


def test_a_processor_without_it_is_named_and_a_gpu_is_not_asked(monkeypatch):
    monkeypatch.setattr("harness.plan.has_bfloat16", lambda: False)
    with pytest.raises(UsageError, match=r"^--dtype bfloat16: this processor has no products of such numbers; "):
        make_plan(EVERY)
    on_gpu = Options(lesson=("cnn",), dtype=("bfloat16",), device=("gpu",))
    assert {cell.dtype for cell in make_plan(on_gpu)} == {"bfloat16"}


def traced(losses):
    return Traced({}, {"losses": np.array(losses, np.float32)})


@pytest.mark.parametrize(
    ("first", "tenth", "eleventh", "verdicts"),
    [
        (1.019, 1.19, 2.0, ["pass", "pass", "reported"]),
        (1.021, 1.0, 1.0, ["fail", "pass", "reported"]),
        (1.0, 1.21, 1.0, ["pass", "fail", "reported"]),
    ],
)
def test_its_losses_have_looser_gates(first, tenth, eleventh, verdicts):
    found, expected = traced([first, *[1.0] * 8, tenth, eleventh]), traced([1.0] * 11)
    rows = verify.check(load_lesson("cnn"), {"bfloat16": found}, {"bfloat16": expected})
    assert [row["verdict"] for row in rows] == verdicts
    assert {row["trace_dtype"] for row in rows} == {"bfloat16"}
    if eleventh == 2:
        assert rows[2]["gap"] == 11


@pytest.mark.skipif(bool(missing_packages("torch")), reason="PyTorch is not installed")
@pytest.mark.skipif(not processor.has_bfloat16(), reason="this processor has no bfloat16")
def test_a_run_holds_its_training_against_numpys_float32(lessonbench, tmp_path):
    chosen = ("--lesson", "softmax_regression", "--framework", "torch", "--dtype", "bfloat16", "--samples", 2)
    done = lessonbench("run", *chosen, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    (cell,) = pd.read_csv(tmp_path / "run" / "cells.csv").to_dict("records")
    assert (cell["dtype"], cell["status"], cell["gates"]) == ("bfloat16", "ok", "pass")
    gates = pd.read_csv(tmp_path / "run" / "equality.csv")
    mine = gates[gates.trace_dtype == "bfloat16"]
    assert set(mine.gate) == {"G1", "G3"}
    assert set(mine.reference) == {"numpy"}
    assert 0 < mine.gap.iloc[0] < 1e-2
    assert pd.read_csv(tmp_path / "run" / "onnx.csv").empty
