"""A run's plan by what is installed; its order: followed, judged, timed, exported; and what its progress is told."""

from __future__ import annotations

import importlib.util

import pytest

from harness.catalogue import absence
from harness.child import Child, Ending
from harness.folder import RunFolder
from harness.jobs import Launcher, usual_limits
from harness.plan import Options, make_plan


class Told:
    """A progress that keeps what it is told."""

    def __init__(self) -> None:
        self.plans: list[int] = []
        self.ends: list[str] = []

    def planned(self, children: int) -> None:
        self.plans.append(children)

    def started(self, child: Child) -> None:
        """Not kept."""

    def ended(self, child: Child, ending: Ending) -> None:
        self.ends.append(f"{child.name} {ending.status}")

    def left(self, child: Child) -> None:
        """Not kept."""


def test_cells_are_timed_in_a_shuffled_order_that_is_always_the_same(tmp_path, monkeypatch):
    cells = make_plan(Options(lesson=("linear_regression",), framework=("numpy",), seed=tuple(range(20))))
    orders: list[list[str]] = []
    monkeypatch.setattr(
        "harness.jobs.run_in_turn", lambda children, *_, **__: orders.append([c.name for c in children])
    )
    for _ in range(2):
        Launcher(RunFolder(tmp_path), usual_limits("quick"), {}, Told()).time(cells)
    planned = [f"{cell.name}.train" for cell in cells]
    assert orders[0] == orders[1] != planned
    assert sorted(orders[0]) == sorted(planned)


def test_what_is_refused_is_neither_timed_nor_exported_and_told_once(tmp_path, monkeypatch):
    sound, broken = make_plan(Options(lesson=("linear_regression",), framework=("numpy",), seed=(0, 1)))
    order: list[tuple[str, list[str]]] = []

    def together(_, kind: str, works: dict) -> None:
        order.append((kind, [cell.name for cell in works]))

    def in_turn(children: list[Child], *_: object, **__: object) -> None:
        order.append(("train", [child.name for child in children]))

    monkeypatch.setattr(Launcher, "_together", together)
    monkeypatch.setattr("harness.jobs.run_in_turn", in_turn)
    told = Told()
    launcher = Launcher(RunFolder(tmp_path), usual_limits("quick"), {}, told)

    def judge() -> dict:
        order.append(("judge", []))
        return {broken: "G0 is not as it should be"}

    launcher.launch([sound, broken], judge)
    assert [kind for kind, _ in order] == ["trace", "judge", "train", "export", "onnx"]
    assert dict(order)["trace"] == [sound.traced.name, broken.traced.name]
    assert dict(order)["train"] == [f"{sound.name}.train"]
    assert dict(order)["export"] == []  # none was trained
    assert launcher.endings == {f"{broken.name}.train": Ending("unequal", "G0 is not as it should be")}
    assert told.ends == [f"{broken.name}.train unequal"]
    assert told.plans == [8, 6, 4]  # two traces and trainings; an export and its check of two cells, one, none


NO_TENSORFLOW = "not installed: tensorflow (pip install 'lessonbench[keras]')"


@pytest.mark.parametrize(
    ("installed", "net", "function"),
    [
        ({"keras", "tensorflow", "jax", "torch"}, ("graph", ""), ("graph", "")),
        ({"keras", "jax", "torch"}, ("on_jax", ""), ("graph", NO_TENSORFLOW)),
        ({"keras", "torch"}, ("on_torch", ""), ("graph", NO_TENSORFLOW)),
        ({"keras"}, ("graph", NO_TENSORFLOW), ("graph", NO_TENSORFLOW)),
    ],
)
def test_keras_runs_on_the_first_backend_that_is_installed(installed, net, function, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name in installed else None)
    cells = make_plan(Options(lesson=("cnn", "grid_search"), framework=("keras",)))
    found = {cell.lesson: (cell.mode, absence(cell.lesson, "keras", cell.mode)) for cell in cells}
    assert found == {"cnn": net, "grid_search": function}


def test_a_backend_that_is_missing_is_named_with_what_brings_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jax" else name)
    assert absence("cnn", "keras", "on_jax") == "not installed: jax (pip install 'lessonbench[keras,jax]')"
    assert absence("cnn", "jax") == "not installed: jax (pip install 'lessonbench[jax]')"
