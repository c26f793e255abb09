"""What a finished run shows: every cell, or one figure with the frameworks side by side."""

from __future__ import annotations

import pytest

from harness.catalogue import UsageError
from harness.views.tables import cells_grid, column_grid

CELL = {"profile": "quick", "device": "cpu", "dtype": "float32", "threads": 2, "seed": 0, "gates": "pass"}
FIGURES = {"target": None, "first_step_s": 0.1, "predict_examples_per_s": None, "peak_memory_bytes": 5e6}


def row(lesson, framework, value, rate, **other):
    names = {"lesson": lesson, "framework": framework, "mode": "eager", "status": "ok"}
    rates = {"train_examples_per_s": rate, "train_examples_per_cpu_s": rate}
    return {**CELL, **FIGURES, **rates, **names, "value": value, **other}


ROWS = [
    row("cnn", "numpy", 0.9, 50.0),
    row("cnn", "torch", 0.8, 200.0),
    row("rnn", "numpy", 1.0, 3000.0),
    row("rnn", "torch", None, None, status="crashed"),
    row("mlp", "numpy", 0.5, 10.0),
]


def test_every_cell_has_a_line():
    grid = cells_grid(ROWS)
    assert [line[:3] for line in grid.rows] == [[r["lesson"], r["framework"], "eager"] for r in ROWS]
    assert grid.rows[0][3:] == ["0.9", "", "0.10", "50", "50", "", "5", "pass", "ok"]
    assert grid.rows[3][3:7] == ["", "", "0.10", ""]
    assert "profile quick, device cpu, dtype float32, threads 2, seed 0" in grid.caption


def test_one_figure_across_the_frameworks():
    grid = column_grid(ROWS, "train_examples_per_s")
    assert grid.heads == ["lesson", "numpy", "torch"]
    assert grid.rows == [["cnn", "50", "200"], ["rnn", "3,000", ""], ["mlp", "10", ""]]


def test_ratios_are_to_the_same_lessons_figure():
    grid = column_grid(ROWS, "train_examples_per_s", "torch")
    assert grid.rows == [["cnn", "0.25", "1.00"], ["rnn", "", ""], ["mlp", "", ""]]
    assert column_grid(ROWS, "train_examples_per_s", "numpy").rows[0] == ["cnn", "1.00", "4.00"]
    assert "over that of torch" in grid.caption


def test_modes_and_seeds_are_told_apart():
    grid = column_grid([*ROWS[:2], row("cnn", "torch", 0.7, 1.0, mode="compiled")], "value")
    assert grid.heads == ["lesson", "numpy", "torch eager", "torch compiled"]
    grid = column_grid([*ROWS[:2], row("cnn", "torch", 0.7, 1.0, seed=1)], "value", "torch")
    assert grid.heads == ["lesson", "seed", "numpy", "torch"]
    assert grid.rows == [["cnn", "0", "1.12", "1.00"], ["cnn", "1", "", "1.00"]]


def test_what_is_not_there_is_said():
    with pytest.raises(UsageError, match="unknown column 'trian_examples_per_s': did you mean train_examples_per_s"):
        column_grid(ROWS, "trian_examples_per_s")
    with pytest.raises(UsageError, match="unknown framework 'jax': choose from numpy, torch"):
        column_grid(ROWS, "value", "jax")


def test_markdown():
    lines = column_grid(ROWS, "value").markdown().splitlines()
    assert lines[:3] == ["| lesson | numpy | torch |", "| --- | ---: | ---: |", "| cnn | 0.9 | 0.8 |"]
    assert lines[-1].startswith("*value; profile quick")
