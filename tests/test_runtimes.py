"""What every runtime that is here must do, on small nets; and the matrix of all of them."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace

import numpy as np
import onnx
import pandas as pd
import pytest
from conftest import PROJECT
from onnx import TensorProto, helper, numpy_helper
from workbench import make

from harness.catalogue import UsageError, load_lesson, stated
from harness.child import Child, Limits
from harness.children.onnx_model import ModelError, read_model
from harness.children.onnx_parity import common_form, run_model
from harness.columns import CELL, COLUMNS
from harness.folder import RunFolder
from harness.gates.onnx_matrix import RUNNER, Asked, Matrix, Runtimes, differing, judged
from harness.launch import run_child
from harness.parity import compared, distance, median_ulp, parity
from harness.plan import make_plan
from harness.processor import usable_cores
from harness.progress import Bars
from harness.record import read_arrays, read_json, write_arrays, write_whole
from harness.runtime import Runtime, absent, environment_of, runtimes
from harness.views.onnx_matrix import matrix_grid, speed_grid
from impls.spec import initial_weights

NETS = {"softmax_regression": "Gemm", "cnn": "Conv", "rnn_cell": "unrolled", "rnn": "RNN"}
REFUSED = {("jaxonnxruntime", "rnn")}  # it has no such operator; an entry goes when it does
KINDS = {"half": np.float16, "double": np.float64, "old": np.float32}  # models of one product; the last of IR version 3
NARROW = {("openvino", "double")}  # it computes in float32
BATCHES = (1, 7, 256)
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def nets(tmp_path_factory):
    """NumPy's files of some nets, untrained, and of each kind, with inputs at each batch and NumPy's outputs."""
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
    for name, dtype in KINDS.items():
        weight = RNG.standard_normal((3, 4)).astype(dtype)
        onnx.save(product(weight, 3 if name == "old" else 10), folder / f"{name}.onnx")
        for batch in BATCHES:
            x = RNG.standard_normal((batch, 3)).astype(dtype)
            write_arrays(folder / f"{name}-{batch}.npz", {"x": x})
            write_arrays(folder / f"{name}-{batch}-y.npz", {"y": x @ weight})
    return folder


def product(weight, ir_version):
    """A model that multiplies by a weight, which up to IR version 3 has to stand among the inputs as well."""
    kind, shape = helper.np_dtype_to_tensor_dtype(weight.dtype), weight.shape
    inputs = [helper.make_tensor_value_info("x", kind, ["batch", shape[0]])]
    inputs += [helper.make_tensor_value_info("w", kind, shape)] if ir_version <= 3 else []
    outputs = [helper.make_tensor_value_info("y", kind, ["batch", shape[1]])]
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
    graph = helper.make_graph(nodes, "net", inputs, outputs, [numpy_helper.from_array(weight, "w")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], ir_version=ir_version)


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
            for net in (*NETS, *KINDS):
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
@pytest.mark.parametrize("net", [*NETS, *KINDS])
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
        row = distance(y, expected, 1e-5)
        assert row["verdict"] == ("fail" if (name, net) in NARROW else "pass"), row
        assert row["max_rel"] <= max(1e-5, row["bound"])


@pytest.mark.parametrize("name", runtimes())
def test_outputs_longer_than_a_pipe_arrive_whole_with_all_threads(tmp_path, name):
    if why := absent(name):
        pytest.skip(why)
    weight, x = (RNG.standard_normal(shape).astype(np.float32) for shape in ((3, 4), (100_000, 3)))
    onnx.save(product(weight, 10), tmp_path / "net.onnx")
    write_arrays(tmp_path / "x.npz", {"x": x})
    cpus = usable_cores()
    work = {"jobs": ["run"], "runtime": name, "model": str(tmp_path / "net.onnx"), "inputs": str(tmp_path / "x.npz")}
    child = Child("long", RUNNER, [work | {"records": str(tmp_path)}], environment_of(name, len(cpus)), len(cpus))
    ending = run_child(child, tmp_path, Limits(300, 4 * 2**30), cpus=cpus, stop=threading.Event())
    assert ending.status == "ok", ending
    assert (record := read_json(tmp_path / "run.json"))["status"] == "ok", record["reason"]
    (y,) = read_arrays(tmp_path / "run.npz").values()
    assert distance(y, x @ weight, 1e-5)["verdict"] == "pass"


def test_those_of_every_installation_are_here():
    assert [absent(name) for name in ("onnxruntime", "onnxruntime_plain", "reference")] == ["", "", ""]
    assert len(runtimes()) >= 8


def test_the_evaluator_stacks_what_the_turns_of_a_loop_give(tmp_path):
    """Scalars and vectors alike; its own Loop puts one below the other."""
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
    (line,) = differing([row | {"lesson": "a", "exporter": "b", "runtime": "c", "verdict": "pass"}])
    assert line == "a from b in c: 2 predictions differ, margins 2.5e-01 to 5.0e-01"
    broken = expected.copy()
    broken[5] = np.nan
    assert parity(lesson, broken, expected)["verdict"] == "fail"


def test_the_class_of_a_single_output_is_its_sign():
    lesson = load_lesson("logistic_regression")
    expected = np.array([[1e-7], [-1], [2]], np.float32)
    row = parity(lesson, np.array([[-1e-7], [-1], [2]], np.float32), expected)
    assert (row["disagree"], row["least_margin"], row["verdict"]) == (1, pytest.approx(1e-7), "fail")


@pytest.mark.parametrize(
    ("found", "expected", "verdict", "apart"),
    [
        (np.int64(2**60 + 1), np.int64(2**60), "fail", 1),
        (np.int64(-(2**63)), np.int64(2**63 - 1), "fail", 2**64),
        (np.uint8(0), np.uint8(255), "fail", 255),
        (True, False, "fail", 1),
        (np.int64(5), np.int64(5), "pass", 0),
        (1 + 1e-13, 1.0, "pass", 1e-13),
        (1 + 1e-11, 1.0, "fail", 1e-11),
        (np.float32(1 + 1e-6), np.float32(1), "pass", 1e-6),
        (np.float16(1 + 7 * 2**-10), np.float16(1), "pass", 7 * 2**-10),
        (np.float16(1 + 9 * 2**-10), np.float16(1), "fail", 9 * 2**-10),
        (np.complex64(1 + 1j), np.complex64(1), "fail", 1),
        (np.complex64(1), np.complex64(1), "pass", 0),
        (np.nan, np.nan, "pass", 0),
        (np.nan, 1.0, "fail", np.inf),
        (np.inf, -np.inf, "fail", np.inf),
        (np.float32(1), 1.0, "fail", np.inf),
        ("a", "b", "fail", np.inf),
    ],
)
def test_what_is_no_float_is_held_exactly_and_floats_to_their_own_bits(found, expected, verdict, apart):
    row = distance(np.array([found, found]), np.array([expected, expected]), 1e-5)
    assert row["verdict"] == verdict
    assert row["max_abs"] == pytest.approx(apart, rel=0.1)


def test_few_examples_get_company():
    x = np.full((1, 5, 4), 3, np.float32)
    more = compared(x)
    assert (more.shape, more.dtype) == ((256, 5, 4), np.float32)
    assert (more[:1] == x).all()
    assert abs(more[1:].mean() - 3) < 0.1
    assert abs(more[1:].std() - 1) < 0.1
    assert (compared(x) == more).all()
    many = RNG.standard_normal((300, 2))
    assert (compared(many) == many).all()


def batch_model(operator, *more, **attributes):
    """A model of ``y = x + operator(x)``, whose examples touch each other if the operator's do."""
    nodes = [helper.make_node(operator, ["x", *more], ["z"], **attributes), helper.make_node("Add", ["x", "z"], ["y"])]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3]) for name in "xy")
    opsets = [helper.make_opsetid("", 18)]
    initial = [numpy_helper.from_array(np.array([0]), "first")]
    return helper.make_model(helper.make_graph(nodes, "net", [x], [y], initial), opset_imports=opsets, ir_version=10)


