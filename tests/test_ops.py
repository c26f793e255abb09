"""``lessonbench ops``: an operation in every framework, made of the code and of a run; and what a run leaves."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from harness.catalogue import frameworks
from harness.csv_tables import COLUMNS, read_table
from harness.operations import calls, timing_rows
from harness.views.operations import found

ALL = tuple(frameworks())


@pytest.fixture(scope="module")
def measured(make_workshop, tmp_path_factory):
    """A run of one lesson of operations."""
    folder = tmp_path_factory.mktemp("measured")
    make_workshop().lessonbench(
        "run", "--lesson", "clipping", "--framework", "numpy", "--framework", "torch", "--out", folder
    )
    return folder


def test_words_are_looked_for_in_names_meanings_and_calls():
    by_meaning, by_call, by_name = (
        found(words, None) for words in (["GATHER along"], ["torch.gather(x, axis"], ["gather"])
    )
    assert {row["operation"] for row in by_call} == {"gather"}
    for rows in (by_meaning, by_name):
        assert [row["framework"] for row in rows if row["operation"] == "gather"] == list(ALL)


def test_one_command_shows_calls_and_what_happens_out_of_range(lessonbench):
    """For a reader who knows PyTorch alone."""
    answer = lessonbench("ops", "gather", "along", "an", "axis", env={"COLUMNS": "200"})
    assert answer.returncode == 0, answer.stderr
    for call in ("np.take_along_axis", "jnp.take_along_axis", "ops.take_along_axis", "torch."):
        assert call in answer.stdout
    assert "beyond" in answer.stdout or "out of range" in answer.stdout
    assert "https://" in answer.stdout


def test_csv_has_a_row_for_each_framework(lessonbench):
    rows = list(csv.DictReader(io.StringIO(lessonbench("ops", "--csv").stdout)))
    assert len(rows) >= 80 * len(ALL)
    assert all(row["call"] for row in rows)
    names = [(row["operation"], row["framework"]) for row in rows]
    assert len(set(names)) == len(names)


def test_bad_input_is_told_in_one_sentence(lessonbench, tmp_path):
    nonsense = lessonbench("ops", "no", "such", "thing")
    assert (nonsense.returncode, nonsense.stderr.count("\n")) == (2, 1)
    assert "'no such thing'" in nonsense.stderr
    empty = lessonbench("ops", "floor", "--run", tmp_path)
    assert (empty.returncode, empty.stderr.count("\n")) == (2, 1)
    assert str(tmp_path) in empty.stderr


def test_a_call_is_what_the_source_says():
    assert calls("clipping", "numpy")["floor"] == "np.floor(x)"
    assert calls("clipping", "torch")["clip"] == "torch.clamp(x, low, high)"


def test_a_run_times_every_operation_at_both_sizes(measured):
    table = read_table(measured, "operations.csv")
    assert tuple(table.columns) == COLUMNS["operations.csv"]
    for _, rows in table.groupby(["framework", "operation"]):
        assert len(rows) == rows["numbers"].nunique() == 2
    assert (table["call_s"] > 0).all()
    assert (table["low"] <= table["call_s"]).all()
    assert (table["call_s"] <= table["high"]).all()
    assert (table[table["framework"] == "torch"]["gap_float64"] == 0).all()
    assert table[table["framework"] == "numpy"]["gap_float64"].isna().all()


def test_its_figures_stand_below_the_calls(measured):
    rows = [row for row in found(["floor"], measured) if row["operation"] == "floor"]
    by_name = {row["framework"]: row for row in rows}
    assert by_name["torch"]["result"] == by_name["numpy"]["result"] == "float32"
    assert by_name["numpy"]["eager_s"] < by_name["numpy"]["larger_eager_s"]
    assert "compiled_s" not in by_name["numpy"]


def test_medians_are_of_sound_samples():
    timing = {
        "operation": "floor",
        "way": "eager",
        "numbers": 4,
        "result": "float32",
        "first_call_s": 1.0,
        "examples": 10,
    }
    timing |= {"wall_s": [1.0, 2.0, 30.0], "cpu_s": [1.0, 2.0, 15.0], "waited_s": [0, 0, 15.0]}
    gate = {"gate": "G1", "trace_dtype": "float64", "quantity": "floor", "gap": 3e-16}
    (row,) = timing_rows({"operations": [timing]}, [gate])
    assert row["call_s"] == pytest.approx(0.15)
    assert row["dropped"] == pytest.approx(1 / 3)
    assert (row["gap_float64"], "gap_float32" in row) == (3e-16, False)
    assert set(row) <= set(COLUMNS["operations.csv"])
    assert np.isfinite([row["low"], row["high"]]).all()
