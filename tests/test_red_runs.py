"""A planted bug turns a whole run red, and the tables say where: the bias, the batch order, the learning rate."""

from __future__ import annotations

import pandas as pd
import pytest

from harness.catalogue import missing_packages

pytestmark = pytest.mark.skipif(bool(missing_packages("torch")), reason="PyTorch is not installed")
PASSES, OPTIMIZERS = "learners/torch_passes.py", "learners/torch_optimizers.py"
NET = "lines/linear_regression/linear_regression_torch.py"


@pytest.mark.parametrize(
    ("lesson", "file", "sound", "faulty", "status", "where", "said", "parts"),
    [
        (
            "linear_regression",
            NET,
            "nn.Linear(2, 1)",
            "nn.Linear(2, 1, bias=False)",
            "unequal",
            ("G0", "shape head.bias"),
            "first at step 1, parameter head.bias: the net has no head.bias",
            ["parameter head.bias"],
        ),
        (
            "linear_regression",
            NET,
            "nn.Linear(2, 1)",
            "nn.Linear(2, 1).requires_grad_(False)",
            "unequal",
            ("G0", "shape head.kernel"),
            "parameter head.kernel: it is there, but not trained",
            ["parameter head.kernel"],
        ),
        (
            "linear_regression",
            PASSES,
            "enumerate(order)",
            "enumerate(order.flip(0))",
            "unequal",
            ("G2", "loss of 200 steps"),
            "loss of 200 steps",
            ["trajectory loss"],
        ),
        (
            "logistic_regression",
            PASSES,
            "enumerate(order)",
            "enumerate(order.flip(0) if x.dtype == torch.float32 else order)",
            "unequal",
            ("G1", "loss"),
            "float32 loss",
            [],  # in float64 all is well
        ),
        (
            "linear_regression",
            OPTIMIZERS,
            "lr=learning_rate, m",
            "lr=1.02 * learning_rate, m",
            "unequal",
            ("G0", "optimiser head.kernel"),
            "first at step 1, update head.kernel",
            ["update head.kernel"],
        ),
    ],
    ids=[
        "bias dropped",
        "frozen",
        "batch order changed",
        "batch order changed in the timed training",
        "learning rate 2 % off",
    ],
)
def test_a_planted_bug_is_red_and_located(workshop, tmp_path, lesson, file, sound, faulty, status, where, said, parts):
    path = workshop.impls / file
    source = path.read_text(encoding="utf-8")
    assert source.count(sound) == 1
    path.write_text(source.replace(sound, faulty), encoding="utf-8")

    words = ("--lesson", lesson, "--framework", "numpy", "--framework", "torch")
    done = workshop.lessonbench("run", *words, "--out", tmp_path / "out")
    assert done.returncode == 1
    cells = pd.read_csv(tmp_path / "out" / "cells.csv").set_index("framework")
    assert cells.loc["numpy", "status"] == "ok"
    assert cells.loc["torch", "status"] == status
    assert said in cells.loc["torch", "reason"]
    is_timed = where[0] != "G0"  # what is not the lesson's net is not worth it
    assert cells.loc["numpy", "train_examples_per_s"] > 0
    assert (cells.loc["torch", "train_examples_per_s"] > 0) == is_timed
    assert bool(list((tmp_path / "out" / "work").glob("*-torch-*/train.json"))) == is_timed
    first = pd.read_csv(tmp_path / "out" / "equality.csv").query("framework == 'torch' and verdict == 'fail'").iloc[0]
    assert (first["gate"], first["quantity"]) == where
    departures = pd.read_csv(tmp_path / "out" / "departures.csv")
    assert [f"{row.stage} {row.where}" for row in departures.itertuples()] == parts
