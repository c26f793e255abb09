"""``lessonbench ops``: an operation in every framework, made of the code and of a run; and what a run leaves."""

from __future__ import annotations

import ast
import builtins
import csv
import io
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from textwrap import indent

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from test_operations import LESSONS, OTHERS, function_of, outcome

from harness.catalogue import REFERENCE, ROOT, UsageError, absence, frameworks, load_lesson
from harness.csv_tables import COLUMNS, read_table, write_csv
from harness.operations import differences, edges, timing_rows
from harness.plan import Options, listing
from harness.sources import excerpts
from harness.speed.pooled import LEAST_VALUES
from harness.views.operation_figures import measured, time
from harness.views.operation_search import found, found_lessons
from harness.views.operations import csv_rows, operations_page, proof, told
from impls.operations import RAISES, Difference

ALL = tuple(frameworks())
EDGES = [(name, operation, place) for name, operation in found([]) for place in range(len(edges(name, operation)))]
HERE = {"threads": 1, "seed": 0, "profile": "quick", "device": "cpu", "dtype": "float32"}


@pytest.fixture(scope="module")
def run(make_workshop, tmp_path_factory):
    """A run of one lesson of operations."""
    folder = tmp_path_factory.mktemp("measured")
    make_workshop().lessonbench(
        "run", "--lesson", "clipping", "--framework", "numpy", "--framework", "torch", "--out", folder
    )
    return folder


@pytest.fixture
def made(tmp_path):
    """The folder of a run with these figures of ``floor`` in Keras, and with a processor."""

    def make(*rows):
        common = {"lesson": "clipping", "framework": "keras", "operation": "floor", "result": "float32", **HERE}
        write_csv(tmp_path / "operations.csv", "operations.csv", [common | row for row in rows])
        (tmp_path / "run.json").write_text('{"machine": {"processor": "Abacus 9"}}', encoding="utf-8")
        return tmp_path

    return make


def page(*words, folder=None, width=200):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(operations_page(found(words), folder))
    return console.export_text()


# --- search ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("one-hot", ["one_hot"]),
        ("Cross-Entropy", ["cross_entropy", "binary_cross_entropy"]),
        ("top-k", ["top_k"]),
        ("log-softmax", ["log_softmax"]),
        ("binary cross-entropy", ["binary_cross_entropy"]),
        ("matrix multiplication", ["matmul", "matmul_batched"]),
        ("absolute value", ["absolute"]),
        ("lower triangular", ["tril"]),
        ("element-wise", ["divide", "floor_divide"]),
        ("batched matrix", ["matmul_batched"]),
        ("running sum", ["cumulative_sum"]),
        ("indices out of range", ["index_select", "take_flat", "gather", "scatter"]),
        ("GATHER along", ["gather"]),
        ("torch.gather(x, axis", ["gather"]),
        ("max norm", ["norm_max"]),
        ("softmax", ["softmax", "log_softmax"]),
    ],
)
def test_the_fields_words_find_operations_the_best_match_first(words, first):
    assert [name for _, name in found(words.split())][: len(first)] == first


def test_what_has_a_word_within_another_comes_only_where_nothing_else_does():
    assert [name for _, name in found(["lu"])] == ["lu"]
    assert {"cumulative_sum", "cumulative_product"} == {name for _, name in found(["umsum"]) + found(["umprod"])}


def test_lessons_of_functions_are_found_by_their_titles(lessonbench):
    assert found_lessons(["PCA"]) == ["pca"]
    assert "pca" in found_lessons(["principal", "component"])
    assert found_lessons([]) == []
    answer = lessonbench("ops", "pca")
    assert (answer.returncode, answer.stdout) == (0, "pca is a lesson of functions: lessonbench show pca\n")