def test_a_free_batch_is_proved_in_value():
    """On few examples too; a mean over the batch has the right shape."""
    x = RNG.standard_normal((5, 3)).astype(np.float32)
    (five, twice) = run_model(batch_model("Relu"), x, 1), x + np.maximum(x, 0)
    np.testing.assert_allclose(five, twice)
    with pytest.raises(ModelError, match=r"a batch of 1 gives other outputs than the same examples among 5\."):
        run_model(batch_model("ReduceMean", "first", keepdims=1), x, 1)
    model = batch_model("Relu")
    model.graph.node[1].CopyFrom(helper.make_node("ReduceMean", ["z", "first"], ["y"]))
    with pytest.raises(ModelError, match=r"a batch of 5 gives outputs of \(1, 3\): the first dimension is not free\."):
        run_model(model, x, 1)
    with pytest.raises(ModelError, match="ONNX Runtime does not load the model: "):
        run_model(batch_model("Nothing"), x, 1)
    with pytest.raises(ModelError, match="ONNX Runtime does not run a batch of 5: "):
        run_model(batch_model("Relu"), x[:, :2], 1)


def test_the_common_form_spells_out_what_runtimes_do_not_know():
    """In what an operator holds as well; and leaves out what an exporter noted."""
    shape = helper.make_node("Shape", ["x"], ["shape"])
    nothing = helper.make_node("ConstantOfShape", ["shape"], ["z"], doc_string="made in /somewhere")
    body = helper.make_graph([nothing], "body", [], [helper.make_tensor_value_info("z", TensorProto.FLOAT, [None, 3])])
    branch = helper.make_node("If", ["yes"], ["w"], then_branch=body, else_branch=body)
    nodes = [shape, branch, helper.make_node("Add", ["x", "w"], ["y"])]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3]) for name in "xy")
    graph = helper.make_graph(nodes, "net", [x], [y], [numpy_helper.from_array(np.array(True), "yes")], "of /somewhere")
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], doc_string="from /somewhere")
    helper.set_model_props(model, {"lesson": "mine"})
    onnx.helper.set_metadata_props(model.graph.node[0], {"stack": "/somewhere"})
    formed = common_form(model)
    assert b"somewhere" not in formed.SerializeToString()
    assert [entry.value for entry in formed.metadata_props] == ["mine"]
    inner = [each.g.node[0] for each in formed.graph.node[1].attribute]
    assert [numpy_helper.to_array(node.attribute[0].t).tolist() for node in inner] == [[0.0], [0.0]]


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


