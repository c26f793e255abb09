"""The rule that calls a cell slower, on made-up samples and on live ones; and a machine compared with itself."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from harness.catalogue import UsageError
from harness.columns import CELL
from harness.csv_tables import write_csv, write_table
from harness.plan import Options, make_plan
from harness.record import write_json
from harness.speed.calibrate import calibration_rows, least_factor
from harness.speed.compare import LEVEL, compare, comparison_grid, interval, judge
from harness.speed.samples import by_process, rates, read_samples, sample_rows

RNG_SEEDS = range(50)
MACHINE = {"processor": "A", "cores": 2, "threads": 4, "usable_threads": 4, "gpu": ["GPU, 8 MiB, 1.0"]}
NUMPY, TORCH = (("cnn", framework, "eager", "cpu", "float32", 2, 0, "quick") for framework in ("numpy", "torch"))


def draw(seed: int, noise: float = 0.03, samples: int = 10) -> np.ndarray:
    """Examples per second, 1000 in the middle, of durations whose logarithms are normal."""
    return 1000 / np.random.default_rng(seed).lognormal(0.0, noise, samples)


def test_a_cell_is_as_fast_as_itself():
    different = [seed for seed in RNG_SEEDS if judge(draw(seed), draw(1000 + seed))[0] != "same"]
    assert len(different) <= 2


def test_fifteen_hundredths_are_found_and_nine_are_not():
    for seed in range(10):
        a, b = draw(seed, 0.02), draw(1000 + seed, 0.02)
        assert judge(a, b / 1.15)[0] == "slower"
        assert judge(a / 1.15, b)[0] == "faster"
    a = draw(0, 0.005)
    verdict, p = judge(a, a / 1.09)
    assert (verdict, p < LEVEL) == ("same", True)  # beyond chance, but not enough to matter
    verdict, p = judge(draw(0, 0.5), draw(0, 0.5) / 1.15)
    assert (verdict, p < LEVEL) == ("same", False)  # enough to matter, but not beyond chance
    verdict, p = judge(draw(2, 0.1), draw(1002, 0.1) / 1.2)
    assert (verdict, 0.002 < p < 0.01) == ("same", True)  # one comparison in a hundred: too many for a whole table


@pytest.mark.parametrize(("samples", "verdict"), [(8, "too few"), (9, "slower")])
def test_nine_samples_of_each_side_are_asked_for(samples, verdict):
    assert judge(draw(0), draw(1, samples=samples) / 2)[0] == verdict
    assert judge(draw(0, samples=samples), draw(1) / 2)[0] == verdict


def test_the_interval_holds_the_true_ratio_as_often_as_it_says():
    assert interval([np.full(9, 100.0)], [np.full(9, 50.0)]) == (0.5, 0.5)
    intervals = [interval([draw(seed)], [2 * draw(1000 + seed)]) for seed in RNG_SEEDS]
    assert sum(low <= 2 <= high for low, high in intervals) >= 0.88 * len(intervals)


def test_the_least_factor_is_where_the_rule_turns():
    a, b = draw(0), draw(1)
    factor = least_factor(a, b)
    assert 1.1 <= factor < 1.2
    assert judge(a, b / factor)[0] == "slower"
    assert judge(a, b / (factor - 0.01))[0] == "same"


def recorded(wall_s: list[float]) -> dict:
    """A record of training, by which the processor takes twice the seconds of the wall, and nothing is waited for."""
    durations = {"train_sample_wall_s": wall_s, "train_sample_cpu_s": [2 * s for s in wall_s]}
    return durations | {"train_sample_waited_s": [0.0] * len(wall_s), "train_sample_examples": 6}


def test_samples_go_into_rows_and_come_back_as_rates():
    rows = list(sample_rows(recorded([2.0, 3.0]), process=4))
    assert [(row["process"], row["sample"], row["quantity"]) for row in rows] == [(4, 1, "train"), (4, 2, "train")]
    by_process = rates(rows, "train", "cpu", ["process"])
    assert by_process.keys() == {(4,)}
    assert by_process[4,].tolist() == [1.5, 1.0]
    assert rates(rows, "predict", "wall", ["process"]) == {}


def test_what_others_do_to_some_processes_of_a_side_is_no_difference():
    calm, disturbed = [np.concatenate([draw(10 * side + i) for i in range(5)]) for side in (0, 1)]
    disturbed[:30] /= 1.3  # of three processes in five
    assert np.median(disturbed) < np.median(calm) / 1.1
    assert judge(calm, disturbed)[0] == judge(disturbed, calm)[0] == "same"
    assert judge(calm, disturbed / 1.15)[0] == "slower"


def test_processes_of_one_run_are_taken_apart(make_run):
    rows = [{**row, "process": process} for process in (1, 2) for row in read_samples(make_run("a"))]
    for row in rows[:3]:
        row["waited_s"] = 1.0
    (sides,) = by_process(rows, "train", "wall").values()
    assert [len(side) for side in sides] == [7, 10]  # sound ones, of which both together have enough


def test_a_calibration_compares_neighbouring_processes():
    sides = [draw(0), draw(1), draw(2), draw(3) / 2]
    samples = [
        dict(zip(CELL, NUMPY, strict=True)) | row
        for process, side in enumerate(sides, start=1)
        for row in sample_rows(recorded(list(6 / side)), process)
    ]
    wall, cpu = calibration_rows(samples, 1)
    assert (wall["clock"], cpu["clock"]) == ("wall", "cpu")
    assert (wall["pairs"], wall["different"]) == (2, 1)
    assert wall["process_variation"] > 0.3 > 0.05 > wall["sample_variation"] > 0.01
    assert wall["least_factor"] > 2 > 0.01 > abs(wall["sample_variation"] - cpu["sample_variation"])
    both, _ = calibration_rows(samples, 2)
    assert (both["processes"], both["pairs"], both["different"]) == (2, 1, 0)  # the fastest tenth is in both sides


@pytest.fixture
def make_run(tmp_path):
    """Makes the folder of a run with ten samples of training of each of these cells."""

    def make(name: str, cells=(NUMPY,), factor: float = 1.0, machine=MACHINE, **versions: str):
        folder = tmp_path / name
        record = recorded(list(factor * 6 / draw(len(name))))
        rows = [dict(zip(CELL, cell, strict=True)) | row for cell in cells for row in sample_rows(record)]
        write_table(folder, "samples.csv", rows)
        write_json(folder / "run.json", {"machine": machine, "versions": versions, "commit": "abc"})
        return folder

    return make


def test_runs_are_compared_cell_by_cell(make_run):
    driver = MACHINE | {"gpu": ["GPU, 8 MiB, 2.0"]}
    a, b = make_run("a", (NUMPY, TORCH), torch="1"), make_run("b", (TORCH,), 2.0, driver, torch="2", jax="1")
    found = compare(a, b, "train", "cpu")
    (row,) = found.rows
    assert (row["framework"], row["verdict"], row["samples_a"], row["samples_b"]) == ("torch", "slower", 10, 10)
    assert row["ratio"] == pytest.approx(0.5)
    assert row["examples_per_s_a"] == pytest.approx(np.quantile(draw(1), 0.9) / 2)
    assert found.slower
    assert (found.only_a, found.only_b) == (["cnn-numpy-eager-cpu-float32-2t-s0-quick"], [])
    assert found.changes[1:] == ["torch 1 → 2", "jax None → 1"]
    assert "2.0" in found.changes[0]
    back = compare(b, a, "train", "wall")
    assert ([row["verdict"] for row in back.rows], back.slower) == (["faster"], False)
    assert comparison_grid(back.rows).rows[0][-1] == "faster"


def test_a_comparison_is_a_table_too(make_run, tmp_path):
    found = compare(make_run("a"), make_run("b"), "train", "wall")
    write_csv(tmp_path / "mine.csv", "comparison.csv", found.rows)
    (line,) = pd.read_csv(tmp_path / "mine.csv").itertuples()
    assert (line.verdict, line.clock, line.ratio) == ("same", "wall", 1.0)


def test_another_machine_is_refused_unless_it_is_asked_for(make_run):
    a, b = make_run("a"), make_run("b", machine=MACHINE | {"processor": "B"})
    with pytest.raises(UsageError, match=r"different machines \(processor A → B\)"):
        compare(a, b, "train", "wall")
    assert compare(a, b, "train", "wall", other_machine=True).changes == ["processor A → B"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (shutil.rmtree, "has no samples.csv: it holds no finished run"),
        (lambda run: (run / "samples.csv").unlink(), "has no samples.csv"),
        (lambda run: (run / "samples.csv").write_bytes(b"\xff\x00"), "cannot be read as a table of samples"),
        (lambda run: (run / "samples.csv").write_text("a,b\n1,2\n"), "cannot be read as a table of samples"),
        (
            lambda run: (run / "samples.csv").write_text("examples,wall_s,cpu_s,waited_s\n1,2,3,4\n"),
            "has not the columns",
        ),
        (lambda run: replaced(run / "samples.csv", ",6,", ",0,"), "has not the columns and durations"),
        (lambda run: replaced(run / "samples.csv", "train", "predict"), "no cell in common with samples of train"),
        (lambda run: replaced(run / "samples.csv", "quick", "full"), "no cell in common with samples of train"),
        (lambda run: (run / "run.json").unlink(), "does not say what the run was made on"),
        (lambda run: (run / "run.json").write_text("[]"), "does not say what the run was made on"),
        (lambda run: (run / "run.json").write_text("{"), "does not say what the run was made on"),
    ],
)
def test_what_is_no_run_is_refused(make_run, spoil, said):
    a, b = make_run("a"), make_run("b")
    assert not compare(a, b, "train", "wall").slower
    spoil(b)
    with pytest.raises(UsageError, match=said):
        compare(a, b, "train", "wall")


def replaced(path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_bad_input_is_one_sentence(lessonbench, make_run):
    a = make_run("a")
    for words in (
        ("compare", a, a / ".." / "a"),
        ("compare", a, make_run("b"), "--csv", a / "run.json" / "x.csv"),
        ("calibrate", "--samples", "8"),
        ("run", "--processes", "0"),
        ("calibrate", "--processes", "0"),
    ):
        done = lessonbench(*words)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr


def test_a_planted_slowness_is_found_in_a_live_run(workshop, tmp_path):
    command, learner = workshop.lessonbench, workshop.impls / "learners" / "numpy_learner.py"
    words = ("run", "--lesson", "linear_regression", "--framework", "numpy", "--threads", "1")
    assert command(*words, "--samples", "10", "--processes", "2", "--out", tmp_path / "a").returncode == 0
    assert pd.read_csv(tmp_path / "a" / "cells.csv")["train_samples"].tolist() == [20]
    assert command(*words, "--out", tmp_path / "quick").returncode == 0
    planted = "_ = [self._forward_backward(x, y) for _ in range(20)]; loss = self._forward"  # as right as before
    replaced(learner, "loss = self._forward", planted)
    assert command(*words, "--samples", "10", "--out", tmp_path / "slow").returncode == 0

    def compared(other: str, *how: str) -> tuple[int, str, str, float]:
        file = tmp_path / "comparison.csv"
        done = command("compare", tmp_path / "a", tmp_path / other, "--clock", "cpu", "--csv", file, *how)
        (line,) = pd.read_csv(file).itertuples()
        return done.returncode, done.stdout, line.verdict, line.ratio

    code, shown, verdict, _ = compared("quick", "--markdown")
    assert (code, verdict) == (0, "too few")
    assert shown.startswith("| lesson | framework | mode | A | B |")
    code, shown, verdict, ratio = compared("slow")
    assert (code, verdict) == (1, "slower")
    assert ratio < 0.5
    assert "slower" in shown
    (line,) = pd.read_csv(tmp_path / "comparison.csv").itertuples()
    assert 9 <= line.samples_a <= 20  # tests that run beside this one make some unsound
    assert line.processes_b == 1
    samples = pd.read_csv(tmp_path / "a" / "samples.csv")
    assert samples.groupby(["quantity", "process"]).size().tolist() == [10] * 4


COUNTING = """
import os
from pathlib import Path
class Net(SoundNet):
    def __init__(self):
        super().__init__()
        seen = Path(__file__).with_suffix(".pids")
        pids = {str(os.getpid()), *(seen.read_text().split() if seen.exists() else ())}
        seen.write_text(" ".join(pids))
        if len(pids) > 3:  # it is followed, timed, and exported
            raise ValueError("one process too many")
