"""Accuracies over seeds: the statistics, two frameworks that draw for themselves, and a net that learns less."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import trim_mean

from harness.catalogue import missing_packages
from harness.gates import paired

SHORT = ("--lesson", "larger", "--most", "10", "--least", "5")
LESSON = '''
from dataclasses import dataclass

import numpy as np

from impls.spec import SGD, Constant, Dataset, NetLesson, Parameter, Profile, SoftmaxCrossEntropy, Uniform


@dataclass(frozen=True)
class Larger:
    """Which of two numbers is the larger."""

    source = None

    def load(self, folder, seed, dtype):
        x = np.random.default_rng(0).standard_normal((10_640, 2)).astype(dtype)
        y = x.argmax(axis=1).astype(np.int32)
        return Dataset(x[:640], y[:640], x[640:], y[640:])


LESSON = NetLesson(
    title="The larger one",
    data=Larger(),
    input_shape=(2,),
    parameters=(Parameter("head.kernel", (2, 2), Uniform(0.1)), Parameter("head.bias", (2,), Constant(0.0))),
    loss=SoftmaxCrossEntropy(),
    optimizer=SGD(learning_rate=0.5),
    batch=64,
    profiles={"quick": Profile(epochs=20, target=0.9), "full": Profile(epochs=20, target=0.9)},
    metric="accuracy",
    flop_per_example=8,
)
'''
NUMPY = """
from impls.learners.numpy_layers import Dense, Module


class Net(Module):
    def __init__(self):
        super().__init__()
        self.head = Dense(2, 2)

    def forward(self, x):
        return self.head(x)

    def backward(self, dy):
        self.head.parameter_gradients(dy)
"""
TORCH = """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(2, 2)

    def forward(self, x):
        return self.head(x)
