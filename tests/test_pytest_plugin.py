"""``pytest --benchmark``: the same cells, pytest-benchmark's statistics and files, the same tables."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from harness.pytest_plugin import Replay, recorded_time

CELL = ("--benchmark", "--lesson", "linear_regression", "--framework", "numpy")


def test_cells_are_benchmarked_and_can_be_compared(lessonbench):
    first = lessonbench.pytest(*CELL, "--benchmark-json=a.json", "--benchmark-autosave", "--lesson-out", "out")
    assert first.returncode == 0, first.stdout + first.stderr
    (entry,) = json.loads((lessonbench.home / "a.json").read_text())["benchmarks"]
    (row,) = pd.read_csv(lessonbench.home / "out" / "cells.csv").to_dict("records")
    assert entry["group"] == "linear_regression"
    assert entry["extra_info"]["train_examples_per_s"] == pytest.approx(row["train_examples_per_s"])
    assert entry["extra_info"]["gates"] == "pass"
    assert entry["stats"]["rounds"] == row["train_samples"]
    samples = pd.read_csv(lessonbench.home / "out" / "samples.csv").query("quantity == 'train'")
    rates = samples["examples"] / samples["wall_s"]  # of all samples, those that waited for a core among them
    assert 1000 / entry["stats"]["median"] == pytest.approx(rates.median(), rel=1e-6)

    lenient = lessonbench.pytest(*CELL, "--benchmark-compare", "--benchmark-compare-fail=median:100000%")
    assert lenient.returncode == 0, lenient.stdout
    (saved,) = (lessonbench.home / ".benchmarks").glob("*/0001_*.json")
    past = json.loads(saved.read_text())
    past["benchmarks"][0]["stats"]["median"] /= 1000  # as if it had been that much faster
    saved.write_text(json.dumps(past))
    strict = lessonbench.pytest(*CELL, "--benchmark-compare", "--benchmark-compare-fail=median:10%")
    assert strict.returncode != 0
    assert "Performance has regressed" in strict.stdout + strict.stderr


def test_without_the_option_nothing_is_measured(lessonbench):
    (lessonbench.home / "test_one.py").write_text("def test_one(): assert True\n")
    plain = lessonbench.pytest()
    assert plain.returncode == 0
    assert "1 passed" in plain.stdout
    assert not (lessonbench.home / "results").exists()


def test_it_works_without_pytest_benchmark(lessonbench):
    plain = lessonbench.pytest(*CELL, "-p", "no:benchmark", "--lesson-out", "out")
    assert plain.returncode == 0, plain.stdout
    assert (lessonbench.home / "out" / "cells.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--benchmark", "--lesson", "liner_regression"), "did you mean linear_regression?"),
        (("--benchmark", "--framework", "troch"), "did you mean torch?"),
    ],
)
def test_bad_input_is_one_sentence(lessonbench, arguments, sentence):
    refused = lessonbench.pytest(*arguments)
    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert sentence in refused.stdout + refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr


def test_replay_moves_the_clock_by_what_was_measured():
    replay, start = Replay([0.5, 0.25]), recorded_time()
    replay()
    assert recorded_time() - start == 0.5
    replay()
    assert recorded_time() - start == 0.75
    replay()
    assert recorded_time() - start == 0.75
