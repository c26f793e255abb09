"""What every runtime that is here must do, on small nets; and the matrix of all of them."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from workbench import make

from harness.catalogue import UsageError, load_lesson, stated
from harness.child import Child, Limits
from harness.children.onnx_model import read_model
from harness.children.onnx_parity import common_form
from harness.children.parity import median_ulp, parity
from harness.columns import COLUMNS
from harness.gates.onnx_matrix import RUNNER, judged
from harness.launch import run_child
from harness.processor import usable_cores
from harness.record import read_arrays, read_json, write_arrays, write_whole
from harness.runtime import Runtime, absent, environment_of, runtimes
from impls.spec import initial_weights

NETS = {"softmax_regression": "Gemm", "cnn": "Conv", "rnn_cell": "unrolled", "rnn": "RNN"}
REFUSED = {("iree", "rnn"), ("jaxonnxruntime", "rnn")}  # they have no such operator; an entry goes when they do
BATCHES = (1, 7, 256)
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def nets(tmp_path_factory):
    """NumPy's files of some nets, untrained, with inputs at each batch and what NumPy makes of them."""
    folder = tmp_path_factory.mktemp("nets")
    for name in NETS:
        lesson = load_lesson(name)
        learner = make(name, "numpy", "eager", "float32")
        learner.load(initial_weights(lesson, 0, "float32"))
        path = folder / f"{name}.onnx"
        learner.export_onnx(path)
        model = common_form(read_model(path))
        write_whole(path, lambda file, model=model: file.write(model.SerializeToString()))
        for batch in BATCHES:
            x = RNG.standard_normal((batch, *lesson.input_shape)).astype(np.float32)
            write_arrays(folder / f"{name}-{batch}.npz", {"x": x})
            write_arrays(folder / f"{name}-{batch}-y.npz", {"y": learner.get(learner.predict(learner.put(x)))})
    return folder


@pytest.fixture(scope="module")
def ran(nets, tmp_path_factory):
    """Gives what a runtime's child, one for all nets, leaves of each net and batch: its record, and its arrays."""
    kept = {}

    def run(name):
        if why := absent(name):
            pytest.skip(why)
        if name not in kept:
            folder = tmp_path_factory.mktemp(name)
            works = []
            for net in NETS:
                for batch in BATCHES:
                    work = {"jobs": ["run"], "runtime": name, "model": str(nets / f"{net}.onnx")}
                    work |= {"inputs": str(nets / f"{net}-{batch}.npz"), "records": str(folder / f"{net}-{batch}")}
                    works.append(work)
            child = Child(name, RUNNER, works, environment_of(name, 1), 1)
            limits, cpus = Limits(300, 4 * 2**30), usable_cores()[:1]
            kept[name] = folder, run_child(child, folder, limits, cpus=cpus, stop=threading.Event())
        return kept[name]

    return run


@pytest.mark.parametrize("name", runtimes())
@pytest.mark.parametrize("net", NETS)
def test_a_runtime_gives_what_the_framework_gives(ran, nets, name, net):
    folder, ending = ran(name)
    assert ending.status == "ok", ending
    for batch in BATCHES:
        record = read_json(folder / f"{net}-{batch}" / "run.json")
        if (name, net) in REFUSED:
            assert judged(record["status"], record["reason"])["verdict"] == "refused"
            continue
        assert record["status"] == "ok", record["reason"]
        assert all(len(part.split(" ")) == 2 for part in record["version"].split(", "))
        (y,) = read_arrays(folder / f"{net}-{batch}" / "run.npz").values()
        (expected,) = read_arrays(nets / f"{net}-{batch}-y.npz").values()
        assert (y.shape, y.dtype) == (expected.shape, np.float32)
        assert np.abs(y - expected).max() <= 1e-5 * np.abs(expected).max()


def test_two_of_them_are_always_here():
    assert [absent(name) for name in ("onnxruntime", "onnxruntime_plain", "reference")] == ["", "", ""]
    assert len(runtimes()) >= 8


