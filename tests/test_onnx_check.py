"""``lessonbench onnx check``: anybody's file in every runtime; good ones, damaged ones and hostile ones."""

from __future__ import annotations

import os

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from workbench import make

from harness.catalogue import load_lesson
from harness.children import onnx_model
from harness.children.onnx_examine import FREE, LARGEST_INPUTS, examine
from harness.children.parity import distance
from harness.children.serving import run_job
from harness.record import read_arrays, read_json
from impls.spec import initial_weights

TWO = ("--runtime", "onnxruntime", "--runtime", "reference")
FLOAT, INT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def value(name, shape=("batch", 3), kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, inputs, outputs, initial=(), **how):
    graph = helper.make_graph(nodes, "net", inputs, outputs, list(initial))
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10, **how)


def dense(scale=1.0, **how):
    kernel = (scale * np.random.default_rng(0).standard_normal((3, 4))).astype(np.float32)
    initial = [numpy_helper.from_array(kernel, "k")]
    return model(
        [helper.make_node("MatMul", ["x", "k"], ["y"])], [value("x")], [value("y", ("batch", 4))], initial, **how
    )


@pytest.fixture
def save(tmp_path):
    def saved(proto, name="net.onnx"):
        (tmp_path / name).write_bytes(proto if isinstance(proto, bytes) else proto.SerializeToString())
        return tmp_path / name

    return saved


def examined(path, folder, **wanted):
    """The figures and inputs of a file, or the sentence that refuses it."""
    request = {"model": str(path), "copy": str(folder / "copy.onnx"), **wanted}
    record = folder / "examine.json"
    run_job(lambda: examine(request), record)
    found = read_json(record)
    return found, list(read_arrays(record.with_suffix(".npz")).values()) if found["status"] == "ok" else []


def test_a_sound_file_agrees_with_itself(lessonbench, save):
    done = lessonbench("onnx", "check", save(dense()), *TWO)
    assert done.returncode == 0, done.stderr
    assert "opset 18, x float32 ['batch', 3] → y" in done.stdout
    assert "from reference" in done.stdout
    assert "pass" in done.stdout


def test_another_model_is_held_beside_it(lessonbench, save):
    file, same, other = save(dense()), save(dense(), "same.onnx"), save(dense(1.001), "other.onnx")
    assert lessonbench("onnx", "check", file, "--against", same, *TWO).returncode == 0
    done = lessonbench("onnx", "check", file, "--against", other, *TWO)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("fail") == 2
    wide = save(
        model([helper.make_node("Relu", ["x"], ["y"])], [value("x", (2, 2))], [value("y", (2, 2))]), "wide.onnx"
    )
    done = lessonbench("onnx", "check", file, "--against", wide, *TWO)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("lessonbench: wide.onnx: an array of shape (5, 3) for x")


def test_a_lesson_s_test_inputs(lessonbench, tmp_path):
    learner = make("softmax_regression", "numpy", "eager", "float32")
    learner.load(initial_weights(load_lesson("softmax_regression"), 0, "float32"))
    learner.export_onnx(tmp_path / "net.onnx")
    done = lessonbench("onnx", "check", tmp_path / "net.onnx", "--against", "softmax_regression", *TWO)
    assert done.returncode == 0, done.stderr
    assert "value" in done.stdout
    done = lessonbench("onnx", "check", tmp_path / "net.onnx", "--against", "rnn", *TWO)
    assert done.returncode == 2
    assert "takes examples of shape (784,)" in done.stderr
    assert done.stderr.count("\n") == 1


def test_given_arrays(lessonbench, save, tmp_path):
    np.save(tmp_path / "x.npy", np.ones((2, 3)))
    np.savez(tmp_path / "x.npz", x=np.ones((2, 3), np.float32))
    np.savez(tmp_path / "z.npz", z=np.ones((2, 3), np.float32))
    np.save(tmp_path / "wide.npy", np.ones((2, 4)))
    np.save(tmp_path / "words.npy", np.array([["a", "b", "c"]]))
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    (tmp_path / "text.npy").write_text("1 2 3")
    file = save(dense())
    assert lessonbench("onnx", "check", file, "--inputs", tmp_path / "x.npz", *TWO).returncode == 0
    for name in ("x.npy", "x.npz"):
        found, (x,) = examined(file, tmp_path, inputs=str(tmp_path / name))
        assert (found["status"], x.shape, x.dtype) == ("ok", (2, 3), np.float32)
    sentences = {
        "z.npz": "has z, where the model takes x",
        "wide.npy": "an array of shape (2, 4) for x, which takes ['batch', 3]",
        "words.npy": "an array of <U1 for x, which takes float32",
        "objects.npy": "holds no arrays",
        "text.npy": "holds no arrays",
    }
    for name, sentence in sentences.items():
        found, _ = examined(file, tmp_path, inputs=str(tmp_path / name))
        assert sentence in found["reason"], name
        assert found["reason"].startswith("ModelError: ")