def test_bad_input_is_told_in_one_sentence(lessonbench, tmp_path):
    nonsense = lessonbench("ops", "no", "such", "thing")
    assert (nonsense.returncode, nonsense.stderr.count("\n")) == (2, 1)
    assert "'no such thing'" in nonsense.stderr
    empty = lessonbench("ops", "floor", "--run", tmp_path)
    assert (empty.returncode, empty.stderr.count("\n")) == (2, 1)
    assert str(tmp_path) in empty.stderr
    (tmp_path / "operations.csv").write_text("lesson,operation\n", encoding="utf-8")
    with pytest.raises(UsageError, match="of this version"):
        measured(tmp_path)


# --- calls -------------------------------------------------------------------------------------------------------


def test_a_call_is_what_the_source_says():
    assert excerpts("clipping", "numpy")["floor"].call == "np.floor(x)"
    assert excerpts("clipping", "torch")["clip"].call == "torch.clamp(x, low, high)"


def test_calls_have_the_names_that_a_reader_can_look_up():
    assert excerpts("selection", "keras")["gather"].call == "keras.ops.take_along_axis(x, indices, axis)"
    assert excerpts("probabilities", "torch")["kl_divergence"].call.startswith("torch.nn.functional.kl_div(")
    assert excerpts("probabilities", "jax")["entropy"].call == "jnp.sum(jax.scipy.special.entr(p), axis=-1)"
    assert excerpts("products", "keras")["kronecker"].call == "tensorflow.experimental.numpy.kron(p, q)"


@pytest.mark.parametrize("framework", ALL)
def test_every_name_of_a_call_is_a_package_an_argument_or_defined_with_it(framework):
    packages = {"np", "jnp", "tf", "torch", "keras", "jax", "optax", "math", "functools", "tensorflow"}
    for name in LESSONS:
        for operation, excerpt in excerpts(name, framework).items():
            arranged = load_lesson(name).operations[operation]
            body = indent(excerpt.call, "    ")
            source = "\n".join(
                [*excerpt.helpers, f"def {operation}({', '.join([*arranged.inputs, *arranged.arguments])}):", body]
            )
            nodes = list(ast.walk(ast.parse(source)))
            known = packages | set(dir(builtins))
            known |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
            known |= {node.arg for node in nodes if isinstance(node, ast.arg)}
            known |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
            used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
            assert used <= known, (name, operation)


def test_comments_and_helpers_stand_with_the_call():
    scatter, gradient = excerpts("selection", "keras")["scatter"], excerpts("autodiff", "jax")["custom_gradient"]
    assert "full coordinates" in scatter.comments[0]
    assert "gels alone" in " ".join(excerpts("decompositions", "torch")["least_squares"].comments)
    assert any(helper.startswith("@jax.custom_vjp\ndef _rounded(z):") for helper in gradient.helpers)
    assert any(helper.startswith("_rounded.defvjp(") for helper in gradient.helpers)
    shown = page("custom_gradient")
    assert "def _rounded(z):" in shown
    assert excerpts("filling", "numpy")["tril"].helpers == (), "an argument is no function of the same name"
    assert excerpts("reductions", "numpy")["any"].comments == (), "what tools are told is of no use to a reader"


# --- edges -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("framework", ALL)
def test_each_frameworks_column_speaks_of_indices_out_of_range(framework):
    for operation in ("gather", "scatter", "index_select", "take_flat"):
        (edge,) = (edge for edge in edges("selection", operation) if edge.where == "indices out of range")
        jax = {"gather": "[[nan]]", "index_select": "[[nan]]", "take_flat": "[nan]", "scatter": "[[1.0, 2.0]]"}[
            operation
        ]
        expected = {"numpy": "an error", "torch": "as NumPy, an error", "keras": "as NumPy, an error", "jax": jax}
        assert told(edge, framework).endswith(expected[framework])
    rows = [row for row in csv_rows([("selection", "gather")], None) if row["framework"] == framework]
    assert "indices out of range, as x = [[1.0, 2.0]], indices = [[2]], axis = 1: " in rows[0]["edges"]


