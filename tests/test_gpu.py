"""What a GPU is to the harness and to the learners, without one: devices that are faked at the learner's border.

To the harness it is a queue that works on when the call has returned; to a learner, another name of a device.
"""

from __future__ import annotations

import importlib
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from workbench import make, modes_here, small

from harness.catalogue import load_lesson, missing_packages
from harness.csv_tables import read_table
from impls.spec import NATIVE, batch_order, initial_weights

LATE_S = 0.05
QUEUE = f"""

import time
from concurrent.futures import Future, ThreadPoolExecutor

Host, queue = Learner, ThreadPoolExecutor(1)


class Learner:
    def __init__(self, lesson, net_class, *, mode, device, dtype):
        self._host, self._late = Host(lesson, net_class, mode=mode, device="cpu", dtype=dtype), device == "gpu"
        self._latest = None

    def __getattr__(self, name):
        self.wait()
        return getattr(self._host, name)

    def put(self, array):
        return self._queued(self._host.put, array).result()

    def get(self, native):
        return self._host.get(native.result() if isinstance(native, Future) else native)

    def wait(self):
        if self._latest:
            self._latest.result()

    def step(self, x, y):
        return self._queued(self._host.step, x, y)

    def train_epoch(self, x, y, order):
        return self._queued(self._host.train_epoch, x, y, order)

    def predict(self, x):
        return self._queued(self._host.predict, x)

    def _queued(self, work, *inputs):
        def later():
            time.sleep({LATE_S} if self._late else 0)
            return work(*inputs)

        self._latest = queue.submit(later)
        return self._latest
"""
ON_GPU = ("--lesson", "linear_regression", "--framework", "numpy", "--device", "gpu")


@pytest.fixture
def queued(workshop):
    """The command line, where NumPy has a device that works on by itself and takes its time."""
    learner = workshop.impls / "learners" / "numpy_learner.py"
    learner.write_text(learner.read_text(encoding="utf-8") + QUEUE, encoding="utf-8")
    return workshop.lessonbench


def test_a_clock_stops_when_the_device_has_finished(queued, tmp_path):
    done = queued("run", *ON_GPU, "--device", "cpu", "--out", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    cells = read_table(tmp_path, "cells.csv").set_index("device")
    assert list(cells["status"]) == ["ok", "ok"]
    assert cells.loc["gpu", "first_step_s"] >= LATE_S
    epoch = cells.loc["gpu", "train_examples"] // cells.loc["gpu", "batch"] * cells.loc["gpu", "batch"]
    samples = read_table(tmp_path, "samples.csv")
    of_one_call = {"train": epoch, "predict": cells.loc["gpu", "test_examples"]}
    assert set(samples["quantity"]) == set(of_one_call)
    for (quantity, device), taken in samples.groupby(["quantity", "device"]):
        waited_for = taken["wall_s"] >= LATE_S * taken["examples"] / of_one_call[quantity]
        assert waited_for.all() == (device == "gpu"), quantity


def test_a_gpu_is_held_against_the_cpu(queued, tmp_path):
    queued("run", *ON_GPU, "--out", tmp_path)
    gates = read_table(tmp_path, "equality.csv")
    assert set(gates["device"]) == {"gpu"}
    assert {"G1", "G2", "G3"} <= set(gates[gates["reference"] == "numpy"]["gate"])
    assert set(gates["verdict"]) <= {"pass", "reported"}


def test_throughput_waits_for_each_call(queued, tmp_path):
    done = queued("throughput", *ON_GPU, "--batch", 1, "--samples", 2, "--out", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = read_table(tmp_path, "throughput.csv").set_index(["job", "batch"])
    assert set(rows["status"]) <= {"ok", "contended"}
    assert (rows["first_call_s"] >= LATE_S).all()
    assert rows.loc[("predict", 1), "latency_median_s"] >= LATE_S
    assert rows.loc[("transfer", slice(None)), "examples_per_s"].max() <= 1e4 / LATE_S
    assert rows["share"].isna().all()  # the roofline is the processor's


# --- the learners ----------------------------------------------------------------------------------------------


class Renamed(ModuleType):
    """A module with some of its names replaced."""

    def __init__(self, module: ModuleType, **names: Any) -> None:
        super().__init__(module.__name__)
        self.__dict__.update(names, _module=module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


@pytest.fixture
def waits(monkeypatch):
    """Give PyTorch and JAX a GPU that is the CPU; a list that grows each time that PyTorch waits for it."""
    waited: list[None] = []
    if not missing_packages("torch"):
        import torch

        cuda = SimpleNamespace(is_available=lambda: True, synchronize=lambda: waited.append(None))
        renamed = Renamed(torch, cuda=cuda, device=lambda name: torch.device({"cuda": "cpu"}.get(name, name)))
        monkeypatch.setattr(importlib.import_module("impls.learners.torch_learner"), "torch", renamed)
    if not missing_packages("jax"):
        import jax

        devices = jax.devices
        monkeypatch.setattr(jax, "devices", lambda name: devices({"gpu": "cpu"}.get(name, name)))
    return waited


@pytest.mark.parametrize("name", ["softmax_regression", "cnn"])
@pytest.mark.parametrize(
    ("framework", "mode"), [(name, mode) for name in ("torch", "jax") for mode in modes_here(name) if mode != NATIVE]
)
def test_a_learner_on_a_gpu_does_what_it_does_on_the_cpu(waits, framework, mode, name):
    lesson, losses = load_lesson(name), {}
    data, weights = small(lesson, "float64"), initial_weights(lesson, 0, "float64")
    rows = batch_order(len(data.x_train), lesson.batch, 1, 0)[0, :3]
    for device in ("cpu", "gpu"):
        learner = make(name, framework, mode, device=device)
        learner.load(weights)
        x, y = learner.put(data.x_train), learner.put(data.y_train)
        native = learner.train_epoch(x, y, learner.put(rows))
        assert not waits
        learner.wait()
        assert len(waits) == (framework == "torch" and device == "gpu")
        losses[device] = learner.get(native)
    np.testing.assert_allclose(losses["gpu"], losses["cpu"], rtol=1e-12)
