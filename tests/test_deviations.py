"""What is known to deviate: entries are sane, cover what they say, let nothing else pass, and are missed once gone."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from harness.catalogue import absence, frameworks, lessons, load_lesson
from harness.gates import deviations, verify
from harness.gates.equality import verify_lessons
from harness.jobs import usual_limits
from harness.plan import PROFILES, Cell, Options
from harness.setting import Setting
from impls.deviations import DEVIATIONS, LOSS, Deviation, Seen
from impls.spec import CONVEX, Tolerances

LESSON = "linear_regression"
CELL = Cell(LESSON, "torch", "eager")
KNOWN = Deviation(
    LESSON, ("torch",), "G3", "float32", (LOSS,), 1e-3, "made up", "https://a", (Seen("torch", "eager", 0),)
)
PLANTED = """
DEVIATIONS += (
    Deviation("{}", ("torch",), "G2", "float64", (LOSS,), 1e-6, "made up", ROUNDING, (Seen("torch", "eager", 0),)),
)
"""


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """One made-up deviation in place of the real ones, but for the tests that are about those."""
    monkeypatch.setattr(deviations, "DEVIATIONS", (KNOWN,))


def row(gap: float, **other: str) -> dict:
    """A gate's row with the usual bound 1e-5."""
    names = {"trace_dtype": "float32", "reference": "numpy", "gate": "G3", "quantity": LOSS} | other
    return names | {"gap": gap, "bound": 1e-5, "verdict": "pass" if gap <= 1e-5 else "fail"}


def verdicts(cell: Cell, gap: float, **other: str) -> tuple[str, float, list[str]]:
    """Verdict and bound of the settled gate, and the verdicts of the rows of deviations.csv."""
    (settled,), concerned = deviations.judged(cell, [row(gap, **other)])
    return settled["verdict"], settled["bound"], [each["verdict"] for each in concerned]


def test_what_is_known_passes_within_its_bound_alone():
    assert verdicts(CELL, 5e-4) == ("deviates", 1e-3, ["deviates"])
    assert verdicts(CELL, 2e-3) == ("fail", 1e-3, ["fail"])
    assert verdicts(CELL, float("inf")) == ("fail", 1e-3, ["fail"])
    settled, concerned = deviations.judged(CELL, [row(5e-4), row(0, quantity="predictions")])
    assert verify.summary(settled) == ("pass", "")
    assert concerned[0] | {"usual_bound": 1e-5, "bound": 1e-3, "reason": "made up", "link": "https://a"} == concerned[0]


@pytest.mark.parametrize(
    ("cell", "other"),
    [
        (replace(CELL, framework="jax", mode="scan"), {}),
        (replace(CELL, lesson="linear_unit"), {}),
        (CELL, {"gate": "G2"}),
        (CELL, {"trace_dtype": "float64"}),
        (CELL, {"quantity": "predictions"}),
        (CELL, {"reference": "known answer"}),
    ],
)
def test_it_covers_nothing_else(cell, other):
    assert verdicts(cell, 5e-4, **other) == ("fail", 1e-5, [])


def test_what_was_seen_and_is_within_the_usual_bound_is_gone():
    assert verdicts(CELL, 1e-6) == ("pass", 1e-5, ["gone"])
    _, rows = deviations.judged(CELL, [row(1e-6)])
    (sentence,) = deviations.sentences(rows)
    assert deviations.any_gone(rows)
    assert "remove from impls/deviations.py the entry of linear_regression for G3 float32" in sentence


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"mode": "compiled"}, {"profile": "full"}, {"device": "gpu"}, {"learning_rate": 0.1}]
)
def test_where_it_was_not_seen_it_may_pass(other):
    assert verdicts(replace(CELL, **other), 1e-6) == ("pass", 1e-5, ["pass"])
    _, rows = deviations.judged(replace(CELL, **other), [row(1e-6)])
    assert (deviations.any_gone(rows), list(deviations.sentences(rows))) == (False, [])


def test_what_could_not_be_compared_stays_unchecked():
    nothing = row(float("nan")) | {"verdict": "unchecked"}
    settled, rows = deviations.judged(CELL, [nothing])
    assert settled == [nothing]
    assert [each["verdict"] for each in rows] == ["unchecked"]


def test_tolerances_are_loosened_for_the_frameworks_that_deviate():
    numpy = Cell(LESSON, "numpy", "eager")
    assert deviations.tolerances(numpy) == load_lesson(LESSON).tolerances
    loosened = replace(load_lesson(LESSON).tolerances, trajectory_loss_float32=1e-3)
    assert deviations.tolerances(CELL) == deviations.tolerances(numpy, "torch") == loosened


@pytest.mark.parametrize("entry", DEVIATIONS, ids=lambda entry: f"{entry.lesson} {entry.gate} {entry.quantities[0]}")
def test_an_entry_is_sane(entry):
    assert entry.lesson in lessons()
    assert entry.bound > getattr(load_lesson(entry.lesson).tolerances, entry.tolerance)
    assert set(entry.frameworks) < set(frameworks())
    assert entry.link.startswith("https://")
    assert "largest gap" in entry.reason
    assert entry.quantities
    for seen in entry.seen:
        assert seen.framework in entry.frameworks
        assert seen.mode in frameworks()[seen.framework].modes
        assert seen.profile in PROFILES
    assert entry.seen, "one that is seen nowhere is never missed"