@pytest.mark.parametrize(("name", "operation", "place"), EDGES)
def test_what_is_said_to_be_as_numpys_is(name, operation, place):
    """At the example of every edge: each framework gives what NumPy gives, in each way that no difference names."""
    edge = edges(name, operation)[place]
    inputs = {key: np.array(value) if isinstance(value, list) else value for key, value in edge.example.items()}
    compiles = load_lesson(name).operations[operation].compiles
    for framework in set(edge.agreeing) & set(OTHERS):
        for way in () if absence(name, framework) else edge.agreeing[framework]:
            if way == "eager" or compiles(way):
                result = outcome(name, operation, framework, inputs, mode=None if way == "eager" else way)
                assert Difference.same(result, edge.numpy), f"{framework} gives {result!r}, {way}"


def test_modes_of_a_difference_are_told():
    (edge, *_) = edges("selection", "gather")
    compiled = replace(edge.differing["jax"][0], frameworks=("keras",), modes=("xla",))
    edge = replace(edge, differing={"keras": (compiled,)}, numpy=RAISES)
    assert told(edge, "keras") == "[[nan]], compiled by XLA; otherwise as NumPy, an error"


def test_reasons_are_numbered_once():
    text = page("subnormal")
    numbered = re.findall(r"^\[\d+\] (.+?\(https)", text, flags=re.MULTILINE)
    assert len(numbered) > 2
    notes = re.findall(r"^\[(\d+)\]", text, flags=re.MULTILINE)
    assert notes == [str(number) for number in range(1, len(notes) + 1)]
    bodies = re.split(r"^\[\d+\] ", text.split("\nBelow the calls")[0], flags=re.MULTILINE)[1:]
    assert len({" ".join(body.split()) for body in bodies}) == len(notes)


@pytest.mark.parametrize(("lesson", "name"), [("selection", "gather"), ("selection", "sort"), ("clipping", "clip")])
def test_the_proof_selects_the_operations_tests_and_no_others(lesson, name):
    words = shlex.split(proof(lesson, name))
    command = [sys.executable, "-m", *words, "-q", "--collect-only", "-p", "no:cacheprovider"]
    answer = subprocess.run(command, cwd=ROOT.parent, capture_output=True, text=True, check=False)
    tests = re.findall(r"::(\w+)\[(.+)\]$", answer.stdout, flags=re.MULTILINE)
    ids = {which for _, which in tests}
    assert {f"{lesson}-{name}-{framework}" for framework in OTHERS} <= ids
    known = [which for test, which in tests if test == "test_what_differs_by_design_does"]
    assert len(known) == sum(len(each.frameworks) for each in differences(lesson) if name in each.operations)
    assert all(which.startswith(f"{lesson}-{name}-") or which == f"{lesson}-{name}" for which in ids - set(known))


# --- the page ----------------------------------------------------------------------------------------------------


def test_one_command_shows_calls_and_what_happens_out_of_range(lessonbench):
    """For a reader who knows PyTorch alone."""
    answer = lessonbench("ops", "gather", "along", "an", "axis")
    assert answer.returncode == 0, answer.stderr
    calls = ("np.take_along_axis(", "jnp.take_along_axis(", "keras.ops.take_along_axis(", "torch.gather(")
    for text in (*calls, "indices out of range", "https://", "proved by: pytest tests/test_operations.py -k "):
        assert text in answer.stdout
    assert answer.stdout.index("numpy") < answer.stdout.index("torch") < answer.stdout.index("keras")


@pytest.mark.parametrize("width", [60, 100, 170])
def test_nothing_is_cut_off_however_narrow_the_terminal(width):
    text = page("gather", width=width)
    assert "…" not in text
    column = [line.split("│")[2].strip() for line in text.splitlines() if line.count("│") > 3]
    assert "np.take_along_axis(x,indices,axis)" in "".join(column).replace(" ", "")