def test_where_the_framework_was_not_timed_there_is_no_ratio(matrix, tmp_path):
    """A runtime's speed is not over another's."""
    shutil.copytree(matrix[2], tmp_path, dirs_exist_ok=True)
    for own in tmp_path.glob("work/softmax_regression-*/clock.json"):
        own.unlink()
    asked = Asked(lesson=("softmax_regression",), framework=("numpy",), runtime=("onnxruntime",), threads=(1,))
    launcher = Runtimes(RunFolder(tmp_path), Limits(60, 2**30), {}, Bars())
    found = Matrix(asked, make_plan(asked), asked.runtime, launcher)
    found.write()
    timed = [row for row in found.speed if row["runtime"] == "onnxruntime"]
    assert len(timed) == 3
    assert all(row["examples_per_s"] > 0 and row["ratio"] is None for row in timed)


def test_the_matrix_counts_operators(matrix):
    table = pd.read_csv(matrix[2] / "onnx_graphs.csv")
    assert tuple(table.columns) == COLUMNS["onnx_graphs.csv"]
    mine = table[table.lesson == "softmax_regression"].set_index("operator")
    assert mine["count"].to_dict() == {"Gemm": 1}
    assert (mine.initializers >= 2).all()


def test_a_matrix_is_not_written_over(matrix):
    lessonbench, _, out, words = matrix
    again = lessonbench("onnx", "matrix", *words, "--threads", 1, "--out", out)
    assert (again.returncode, len(again.stderr.strip().splitlines())) == (2, 1)
    assert "already holds a run" in again.stderr
    gone_on = lessonbench("onnx", "matrix", *words, "--threads", 1, "--out", out, "--resume")
    assert gone_on.returncode == 0, gone_on.stderr
    assert gone_on.stderr.count("kept from before") > 4


def test_what_all_pass_is_green(lessonbench, tmp_path):
    """Nothing is left then to go on with."""
    words = ("--lesson", "linear_regression", "--framework", "numpy", "--runtime", "onnxruntime", "--no-speed")
    done = lessonbench("onnx", "matrix", *words, "--out", tmp_path / "out")
    assert (done.returncode, "1 of 1 pass" in done.stdout) == (0, True), done.stderr
    assert not (tmp_path / "out" / "work").exists()
    assert not (tmp_path / "out" / "onnx_speed.csv").read_text().splitlines()[1:]


