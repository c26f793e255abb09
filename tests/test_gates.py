"""The gates are tested: a right port passes, and each of these faults is caught, at the gate that it belongs to."""

from __future__ import annotations

import importlib.util
import inspect
import math
from functools import cache
from types import ModuleType

import numpy as np
import pytest
from workbench import make, small

from harness import verify
from harness.catalogue import lessons, load_lesson
from harness.trace import trace
from harness.verify import Traced

torch = pytest.importorskip("torch")
from torch.nn.functional import avg_pool2d, gelu, max_pool2d  # noqa: E402

from impls.learners import torch_learner  # noqa: E402

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


def torch_net(name: str) -> type:
    return importlib.import_module(lessons()[name].module("torch")).Net


def ported(name: str, net: type, module: ModuleType = torch_learner) -> dict[str, Traced]:
    """What a port to PyTorch does: this net, trained by this module's learner."""
    options = {"mode": "eager", "device": "cpu"}
    return traced(name, {dtype: module.Learner(load_lesson(name), net, dtype=dtype, **options) for dtype in DTYPES})


def convolve(h, layer, pool):
    return torch.relu(pool(layer(h), 2))


class PoolLast(torch_net("cnn")):
    """A right port in another order: the maximum of rectified values is the rectified maximum."""

    def forward(self, x):
        h = max_pool2d(torch.relu(self.conv1(x.permute(0, 3, 1, 2))), 2)
        h = max_pool2d(torch.relu(self.conv2(h)), 2)
        return self.head(h.permute(0, 2, 3, 1).flatten(1))


class MeanPool(torch_net("cnn")):
    def forward(self, x):
        h = convolve(x.permute(0, 3, 1, 2), self.conv1, max_pool2d)
        h = convolve(h, self.conv2, avg_pool2d)
        return self.head(h.permute(0, 2, 3, 1).flatten(1))


class ChannelsFirstFlatten(torch_net("cnn")):
    def forward(self, x):
        h = convolve(x.permute(0, 3, 1, 2), self.conv1, max_pool2d)
        return self.head(convolve(h, self.conv2, max_pool2d).flatten(1))


class NoBias(torch_net("relu_mlp")):
    def __init__(self):
        super().__init__()
        self.head.bias = None


class Surplus(torch_net("relu_mlp")):
    def __init__(self):
        super().__init__()
        self.surplus = torch.nn.Linear(3, 3)


class OtherActivation(torch_net("relu_mlp")):
    def forward(self, x):
        return self.head(gelu(self.hidden(x)))


class FrozenBias(torch_net("relu_mlp")):
    """Its gradient is zero: outputs and loss of the first step are right."""

    def forward(self, x):
        hidden = torch.nn.functional.linear(x, self.hidden.weight, self.hidden.bias.detach() + 0 * self.hidden.bias)
        return self.head(torch.relu(hidden))


class SinglePrecision(torch_net("relu_mlp")):
    """Right in float32; in float64 it rounds on the way."""

    def forward(self, x):
        return self.head(torch.relu(self.hidden(x)).float().to(x.dtype))


@pytest.mark.parametrize("name", ["linear_regression", "softmax_regression", "relu_mlp", "cnn", "rnn"])
def test_a_right_port_passes_every_gate(name):
    assert failures(name, ported(name, torch_net(name))) == []


def test_a_right_port_in_another_order_passes():
    assert failures("cnn", ported("cnn", PoolLast)) == []


@pytest.mark.parametrize(
    ("name", "net", "first"),
    [
        ("relu_mlp", NoBias, "G0 shape head.bias"),
        ("relu_mlp", Surplus, "G0 shape surplus.kernel"),
        ("relu_mlp", OtherActivation, "G1 outputs"),
        ("relu_mlp", FrozenBias, "G1 gradient hidden.bias"),
        ("relu_mlp", SinglePrecision, "G1 outputs"),
        ("cnn", MeanPool, "G1 outputs"),
        ("cnn", ChannelsFirstFlatten, "G1 outputs"),
    ],
)
def test_a_fault_in_a_net_is_caught(name, net, first):
    assert failures(name, ported(name, net))[0] == first


@pytest.mark.parametrize(
    ("name", "sound", "faulty", "first"),
    [
        ("linear_regression", "lr=learning_rate, mom", "lr=1.02 * learning_rate, mom", "G0 optimiser head.kernel"),
        ("linear_regression", "momentum=momentum", "weight_decay=1e-4", "G0 optimiser head.kernel"),
        ("cnn", "momentum=momentum", "momentum=momentum, dampening=0.1", "G0 optimiser conv1.kernel"),
        ("relu_mlp", "decay, eps=epsilon", "decay, eps=2 * epsilon", "G0 optimiser hidden.kernel"),
        ("rnn", "beta2), eps=epsilon", "beta2), eps=2 * epsilon", "G0 optimiser rnn.0.cell.kernel"),
        ("relu_mlp", "alpha=decay", "alpha=0.99", "G0 optimiser hidden.kernel"),
        ("softmax_regression", "label_smoothing=smoothing", "label_smoothing=0.02", "G1 loss"),
        ("linear_regression", "return factor * func", "return func", "G1 loss"),
        ("softmax_regression", "enumerate(order)", "enumerate(order.flip(0))", "G2 loss of 200 steps"),
        ("softmax_regression", "enumerate(order)", "enumerate(order[:-1])", "G2 loss of 200 steps"),
    ],
)
def test_a_fault_in_a_learner_is_caught(name, sound, faulty, first, tmp_path):
    """Learning rate, decay, momentum, epsilon, smoothing, factor, batch order, a batch left out."""
    source = inspect.getsource(torch_learner)
    assert source.count(sound) == 1
    path = tmp_path / "faulty_learner.py"
    path.write_text(source.replace(sound, faulty), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("faulty_learner", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert failures(name, ported(name, torch_net(name), module))[0] == first


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
        assert compared == dict.fromkeys(("G1", "G2", "G3"), "unchecked")
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
    for gap in (lambda a, b: verify.gap(a, b, 1e-10, 1e-12), verify.scaled_gap):
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
        assert (verify.gap(np.array([one]), np.array([other]), 1e-10, 1e-12) <= 1e-10) == close