def test_the_lesson_of_interchange_tells_who_shares_memory():
    line = next(line for line in page("from_numpy_shared").splitlines() if "memory" in line and "│" in line)
    assert [cell.strip() for cell in line.split("│")[2:6]] == ["shared", "shared", "copied", "shared"]


def test_without_a_run_it_is_told_how_to_get_figures(monkeypatch, tmp_path):
    monkeypatch.setattr("harness.views.operation_figures.COMMITTED", tmp_path)
    text = page("floor")
    assert "Not measured here: lessonbench run --chapter tensors --out DIR, then --run DIR" in text
    assert "gap" not in text


def test_every_mode_and_size_has_its_own_figures(made):
    folder = made(
        {"mode": "graph", "way": "eager", "numbers": 2000, "call_s": 1e-6, "gap_float64": 0.0, "gap_float32": 3e-8},
        {"mode": "graph", "way": "compiled", "numbers": 2000, "call_s": 2e-6, "gap_float64": 0.0, "gap_float32": 3e-8},
        {"mode": "graph", "way": "compiled", "numbers": 5000, "call_s": 3e-3, "gap_float64": 0.0, "gap_float32": 3e-8},
        {"mode": "xla", "way": "compiled", "numbers": 2000, "call_s": 4e-6, "gap_float64": 5e-7, "gap_float32": 6e-7},
    )
    text = page("floor", folder=folder)
    for line in (
        "graph: float32, gap 0 and 3e-08",
        "2,000 numbers: eager 1 µs, compiled 2 µs",
        "5,000 numbers: compiled 3 ms",
        "xla: float32, gap 5e-07 and 6e-07",
        "2,000 numbers: compiled 4 µs",
    ):
        assert line in text
    assert "Measured on device cpu; dtype float32; threads 1; seed 0; Abacus 9" in " ".join(text.split())
    assert "Not measured" not in text


def test_settings_that_differ_are_told_apart(made):
    rows = [{"mode": "graph", "way": "eager", "numbers": 2000, "threads": n, "call_s": n * 1e-6} for n in (1, 2)]
    text = page("floor", folder=made(*rows))
    assert "graph, threads 1: float32" in text
    assert "graph, threads 2: float32" in text
    assert "threads 1, 2;" in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(2.5, "2.5 s"), (0.9996, "1 s"), (0.9994, "999 ms"), (1e-3, "1 ms"), (9.999e-4, "1 ms"), (1.5e-8, "0.015 µs")],
)
def test_times_have_three_digits_and_a_unit_that_fits(seconds, text):
    assert time(seconds) == text


# --- CSV, and the list -------------------------------------------------------------------------------------------


def test_csv_has_a_row_for_each_framework(lessonbench):
    rows = list(csv.DictReader(io.StringIO(lessonbench("ops", "--csv").stdout)))
    assert len(rows) >= 80 * len(ALL)
    assert all(row["call"] for row in rows)
    names = [(row["lesson"], row["operation"], row["framework"], row["mode"]) for row in rows]
    assert len(set(names)) == len(names)


def test_no_cell_of_the_csv_is_a_formula(lessonbench):
    """NumPy's entropy begins with a minus; and what has several lines is one."""
    rows = list(csv.DictReader(io.StringIO(lessonbench("ops", "entropy", "--csv").stdout)))
    calls = {(row["operation"], row["framework"]): row["call"] for row in rows}
    assert calls["entropy", "numpy"].startswith("'-np.sum(")
    assert not any(cell.startswith(("=", "+", "-", "@")) or "\n" in cell for row in rows for cell in row.values())