ADAPTER = """
import os

import numpy as np

from harness.runtime import RefusedError, Runtime

RUNTIME = Runtime(packages=())


class Session:
    def __init__(self, model, threads):
        {load}

    def run(self, x):
        {run}


def versions():
    return {{"its own": "1"}}
"""
PLANTED = {  # by name: what it does when it loads and runs a model, its verdict, and what is said of it
    "aborting": ("pass", "os.abort()", "crashed", "ended by SIGABRT"),
    "faulty": ("self.there", "pass", "failed", "AttributeError: 'Session' object has no attribute 'there'"),
    "refusing": ("pass", "raise RefusedError('no such thing')", "refused", "no such thing"),
    "choking": ("import json; json.loads('')", "pass", "refused", "JSONDecodeError: Expecting value"),
    "nowhere": ("pass", "return [np.full((len(x), 1), np.nan, np.float32)]", "fail", "inf, 1000 predictions differ"),
    "short": ("pass", "return [np.zeros(3, np.float32)]", "fail", "outputs of (3,) where (1000, 1) is expected"),
}


@pytest.fixture(scope="module")
def planted(make_workshop):
    """The command line of a copy that has further runtimes, all of them bad."""
    workshop = make_workshop()
    harness = workshop.impls.parent / "harness"
    shutil.copytree(PROJECT / "harness", harness, ignore=shutil.ignore_patterns("__pycache__"))
    late = {"late": ("import onnxruntime; self.own = onnxruntime.InferenceSession(model)", LATE)}
    for name, (load, run, *_) in {**PLANTED, **late}.items():
        (harness / "runtimes" / f"{name}_runtime.py").write_text(ADAPTER.format(load=load, run=run))
    return workshop.lessonbench


LATE = "return os.abort() if len(x) > 1000 else self.own.run(None, {'x': x})"  # more than the test set has


def test_a_bad_runtime_is_red_and_says_why(planted, tmp_path):
    words = [word for name in PLANTED for word in ("--runtime", name)]
    words += ["--lesson", "linear_regression", "--framework", "numpy", "--no-speed", "--out", tmp_path / "out"]
    done = planted("onnx", "matrix", *words)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    table = pd.read_csv(tmp_path / "out" / "onnx.csv").set_index("runtime")
    assert table.verdict.to_dict() == {name: verdict for name, (_, _, verdict, _) in PLANTED.items()}
    for name, (*_, said) in PLANTED.items():
        assert f"linear_regression from numpy in {name}: {table.verdict[name]}: {said}" in done.stderr


def test_one_that_fails_against_the_clock_is_red(planted, tmp_path):
    words = ("--runtime", "late", "--lesson", "linear_regression", "--framework", "numpy", "--threads", 1)
    done = planted("onnx", "matrix", *words, "--out", tmp_path / "out")
    assert set(pd.read_csv(tmp_path / "out" / "onnx.csv").verdict) == {"pass"}
    speed = pd.read_csv(tmp_path / "out" / "onnx_speed.csv").query("runtime == 'late'").set_index("batch")
    assert speed.status[1024] == "crashed"
    assert set(speed.status[[1, 64]]) <= {"ok", "contended"}
    assert "linear_regression from numpy in late at batch 1024: crashed: ended by SIGABRT" in done.stderr
    assert done.returncode == 1


def test_every_row_of_a_matrix_is_on_the_screen():
    """Whatever it varies in: two modes of a framework, threads, seeds."""
    rows = [
        dict(zip(CELL, ("cnn", framework, mode, "cpu", "float32", threads, seed, "quick"), strict=True))
        | {"exporter": framework, "runtime": name, "verdict": "pass", "max_rel": figure / 1e9, "status": "ok"}
        | {"batch": 1, "examples_per_s": 1.0, "ratio": 1.0, "latency_p99_s": figure / 1e6}
        for figure, (framework, mode, threads, seed, name) in enumerate(
            (*way, threads, seed, name)
            for way in (("torch", "eager"), ("torch", "compiled"), ("numpy", "eager"))
            for threads in (1, 2)
            for seed in (0, 1)
            for name in ("onnxruntime", "tract")
        )
    ]
    grid = matrix_grid(rows)
    assert grid.heads == ["lesson", "framework", "threads", "seed", "onnxruntime", "tract"]
    assert {line[1] for line in grid.rows} == {"torch eager", "torch compiled", "numpy"}
    assert [word for line in grid.rows for word in line[4:]] == [f"{row['max_rel']:.1e}" for row in rows]
    own = [row | {"runtime": row["exporter"], "latency_p99_s": None, "latency_median_s": 2e-3} for row in rows[::2]]
    grid = speed_grid([*rows, *own])
    assert grid.heads == ["lesson", "framework", "threads", "seed", "batch", "own", "onnxruntime", "tract"]
    assert {line[5] for line in grid.rows} == {"~2"}
    assert [word for line in grid.rows for word in line[6:]] == [f"1.00× {n / 1e3:.2g}" for n in range(24)]


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