def test_the_evaluator_stacks_what_the_turns_of_a_loop_give(tmp_path):
    """Scalars and vectors alike; its own Loop puts one below the other."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    from harness.runtimes.reference_runtime import Session

    def value(name, kind, shape):
        return helper.make_tensor_value_info(name, kind, shape)

    nodes = [
        helper.make_node("Identity", ["go"], ["go_on"]),
        helper.make_node("Add", ["h", "h"], ["twice"]),
        helper.make_node("ReduceSum", ["twice"], ["sum"], keepdims=0),
        helper.make_node("Unsqueeze", ["twice", "zero"], ["row"]),
    ]
    given = [value("i", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("h", TensorProto.FLOAT, [2])]
    gives = [value("go_on", TensorProto.BOOL, [])]
    gives += [value(name, TensorProto.FLOAT, shape) for name, shape in (("twice", [2]), ("row", [1, 2]), ("sum", []))]
    zero = [numpy_helper.from_array(np.array([0], np.int64), "zero")]
    body = helper.make_graph(nodes, "body", given, gives, zero)
    loop = helper.make_node("Loop", ["turns", "yes", "x"], ["last", "rows", "sums"], body=body)
    initial = [numpy_helper.from_array(np.array(3, np.int64), "turns"), numpy_helper.from_array(np.array(True), "yes")]
    outputs = [value("last", TensorProto.FLOAT, [2]), value("rows", TensorProto.FLOAT, [3, 1, 2])]
    outputs.append(value("sums", TensorProto.FLOAT, [3]))
    graph = helper.make_graph([loop], "net", [value("x", TensorProto.FLOAT, [2])], outputs, initial)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), tmp_path / "a.onnx")
    last, rows, sums = Session(tmp_path / "a.onnx", 1).run(np.array([1, 2], np.float32))
    assert last.tolist() == [8, 16]
    assert rows.tolist() == [[[2, 4]], [[4, 8]], [[8, 16]]]
    assert sums.tolist() == [6, 12, 24]


def test_what_is_not_installed_is_told_with_its_cure(monkeypatch, tmp_path):
    absent.cache_clear()
    monkeypatch.setenv("LESSONBENCH_NODE", str(tmp_path))
    monkeypatch.delenv("NODE_PATH", raising=False)
    assert "not installed: " in absent("onnxruntime_web")
    monkeypatch.setattr("shutil.which", lambda _: None)
    absent.cache_clear()
    assert absent("onnxruntime_web") == "not installed: node (Node.js, see nodejs.org)"
    some = {"some": Runtime(packages=("onnx", "nowhere.at.all", "onnx.nothing"))}
    monkeypatch.setattr("harness.runtime.runtimes", lambda: some)
    said = "not installed: nowhere.at.all, onnx.nothing (pip install 'lessonbench[runtimes]')"
    assert absent("some") == said
    absent.cache_clear()


def test_an_adapter_states_itself_in_literals(tmp_path):
    path = tmp_path / "some_runtime.py"
    path.write_text("import nowhere\nRUNTIME = Runtime(packages=('nowhere',))\n")
    assert stated(path, "RUNTIME", Runtime, "harness/runtime.py") == Runtime(packages=("nowhere",))
    path.write_text("import nowhere\n")
    with pytest.raises(UsageError, match=r"has no RUNTIME = Runtime\(\.\.\.\) of literals; see harness/runtime.py"):
        stated(path, "RUNTIME", Runtime, "harness/runtime.py")


def test_parity_tells_units_bits_and_margins():
    lesson = load_lesson("softmax_regression")
    expected = RNG.standard_normal((20_000, 10)).astype(np.float32)
    row = parity(lesson, expected.copy(), expected)
    assert (row["bit_exact"], row["median_ulp"], row["disagree"], row["verdict"]) == (True, 0, 0, "pass")
    assert "least_margin" not in row
    near = np.nextafter(expected, np.float32(9))
    assert median_ulp(near, expected) == 1
    row = parity(lesson, near, expected)
    assert (row["bit_exact"], row["verdict"]) == (False, "pass")
    expected[:2] = 0
    expected[0, :2], expected[1, :2] = (1, 0.5), (1, 0.75)
    other = expected.copy()
    other[:2, :2] = other[:2, 1::-1]
    row = parity(lesson, other, expected)
    assert (row["disagree"], row["least_margin"], row["greatest_margin"]) == (2, 0.25, 0.5)
    assert (row["agree_share"], row["verdict"]) == (1 - 2 / 20_000, "fail")
    broken = expected.copy()
    broken[5] = np.nan
    assert parity(lesson, broken, expected)["verdict"] == "fail"


@pytest.fixture(scope="module")
def matrix(make_workshop, tmp_path_factory):
    """The tables of two lessons from NumPy in two runtimes and one that is missing, timed."""
    lessonbench = replace(make_workshop().lessonbench, packages=())
    out = tmp_path_factory.mktemp("matrix") / "out"
    names = ("onnxruntime", "reference", "onnxruntime_web")
    words = [word for name in names for word in ("--runtime", name)]
    words += ["--lesson", "softmax_regression", "--lesson", "linear_regression", "--framework", "numpy"]
    done = lessonbench("onnx", "matrix", *words, "--threads", 1, "--out", out)
    return lessonbench, done, out, words


def test_the_matrix_has_a_row_for_each_net_and_runtime(matrix):
    _, done, out, _ = matrix
    assert done.returncode == 0, done.stderr
    assert "not installed" in done.stderr
    table = pd.read_csv(out / "onnx.csv")
    assert tuple(table.columns) == COLUMNS["onnx.csv"]
    assert len(table) == 6
    assert set(table[table.runtime == "onnxruntime_web"].verdict) == {"missing"}
    ran = table[table.runtime != "onnxruntime_web"]
    assert set(ran.verdict) == {"pass"}
    assert (ran.max_rel <= 1e-5).all()
    assert (ran.max_rel_float64 <= 1e-5).all()
    assert (ran.framework_max_rel_float64 <= 1e-5).all()
    assert (ran.framework_max_rel_float64 > 0).any()
    assert (ran.agree_share == 1).all()
    assert set(ran.opset) == {18}
    classes = ran[ran.lesson == "softmax_regression"]
    assert (classes.value == classes.runtime_value).all()
    assert "4 of 6 pass" in done.stdout


def test_the_matrix_tells_speed_beside_the_framework_s_own(matrix):
    table = pd.read_csv(matrix[2] / "onnx_speed.csv")
    assert tuple(table.columns) == COLUMNS["onnx_speed.csv"]
    assert len(table) == 2 * 3 * 3  # lessons, the framework and two runtimes, batches
    assert set(table.status) <= {"ok", "contended"}
    own = table[table.runtime == "numpy"]
    assert (own.ratio == 1).all()
    assert own.load_s.isna().all()
    others = table[table.runtime != "numpy"]
    assert (others.load_s > 0).all()
    assert (others.latency_median_s > 0).all()
    at = own.set_index(["lesson", "batch"]).examples_per_s
    expected = [row.examples_per_s / at[row.lesson, row.batch] for row in others.itertuples()]
    np.testing.assert_allclose(others.ratio, expected, rtol=1e-6)


def test_the_matrix_counts_operators(matrix):
    table = pd.read_csv(matrix[2] / "onnx_graphs.csv")
    assert tuple(table.columns) == COLUMNS["onnx_graphs.csv"]
    mine = table[table.lesson == "softmax_regression"].set_index("operator")
    assert mine["count"].to_dict() == {"Gemm": 1, "Reshape": 1} or mine.loc["Gemm", "count"] == 1
    assert (mine.initializers >= 2).all()


def test_a_matrix_is_not_written_over(matrix):
    lessonbench, _, out, words = matrix
    again = lessonbench("onnx", "matrix", *words, "--threads", 1, "--out", out)
    assert (again.returncode, len(again.stderr.strip().splitlines())) == (2, 1)
    assert "already holds a run" in again.stderr
    gone_on = lessonbench("onnx", "matrix", *words, "--threads", 1, "--out", out, "--resume")
    assert gone_on.returncode == 0, gone_on.stderr
    assert gone_on.stderr.count("kept from before") > 4


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--runtime", "onnxruntim"), "did you mean onnxruntime?"),
        (("--runtime", "onnxruntime_web"), "no runtime is left that can run here"),
        (("--lesson", "grid_search"), "no net is left"),
    ],
)
def test_bad_input_gets_one_sentence(lessonbench, words, sentence):
    found = lessonbench("onnx", "matrix", *words)
    assert (found.returncode, len(found.stderr.strip().splitlines())) == (2, 1)
    assert sentence in found.stderr