def test_the_list_ends_with_how_many_operations_there_are(workshop):
    total = sum(len(load_lesson(name).operations) for name in LESSONS)
    shown = len({row["lesson"] for row in listing(Options(chapter=("tensors",)))})
    answer = workshop.lessonbench("list", "--chapter", "tensors")
    assert f"{total} operations in {len(LESSONS)} of {shown} lessons; nothing is missing." in answer.stderr
    assert {line.split()[2] for line in answer.stdout.splitlines()[1:]} == {"operations", "functions"}
    (workshop.impls / "tensors" / "clipping" / "clipping_torch.py").unlink()
    lacking = workshop.lessonbench("list", "--chapter", "tensors")
    lack = len(load_lesson("clipping").operations)
    assert f"missing, of all operations in all frameworks: {lack}." in lacking.stderr
    (workshop.impls / "tensors" / "lda" / "lda_jax.py").unlink()
    lacking = workshop.lessonbench("list", "--chapter", "tensors")
    assert f"missing, of all operations in all frameworks: {lack}; missing lessons: lda in jax." in lacking.stderr


# --- what a run leaves -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LESSONS)
def test_of_every_operation_the_two_sizes_differ(name):
    """In the numbers that go in, or in those that come out."""
    lesson = load_lesson(name)
    for operation, arranged in lesson.operations.items():
        (few, given), (many, _) = (sizes(inputs, arranged) for inputs in (lesson.inputs(0), lesson.larger(0)))
        if many > few:
            continue
        assert arranged.larger, operation
        function = function_of(name, operation, REFERENCE)
        small, large = (arranged.bound(function, larger=larger)(*given) for larger in (False, True))
        assert large.size > small.size, operation


def sizes(inputs, arranged):
    given = [inputs[key] for key in arranged.inputs]
    return sum(array.size for array in given), given


def test_a_run_times_every_operation_at_both_sizes(run):
    table = read_table(run, "operations.csv")
    assert tuple(table.columns) == COLUMNS["operations.csv"]
    for _, rows in table.groupby(["framework", "operation"]):
        assert len(rows) == rows["numbers"].nunique() == 2
    assert (table["call_s"] > 0).all()
    sound = (table["samples"] * (1 - table["dropped"])).round()
    several = sound.where(sound > 0, table["samples"]) >= LEAST_VALUES
    assert ((table["low"] <= table["call_s"]) == several).all()
    assert ((table["call_s"] <= table["high"]) == several).all()
    assert (table[table["framework"] == "torch"]["gap_float64"] == 0).all()
    assert table[table["framework"] == "numpy"]["gap_float64"].isna().all()


def test_its_figures_stand_below_the_calls(run):
    figures = measured(run)
    (numpy,), (torch,) = (figures["clipping", "floor", framework] for framework in ("numpy", "torch"))
    assert torch["result"] == numpy["result"] == "float32"
    assert numpy["eager_s"] < numpy["larger_eager_s"]
    assert numpy["numbers"] < numpy["larger_numbers"]
    assert "compiled_s" not in numpy
    text = page("floor", folder=run)
    assert f"{numpy['numbers']:,} numbers: eager {time(numpy['eager_s'])}" in text
    assert pd.read_json(run / "run.json", typ="series")["machine"]["processor"] in " ".join(text.split())


@pytest.mark.parametrize("calm", [2, LEAST_VALUES])
def test_medians_are_of_sound_samples(calm):
    timing = {
        "operation": "floor",
        "way": "eager",
        "numbers": 4,
        "result": "float32",
        "first_call_s": 1.0,
        "examples": 10,
    }
    wall_s = [1.0, 2.0] * (calm // 2)
    timing |= {"wall_s": [*wall_s, 30.0], "cpu_s": [*wall_s, 15.0], "waited_s": [*(0 for _ in wall_s), 15.0]}
    gate = {"gate": "G1", "trace_dtype": "float64", "quantity": "floor", "gap": 3e-16}
    (row,) = timing_rows({"operations": [timing]}, [gate])
    assert row["call_s"] == pytest.approx(0.15)
    assert row["dropped"] == pytest.approx(1 / (calm + 1))
    assert (row["gap_float64"], "gap_float32" in row) == (3e-16, False)
    assert set(row) <= set(COLUMNS["operations.csv"])
    assert (row["low"], row["high"]) == ((None, None) if calm < LEAST_VALUES else pytest.approx((0.1, 0.2)))
