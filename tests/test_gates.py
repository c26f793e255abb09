"""The gates are tested: what passes, what is unchecked, what a number that is none does. Faults: test_fault_matrix."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from workbench import make, small

from harness import parity
from harness.catalogue import load_lesson
from harness.children.trace import trace
from harness.gates import verify
from harness.gates.verify import Traced

DTYPES = ("float64", "float32")


@cache
def reference(name: str) -> dict[str, Traced]:
    """NumPy's traces of a lesson on small data."""
    return traced(name, {dtype: make(name, "numpy", "eager", dtype) for dtype in DTYPES})


def traced(name: str, learners: dict, *, differences: bool = False) -> dict[str, Traced]:
    lesson = load_lesson(name)
    return {
        dtype: Traced(*trace(learner, lesson, small(lesson, dtype), seed=3, dtype=dtype, differences=differences))
        for dtype, learner in learners.items()
    }


def failures(name: str, found: dict[str, Traced]) -> list[str]:
    """Gate and quantity of every row that is not a pass."""
    rows = verify.check(load_lesson(name), found, reference(name))
    return [f"{row['gate']} {row['quantity']}" for row in rows if row["verdict"] in ("fail", "unchecked")]


def ported(name: str) -> dict[str, Traced]:
    """What the port to PyTorch does."""
    return traced(name, {dtype: make(name, "torch", "eager", dtype) for dtype in DTYPES})


@pytest.mark.parametrize("name", ["linear_regression", "softmax_regression", "relu_mlp", "cnn", "rnn"])
def test_a_right_port_passes_every_gate(name):
    assert failures(name, ported(name)) == []


@pytest.mark.parametrize(
    ("flop", "verdict"), [(813056, "pass"), (813054, "fail"), (None, "reported"), (math.nan, "unchecked")]
)
def test_the_operations_of_the_net_are_the_lessons(flop, verdict):
    """None stands for a product that cannot be counted, since the net writes it out."""
    whole = reference("relu_mlp")["float64"]
    found = {"float64": Traced(whole.figures | {"flop_per_example": flop}, whole.arrays)}
    rows = verify.check(load_lesson("relu_mlp"), found, reference("relu_mlp"))
    assert [row["verdict"] for row in rows if row["quantity"] == "flop per example"] == [verdict]
    assert bool(verify.broken_structure(rows)) == (verdict == "fail")


def test_a_wrong_gradient_of_the_reference_itself_is_caught(monkeypatch):
    """Nothing stands beside the reference but finite differences."""
    from impls.learners.numpy_layers import ReLU

    monkeypatch.setattr(ReLU, "backward", lambda self, dy: dy)  # noqa: ARG005 - the mask is what is left out
    found = traced("relu_mlp", {"float64": make("relu_mlp", "numpy", "eager")}, differences=True)
    rows = verify.check(load_lesson("relu_mlp"), found, None)
    assert next(row["quantity"] for row in rows if row["verdict"] == "fail") == "gradient hidden.kernel"


def test_what_is_not_there_is_unchecked():
    lesson = load_lesson("linear_regression")
    nothing = {dtype: Traced({"status": "failed"}, {}) for dtype in DTYPES}
    whole = reference("linear_regression")
    for found, expected in ((nothing, whole), (whole, nothing)):
        rows = verify.check(lesson, found, expected)
        assert verify.summary(rows)[0] == "unchecked"
        compared = {row["gate"]: row["verdict"] for row in rows if row["reference"] == "numpy"}
        assert compared == dict.fromkeys(("G0", "G1", "G2", "G3"), "unchecked")
    assert verify.summary([])[0] == "unchecked"


def test_the_losses_of_a_training_are_held_against_the_references_trajectory():
    """Of a lesson that is not convex; a training may take fewer steps than a trajectory."""
    whole = reference("relu_mlp")
    losses = whole["float32"].arrays["losses"]

    def found(losses: np.ndarray) -> list[str]:
        return failures("relu_mlp", {"float64": whole["float64"], "float32": Traced({}, {"losses": losses})})

    assert found(losses) == found(losses[:50]) == []
    late, early = losses.copy(), losses.copy()
    late[10] *= 1.01
    early[9] *= 1.01
    assert found(late) == []
    assert found(early) == ["G3 loss of 10 steps"]
    assert found(losses[:9]) == ["G3 loss of 10 steps"]
    assert found(losses * 1.01) == ["G1 loss", "G3 loss of 10 steps"]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_number_that_is_none_never_passes(bad):
    sound, broken = np.ones(3), np.array([1.0, bad, 1.0])
    for gap in (lambda a, b: parity.gap(a, b, 1e-10, 1e-12), parity.scaled_gap):
        assert gap(sound, sound) == 0
        assert gap(broken, sound) == math.inf
        assert not gap(sound, broken) < 1e-3
        assert gap(np.ones(2), sound) == math.inf


def test_gap_is_at_most_the_bound_exactly_where_allclose_holds():
    rng = np.random.default_rng(0)
    b = rng.normal(size=1000) * 10.0 ** rng.integers(-15, 3, 1000)
    a = b + rng.normal(size=1000) * 2e-12 + b * rng.normal(size=1000) * 2e-10
    for one, other in zip(a, b, strict=True):
        close = abs(one - other) <= 1e-12 + 1e-10 * abs(other)
        assert (parity.gap(np.array([one]), np.array([other]), 1e-10, 1e-12) <= 1e-10) == close