"""


def test_a_later_process_that_fails_is_the_cells_failure(workshop, tmp_path):
    workshop.plant("counting", COUNTING)
    done = workshop.lessonbench(
        "run", "--lesson", "counting", "--framework", "numpy", "--processes", "2", "--out", tmp_path / "out"
    )
    (cell,) = pd.read_csv(tmp_path / "out" / "cells.csv").itertuples()
    assert (done.returncode, cell.status) == (1, "failed")
    assert cell.reason.startswith("process 2: ")
    assert "one process too many" in cell.reason
    assert cell.train_samples == 5  # the first process's


def test_a_machine_is_compared_with_itself(lessonbench, tmp_path):
    words = ("--framework", "numpy", "--lesson", "linear_regression", "--rounds", "1", "--samples", "9")
    words += ("--processes", "1")
    done = lessonbench("calibrate", *words, "--out", tmp_path / "out")
    assert done.returncode == 0
    assert "of 1 comparisons" in done.stderr
    samples = pd.read_csv(tmp_path / "out" / "samples.csv")
    assert samples.groupby(["process", "quantity"]).size().to_dict() == {
        (process, quantity): 9 for process in (1, 2) for quantity in ("train", "predict")
    }
    rows = pd.read_csv(tmp_path / "out" / "calibration.csv")
    assert rows[["quantity", "clock"]].to_numpy().tolist() == [
        [quantity, clock] for quantity in ("train", "predict") for clock in ("wall", "cpu")
    ]
    assert (rows["least_factor"] > 1.0).all()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["calibration.csv", "run.json", "samples.csv"]
    assert json.loads((tmp_path / "out" / "run.json").read_text())["state"] == "finished"


def test_what_cannot_be_timed_is_said(workshop, tmp_path):
    workshop.plant("broken", "class Net(SoundNet):\n    def __init__(self):\n        raise ValueError('not today')\n")
    done = workshop.lessonbench("calibrate", "--lesson", "broken", "--rounds", "1", "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "broken-numpy-eager-cpu" in done.stderr
    assert "not today" in done.stderr


def test_the_samples_are_part_of_what_is_asked():
    assert make_plan(Options(lesson=("cnn",), framework=("numpy",), samples=2))
    with pytest.raises(UsageError, match="--samples 1: a figure takes two samples or more"):
        make_plan(Options(samples=1))