def test_inputs_are_made_of_every_kind(save, tmp_path):
    inputs = [
        value("a", ("n", "m", 2)),
        value("b", ("n",), INT),
        value("c", (), BOOL),
        value("d", (2,), TensorProto.DOUBLE),
    ]
    nodes = [helper.make_node("Identity", [each.name], [f"{each.name}2"]) for each in inputs]
    outputs = [onnx.ValueInfoProto(name=f"{each.name}2", type=each.type) for each in inputs]
    found, arrays = examined(save(model(nodes, inputs, outputs)), tmp_path)
    assert found["status"] == "ok", found
    assert [array.shape for array in arrays] == [(FREE, FREE, 2), (FREE,), (), (2,)]
    assert [array.dtype.name for array in arrays] == ["float32", "int64", "bool", "float64"]


def test_several_inputs_and_outputs(lessonbench, save):
    nodes = [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("ArgMax", ["a"], ["best"], axis=1)]
    outputs = [value("sum"), value("best", ("batch", 1), INT)]
    done = lessonbench("onnx", "check", save(model(nodes, [value("a"), value("b")], outputs)), *TWO)
    assert done.returncode == 0, done.stdout + done.stderr


def cyclic():
    nodes = [helper.make_node("Add", ["x", "b"], ["a"]), helper.make_node("Relu", ["a"], ["b"])]
    return model([*nodes, helper.make_node("Relu", ["b"], ["y"])], [value("x")], [value("y")])


def growing(deep):
    """Functions each of which calls the next one twice."""
    bodies = []
    for place in range(deep):
        inner = ("Relu", "") if place == deep - 1 else (f"f{place + 1}", "own")
        calls = [helper.make_node(inner[0], [a], [b], domain=inner[1]) for a, b in (("x", "h"), ("h", "y"))]
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
        bodies.append(helper.make_function("own", f"f{place}", ["x"], ["y"], calls, opsets))
    call = helper.make_node("f0", ["x"], ["y"], domain="own")
    return model([call], [value("x")], [value("y")], functions=bodies)


def kept_outside(place):
    """Weights in a file outside, in whatever part of a model can hold some."""
    tensor = numpy_helper.from_array(np.ones((3, 4), np.float32), "k")
    onnx.external_data_helper.set_external_data(tensor, "../../etc/passwd")
    tensor.ClearField("raw_data")
    if place == "initializer":
        made = dense()
        made.graph.initializer[0].CopyFrom(tensor)
        return made
    constant = helper.make_node("Constant", [], ["c"], value=tensor)
    if place == "function":
        opsets = [helper.make_opsetid("", 18)]
        body = helper.make_function(
            "own", "f", ["x"], ["y"], [constant, helper.make_node("Relu", ["x"], ["y"])], opsets
        )
        return model([helper.make_node("f", ["x"], ["y"], domain="own")], [value("x")], [value("y")], functions=[body])
    made = dense()
    if place == "sparse":
        made.graph.sparse_initializer.add().values.CopyFrom(tensor)
    if place == "location alone":
        made.graph.initializer[0].data_location = TensorProto.EXTERNAL
    if place == "branch":
        branch = helper.make_graph([constant], "b", [], [value("c", None)])
        made.graph.node.append(helper.make_node("If", ["x"], ["z"], then_branch=branch, else_branch=branch))
    return made