"""


@pytest.fixture
def larger(tmp_path):
    """A lesson that trains in a blink and has ten thousand test examples."""
    if missing := missing_packages("torch"):
        pytest.skip(f"not installed: {missing}")
    folder = tmp_path / "larger"
    folder.mkdir()
    for name, source in (("lesson", LESSON), ("larger_numpy", NUMPY), ("larger_torch", TORCH)):
        (folder / f"{name}.py").write_text(source)
    return folder


def test_as_many_pairs_as_the_power_asks_for():
    """Of experiments without a difference, the number of pairs shows equivalence in nine of ten, and less does not."""
    rng, deviation = np.random.default_rng(0), 0.003
    pilot = deviation * np.array([-1.0, 1.0, 0.0, 1.0, -1.0]) / np.std([-1.0, 1.0, 0.0, 1.0, -1.0], ddof=1)
    needed = paired.pairs_needed(pilot, 100)
    assert 10 < needed < 30
    shares = []
    for pairs in (needed, needed - 4):
        found = [paired.equivalence(list(rng.normal(0, deviation, pairs))).p < paired.LEVEL for _ in range(1000)]
        shares.append(np.mean(found))
    assert shares[0] > 0.88
    assert shares[1] < 0.88
    assert paired.pairs_needed(100 * pilot, 20) == 21
    assert paired.pairs_needed([0.001] * 5, 20) == 2


@pytest.mark.parametrize("mean", [-0.003, -0.0015, 0.0, 0.001, 0.0025])
def test_the_interval_and_the_p_value_say_the_same(mean):
    rng = np.random.default_rng(1)
    for _ in range(50):
        differences = list(rng.normal(mean, 0.001, 10))
        found = paired.equivalence(differences)
        assert found.interval.low < found.mean < found.interval.high
        assert found.mean == pytest.approx(trim_mean(differences, 0.1))
        assert paired.within(found.interval) == (found.p < paired.LEVEL)


def test_no_deviation_at_all():
    for all_alike, p in ((0.001, 0.0), (0.003, 1.0)):
        found = paired.equivalence([all_alike] * 10)
        assert found.interval.high == found.interval.low
        assert found.p == p
        assert found.mean == pytest.approx(all_alike)


def test_the_test_errs_as_seldom_as_it_says():
    """At the margin itself, one in forty is called equivalent by chance, and no more."""
    rng = np.random.default_rng(3)
    found = [paired.equivalence(list(rng.normal(paired.MARGIN, 0.002, 20))).p < paired.LEVEL for _ in range(4000)]
    assert np.mean(found) == pytest.approx(paired.LEVEL, abs=0.01)


def test_a_training_that_fails_does_not_decide_but_one_in_four_does():
    rng = np.random.default_rng(4)
    differences = rng.normal(0, 0.002, 40)
    differences[7] -= 0.08
    assert paired.within(paired.equivalence(list(differences)).interval)
    differences[:10] -= 0.02
    assert not paired.within(paired.equivalence(list(differences)).interval)


def test_a_bootstrap_has_the_width_of_what_varies():
    """Where seeds are alike, that of a share of the examples; where examples are, of a share of the seeds."""
    rng = np.random.default_rng(2)
    never = np.zeros((10, 1000), bool)
    examples = np.broadcast_to(rng.random(1000) < 0.3, (10, 1000))
    found = paired.bootstrap(examples, never)
    half = 1.960 * (0.3 * 0.7 / 1000) ** 0.5
    assert found.high - found.low == pytest.approx(2 * half, rel=0.1)
    seeds = np.broadcast_to((np.arange(10) < 3)[:, np.newaxis], (10, 1000))
    found = paired.bootstrap(seeds, never)
    half = 1.960 * (0.3 * 0.7 / 10) ** 0.5
    assert found.high - found.low == pytest.approx(2 * half, rel=0.2)
    assert paired.bootstrap(seeds, seeds) == paired.Interval(0.0, 0.0)


def test_mcnemars_test_is_the_binomial():
    right, other = np.ones(30, bool), np.ones(30, bool)
    other[:10] = False
    assert paired.exact_mcnemar(right, other) == (10, 0, pytest.approx(2 * 0.5**10))
    assert paired.exact_mcnemar(other, right) == (0, 10, pytest.approx(2 * 0.5**10))
    assert paired.exact_mcnemar(right, right) == (0, 0, 1.0)


def test_two_frameworks_are_equivalent_and_the_native_one_is_reported(lessonbench, larger, tmp_path):
    how = ("--lessons", larger, "--lesson", "larger", "--most", "20", "--out", tmp_path / "out")
    found = lessonbench("equivalence", *how, "--mode", "eager", "--mode", "native")
    assert found.returncode == 0, found.stdout + found.stderr
    rows = pd.read_csv(tmp_path / "out" / "equivalence.csv").set_index("mode")
    assert rows.loc["eager", "verdict"] == "pass"
    assert rows.loc["native", "verdict"] == "reported"
    assert rows.loc["eager", "seeds"] == 10
    assert -0.0025 < rows.loc["eager", "low"] < rows.loc["eager", "difference"] < rows.loc["eager", "high"] < 0.0025
    seeded = pd.read_csv(tmp_path / "out" / "accuracies.csv")
    assert seeded.groupby(["framework", "mode"]).size().to_dict() == {
        ("numpy", "eager"): 10,
        ("torch", "eager"): 10,
        ("torch", "native"): 10,
    }
    means = seeded.groupby(["framework", "mode"])["accuracy"].mean()
    assert rows.loc["eager", "accuracy"] == pytest.approx(means["torch", "eager"])
    assert rows.loc["eager", "reference_accuracy"] == pytest.approx(means["numpy", "eager"])
    torch = seeded[(seeded["framework"] == "torch") & (seeded["mode"] == "eager")].set_index("seed")
    numpy = seeded[seeded["framework"] == "numpy"].set_index("seed")
    apart = (torch["right_alone"] - torch["reference_right_alone"]) / 10_000
    np.testing.assert_allclose(apart, torch["accuracy"] - numpy["accuracy"], atol=1e-9)
    assert "reported" in found.stdout
    again = lessonbench("equivalence", *how, "--mode", "eager", "--mode", "native", "--resume")
    assert again.returncode == 2
    assert "complete" in again.stderr


def test_a_net_that_learns_less_is_not_equivalent(lessonbench, larger, tmp_path):
    path = larger / "larger_torch.py"
    path.write_text(path.read_text().replace("self.head(x)", "self.head(x.clamp(min=0))"))
    found = lessonbench("equivalence", "--lessons", larger, *SHORT, "--out", tmp_path / "out")
    assert found.returncode == 1
    row = pd.read_csv(tmp_path / "out" / "equivalence.csv").iloc[0]
    assert row["verdict"] == "fail"
    assert row["seeds"] == 10  # five were not enough to say so
    assert row["high"] < -0.0025


def test_too_few_labels_are_said_and_not_trained_on(lessonbench, larger, tmp_path):
    path = larger / "lesson.py"
    path.write_text(path.read_text().replace("10_640", "1_640"))
    found = lessonbench("equivalence", "--lessons", larger, *SHORT, "--out", tmp_path / "out")
    assert found.returncode == 0, found.stderr
    assert "1,000 test labels are too few" in found.stderr
    assert pd.read_csv(tmp_path / "out" / "accuracies.csv").empty


def test_a_net_that_does_not_run_is_unchecked(lessonbench, larger, tmp_path):
    path = larger / "larger_torch.py"
    path.write_text(path.read_text().replace("self.head(x)", "self.no_such_layer(x)"))
    found = lessonbench("equivalence", "--lessons", larger, *SHORT, "--out", tmp_path / "out")
    assert found.returncode == 1
    assert "no_such_layer" in found.stderr
    assert pd.read_csv(tmp_path / "out" / "equivalence.csv")["verdict"].tolist() == ["unchecked"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--lesson", "grid_search"), "judged by its accuracy"),
        (("--least", "8", "--most", "15"), "--most 15"),
        (("--resume",), "name it with --out"),
        (("--lesson", "no_such"), "no_such"),
    ],
)
def test_bad_input_is_one_sentence(lessonbench, arguments, sentence):
    found = lessonbench("equivalence", *arguments)
    assert found.returncode == 2
    assert sentence in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_a_native_cell_is_measured_and_held_against_nothing(lessonbench, tmp_path):
    """Its own defaults, told by the deviation of the initial values; no target, and no gate but its export's."""
    if missing := missing_packages("torch"):
        pytest.skip(f"not installed: {missing}")
    how = ("--lesson", "softmax_regression", "--lesson", "grid_search", "--framework", "torch")
    found = lessonbench("run", *how, "--mode", "eager", "--mode", "native", "--out", tmp_path / "out")
    assert found.returncode == 0, found.stdout + found.stderr
    cells = pd.read_csv(tmp_path / "out" / "cells.csv").set_index(["lesson", "mode"])
    assert set(cells.index) == {
        ("softmax_regression", "eager"),
        ("softmax_regression", "native"),
        ("grid_search", "eager"),
    }
    row = cells.loc["softmax_regression", "native"]
    assert row["status"] == "ok"
    assert np.isnan(row["target"])
    assert row["value"] > 0.5
    equality = pd.read_csv(tmp_path / "out" / "equality.csv")
    native = equality[equality["mode"] == "native"]
    assert set(native["reference"]) == {"lesson", "own outputs"}
    structure = pd.read_csv(tmp_path / "out" / "structure.csv").set_index(["mode", "parameter"])
    assert structure.loc[("native", "head.kernel"), "initial_deviation"] == pytest.approx(784**-0.5 / 3**0.5, rel=0.05)
    assert structure.loc[("eager", "head.kernel"), "initial_deviation"] != pytest.approx(784**-0.5 / 3**0.5, rel=0.05)
    orders = structure["order_sha256"]
    assert orders["native"].iloc[0] != orders["eager"].iloc[0]