def test_no_two_entries_cover_the_same():
    covered = [
        (each.lesson, framework, each.gate, each.trace_dtype, quantity)
        for each in DEVIATIONS
        for framework in each.frameworks
        for quantity in each.quantities
    ]
    assert len(covered) == len(set(covered))


def test_lessons_state_no_looser_tolerance():
    for name in lessons():
        bounds = vars(load_lesson(name).tolerances)
        assert all(bounds[field] <= usual for field, usual in vars(Tolerances()).items() if "steps" not in field), name
        if load_lesson(name).tolerances.whole_float32:
            assert bounds["trajectory_loss_float32"] <= CONVEX.trajectory_loss_float32, name


class Silent:
    """Is told how a run gets on, and says nothing."""

    def planned(self, children): ...
    def started(self, child): ...
    def ended(self, child, ending): ...
    def left(self, child): ...


@pytest.mark.skipif(bool(absence(LESSON, "jax")), reason="JAX is not installed")
def test_a_deviation_is_seen_where_it_is_said_to_be(monkeypatch, tmp_path):
    monkeypatch.setattr(deviations, "DEVIATIONS", DEVIATIONS)
    (entry,) = [each for each in DEVIATIONS if each.lesson == LESSON]
    seen = next(each for each in entry.seen if each.framework == "jax")
    options = Options(lesson=(LESSON,), framework=("numpy", "jax"), seed=(seen.seed,))
    found = verify_lessons(options, Setting(tmp_path, usual_limits(seen.profile), Silent()))
    assert [each.verdict for each in found] == ["pass", "pass"]
    rows = pd.read_csv(tmp_path / "deviations.csv")
    assert rows[["framework", "quantity", "verdict"]].to_numpy().tolist() == [["jax", LOSS, "deviates"]]
    assert rows["usual_bound"][0] < rows["gap"][0] <= rows["bound"][0] == entry.bound
    gates = pd.read_csv(tmp_path / "equality.csv").query("verdict == 'deviates'")
    assert gates[["framework", "gate", "bound"]].to_numpy().tolist() == [["jax", "G3", entry.bound]]


@pytest.mark.skipif(bool(absence(LESSON, "torch")), reason="PyTorch is not installed")
def test_a_stale_entry_fails(workshop, tmp_path):
    """In a run, which is all well otherwise, and for the folder of a user's own."""
    own = tmp_path / "mine"
    assert workshop.lessonbench("new", own, "--like", LESSON).returncode == 0
    for name in ("keras", "jax"):
        (own / f"mine_{name}.py").unlink()
    with (workshop.impls / "deviations.py").open("a", encoding="utf-8") as file:
        file.write(PLANTED.format(LESSON) + PLANTED.format("mine"))
    words = ("--lesson", LESSON, "--framework", "numpy", "--framework", "torch", "--out", tmp_path / "run")
    done, verified = workshop.lessonbench("run", *words), workshop.lessonbench("verify", own, "--out", tmp_path / "out")
    for name, found, said in ((LESSON, done, done.stderr), ("mine", verified, verified.stdout)):
        assert found.returncode == 1
        assert f"remove from impls/deviations.py the entry of {name} for G2 float64" in " ".join(said.split())
    assert set(pd.read_csv(tmp_path / "run" / "cells.csv")["status"]) == {"ok"}
    for place in ("run", "out"):
        assert "gone" in set(pd.read_csv(tmp_path / place / "deviations.csv")["verdict"])
    benched = workshop.lessonbench.pytest("--benchmark", *words[:-2], "--lesson-out", tmp_path / "bench")
    assert benched.returncode == 1
    assert "1 failed, 1 passed" in benched.stdout


@pytest.mark.skipif(bool(absence("linear_unit", "torch")), reason="PyTorch is not installed")
def test_a_copy_under_another_name_keeps_what_it_needs(monkeypatch, lessonbench, tmp_path):
    monkeypatch.setattr(deviations, "DEVIATIONS", DEVIATIONS)
    own = tmp_path / "mine"
    assert lessonbench("new", own, "--like", "linear_unit").returncode == 0
    for name in ("keras", "jax"):
        (own / f"mine_{name}.py").unlink()
    found = lessonbench("verify", own, "--seed", "7", "--out", tmp_path / "out")
    assert found.returncode == 0, found.stdout + found.stderr
    bound = deviations.tolerances(Cell("linear_unit", "torch", "eager")).trajectory_loss_float32
    rows = pd.read_csv(tmp_path / "out" / "equality.csv").query(f"gate == 'G3' and quantity == '{LOSS}'")
    assert rows[["lesson", "bound"]].to_numpy().tolist() == [["mine", bound], ["mine-long", bound]]
