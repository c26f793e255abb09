"""A new lesson is one folder, a new framework is one file and its lesson files; nothing else is edited."""

from __future__ import annotations

import json

import pandas as pd


def test_a_lesson_and_a_framework_are_added_by_adding_files(workshop, tmp_path):
    """The lesson is the regression at another learning rate; the framework is NumPy under another name."""
    learners, sound = workshop.impls / "learners", workshop.impls / "lines" / "linear_regression"
    folder = workshop.impls / "lines" / "slow_regression"
    folder.mkdir()
    numbers = (sound / "lesson.py").read_text(encoding="utf-8")
    assert "learning_rate=0.03" in numbers
    slow = numbers.replace("learning_rate=0.03", "learning_rate=0.02").replace("target=0.001", "target=0.1")
    (folder / "lesson.py").write_text(slow, encoding="utf-8")
    net = (sound / "linear_regression_numpy.py").read_text(encoding="utf-8")
    (folder / "slow_regression_numpy.py").write_text(net, encoding="utf-8")

    learner = (learners / "numpy_learner.py").read_text(encoding="utf-8")
    (learners / "abacus_learner.py").write_text(learner, encoding="utf-8")
    (folder / "slow_regression_abacus.py").write_text(net, encoding="utf-8")

    listed = workshop.lessonbench("list", "--lesson", "slow_regression", "--json")
    found = {row["framework"]: row["status"] for row in map(json.loads, listed.stdout.splitlines())}
    assert found["numpy"] == found["abacus"] == "ready"
    assert set(found.values()) == {"ready", "missing"}

    out = tmp_path / "out"
    frameworks = ("--framework", "numpy", "--framework", "abacus")
    done = workshop.lessonbench("run", "--lesson", "slow_regression", *frameworks, "--out", out)
    assert done.returncode == 0, done.stderr
    cells = pd.read_csv(out / "cells.csv")
    assert list(cells["framework"]) == ["numpy", "abacus"]
    assert set(cells["status"]) == {"ok"}
    gates = pd.read_csv(out / "equality.csv").query("framework == 'abacus' and reference == 'numpy'")
    assert {"G0", "G1", "G2", "G3"} == set(gates["gate"])