PLACES = ("initializer", "function", "sparse", "location alone", "branch")
BAD = {
    "empty": (lambda: b"", "it has no operators"),
    "garbage": (lambda: b"<html>not found</html>", "is not an ONNX model"),
    "cut short": (lambda: dense().SerializeToString()[:-30], "is not"),
    "cyclic": (cyclic, "is not a valid ONNX model"),
    "growing functions": (lambda: growing(40), "those in functions counted"),
    "an operator that is none": (
        lambda: model([helper.make_node("Nothing", ["x"], ["y"])], [value("x")], [value("y")]),
        "is not a valid ONNX model",
    ),
    "a huge input": (
        lambda: model([helper.make_node("Relu", ["x"], ["y"])], [value("x", (2**40, 2**20))], [value("y")]),
        "bytes of inputs",
    ),
    "words": (
        lambda: model(
            [helper.make_node("Identity", ["x"], ["y"])], *([value(n, (2,), TensorProto.STRING)] for n in "xy")
        ),
        "numbers and bools are run here",
    ),
    "a type that is none": (
        lambda: model([helper.make_node("Identity", ["x"], ["y"])], *([value(n, (2,), 99)] for n in "xy")),
        "is",
    ),
    "a negative size": (
        lambda: model([helper.make_node("Relu", ["x"], ["y"])], [value("x", (-2, 3))], [value("y")]),
        "negative size",
    ),
    **{f"weights outside, {place}": (lambda place=place: kept_outside(place), "in other files") for place in PLACES},
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_one_sentence(save, tmp_path, name):
    make_it, sentence = BAD[name]
    found, _ = examined(save(make_it()), tmp_path)
    assert found["status"] == "failed"
    assert found["reason"].startswith("ModelError: net.onnx "), found["reason"]
    assert sentence in found["reason"]
    assert "\n" not in found["reason"]


def test_functions_that_call_each_other_are_endless(save):
    made = growing(3)
    made.functions[2].node[0].op_type, made.functions[2].node[0].domain = "f0", "own"
    with pytest.raises(onnx_model.ModelError, match="those in functions counted"):
        onnx_model.read_model(save(made))
    assert onnx_model.read_model(save(growing(3))).functions


def test_too_many_operators(save, monkeypatch):
    monkeypatch.setattr(onnx_model, "MOST_NODES", 7)
    assert onnx_model.read_model(save(growing(2)))
    with pytest.raises(onnx_model.ModelError, match="has 8 operators"):
        onnx_model.read_model(save(growing(3)))


def test_a_bomb_of_zeros_is_not_unpacked(save, tmp_path):
    np.savez_compressed(tmp_path / "bomb.npz", x=np.zeros(LARGEST_INPUTS // 4 + 1, np.float32))
    assert (tmp_path / "bomb.npz").stat().st_size < 2**21
    found, _ = examined(save(dense()), tmp_path, inputs=str(tmp_path / "bomb.npz"))
    assert "at most" in found["reason"]


@pytest.mark.parametrize("name", ["garbage", "weights outside, initializer"])
def test_the_command_says_it_in_a_sentence(lessonbench, save, name):
    make_it, sentence = BAD[name]
    done = lessonbench("onnx", "check", save(make_it()))
    assert (done.returncode, done.stdout, len(done.stderr.strip().splitlines())) == (2, "", 1)
    assert sentence in done.stderr


def test_a_tensor_that_fits_nowhere_ends_in_a_sentence(lessonbench, save):
    shape = numpy_helper.from_array(np.array([2**21, 2**21], np.int64), "s")
    nodes = [helper.make_node("ConstantOfShape", ["s"], ["c"]), helper.make_node("ReduceSum", ["c"], ["t"], keepdims=0)]
    nodes.append(helper.make_node("Add", ["x", "t"], ["y"]))
    done = lessonbench("onnx", "check", save(model(nodes, [value("x")], [value("y")], [shape])), *TWO)
    assert done.returncode == 2
    assert "cannot be run, so there is nothing to hold others against" in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_loop_without_end_is_ended(lessonbench, save):
    turns = [numpy_helper.from_array(np.array(2**62), "n"), numpy_helper.from_array(np.array(True), "yes")]
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Relu", ["h"], ["h2"])],
        "body",
        [value("i", (), INT), value("go", (), BOOL), value("h", None)],
        [value("on", (), BOOL), value("h2", None)],
    )
    loop = helper.make_node("Loop", ["n", "yes", "x"], ["y"], body=body)
    done = lessonbench("onnx", "check", save(model([loop], [value("x")], [value("y")], turns)), *TWO, "--deadline", 10)
    assert done.returncode == 2
    assert "not done after 10 s" in done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nowhere.onnx",), "cannot read nowhere.onnx: there is none"),
        (("folder",), "cannot read folder: it is no file"),
        (("net.onnx", "--inputs", "nowhere.npy"), "cannot read nowhere.npy"),
        (("net.onnx", "--against", "softmax_regresion"), "did you mean softmax_regression?"),
        (("net.onnx", "--against", "nowhere.onnx"), "cannot read nowhere.onnx"),
        (("net.onnx", "--against", "grid_search"), "is a lesson of functions"),
        (("net.onnx", "--runtime", "onnxruntim"), "did you mean onnxruntime?"),
        (("net.onnx", "--deadline", "nan"), "--deadline takes a number above 0"),
        (("pipe",), "cannot read pipe: it is no file"),
    ],
)
def test_bad_words_get_one_sentence(lessonbench, save, tmp_path, words, sentence):
    save(dense())
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    found = lessonbench("onnx", "check", *words, cwd=tmp_path)
    assert (found.returncode, len(found.stderr.strip().splitlines())) == (2, 1)
    assert sentence in found.stderr


def test_distance_knows_what_is_not_finite_and_what_must_be_equal():
    numbers = np.array([[1.0, np.nan, np.inf], [2.0, 3.0, 4.0]], np.float32)
    assert distance(numbers.copy(), numbers, 1e-5) | {"bound": 0} == {
        "max_abs": 0.0,
        "max_rel": 0.0,
        "bit_exact": True,
        "verdict": "pass",
        "agree_share": 1.0,
        "bound": 0,
        "reason": "",
    }
    other = numbers.copy()
    other[0, 1] = 1
    assert distance(other, numbers, 1e-5)["verdict"] == "fail"
    assert distance(numbers[:1], numbers, 1e-5)["reason"] == "float32(1, 3) where float32(2, 3) is expected"
    assert distance(numbers.astype(np.float64), numbers, 1e-5)["verdict"] == "fail"
    places = np.array([1, 2, 3])
    assert distance(places, places, 1e-5)["verdict"] == "pass"
    assert distance(places + 1, places, 1e-5)["verdict"] == "fail"
    half = np.ones(4, np.float16)
    assert distance(np.nextafter(half, np.float16(2)), half, 1e-5)["verdict"] == "pass"
