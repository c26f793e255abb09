"""``lessonbench onnx check``: anybody's file in every runtime; good ones, damaged ones and hostile ones."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from conftest import PROJECT, CommandLine
from onnx import TensorProto, helper, numpy_helper
from workbench import make

from harness.catalogue import load_lesson
from harness.children import onnx_model
from harness.children.onnx_examine import FREE, LARGEST_INPUTS, examine
from harness.children.serving import run_job
from harness.gates.onnx_check import Checked
from harness.parity import distance
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
    for head in ("max abs", "bound", "median ulp", "from float64"):
        assert head in done.stdout
    assert done.stdout.count("2.9e-08") == 2  # of both, from float64
    assert sorted(done.stderr.split("\n")[:3]) == ["float64: ok ", "onnxruntime: ok ", "reference: ok "]  # side by side


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


@pytest.fixture
def softmax(tmp_path):
    """NumPy's file of softmax_regression, untrained, changed before it is written."""
    lesson = load_lesson("softmax_regression")
    learner = make("softmax_regression", "numpy", "eager", "float32")
    learner.load(initial_weights(lesson, 0, "float32"))
    learner.export_onnx(tmp_path / "softmax.onnx")

    def changed(change):
        proto = onnx.load(tmp_path / "softmax.onnx")
        change(proto)
        onnx.save(proto, tmp_path / "changed.onnx")
        return tmp_path / "changed.onnx"

    return changed


def of_batch(size):
    def change(proto):
        for each in (*proto.graph.input, *proto.graph.output):
            each.type.tensor_type.shape.dim[0].dim_value = size

    return change


@pytest.mark.parametrize("size", [1, 300, 4096])
def test_a_fixed_batch_is_filled_with_a_lesson_s_examples(lessonbench, softmax, size):
    """All of the 1,000 examples are run, in batches, and none of those that fill the last is counted."""
    done = lessonbench("onnx", "check", softmax(of_batch(size)), "--against", "softmax_regression", *TWO)
    assert done.returncode == 0, done.stderr
    assert "1,000 of 2,000 test examples." in done.stdout
    assert done.stdout.count(" 0.102 ") == 2  # as with a free batch


def give_three(proto):
    for tensor in proto.graph.initializer:
        kept = numpy_helper.to_array(tensor)[..., :3]
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(kept), tensor.name))
    proto.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 3


def take_places(proto):
    proto.graph.input[0].type.tensor_type.elem_type = INT
    cast = helper.make_node("Cast", ["x"], ["as_float"], to=FLOAT)
    proto.graph.node[0].input[0] = "as_float"
    proto.graph.node.insert(0, cast)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (give_three, "gives y ['batch', 3], where the lesson's answers to an example are (10,)."),
        (take_places, "takes int64 for x, and the lesson's examples are float32."),
        (of_batch(0), "takes 0 examples at a time; export it with a free batch."),
        (of_batch(2**40), "bytes of inputs; at most 268,435,456 are made."),
    ],
)
def test_a_model_that_is_not_for_the_lesson(lessonbench, softmax, change, sentence):
    done = lessonbench("onnx", "check", softmax(change), "--against", "softmax_regression", *TWO)
    assert done.returncode == 2
    assert done.stderr.startswith("lessonbench: changed.onnx ")
    assert done.stderr.endswith(f"{sentence}\n")


def sum_up(proto):
    proto.graph.node[-1].output[0] = "each"
    proto.graph.node.append(helper.make_node("ReduceSum", ["each"], ["y"], keepdims=0))
    proto.graph.output[0].type.tensor_type.shape.ClearField("dim")


def test_what_is_no_answer_has_no_value(lessonbench, softmax):
    done = lessonbench("onnx", "check", softmax(sum_up), "--against", "softmax_regression", *TWO)
    assert done.returncode == 0, done.stderr
    assert "value" not in done.stdout


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


def patched(path, member, central, words):
    """A zip file with other bytes in the headers of its one member."""
    content = bytearray(path.read_bytes())
    for sign, place in ((b"PK\3\4", member), (b"PK\1\2", central)):
        at = content.index(sign) + place
        content[at : at + len(words)] = words
    path.write_bytes(content)


def no_array(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", "1 2 3")


def damaged(path):
    content = bytearray(path.read_bytes())
    content[60:80] = bytes(20)
    path.write_bytes(content)


def unknown_header(path):
    with path.open("wb") as file:
        np.save(file, np.ones((2, 3), np.float32))
    path.write_bytes(path.read_bytes().replace(b"{'descr'", b"{{{{{{{{"))


def endless_header(path):
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (10**12, 3)})


DAMAGE = {
    "no array": no_array,
    "damaged": damaged,
    "encrypted": lambda path: patched(path, 6, 8, b"\1\0"),
    "packed in a way unknown": lambda path: patched(path, 8, 10, b"\x63\0"),
    "a broken header": unknown_header,
    "a header without end": endless_header,
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damaged_inputs_are_no_fault_of_the_model_s(save, tmp_path, name):
    path = tmp_path / "x.npz"
    np.savez_compressed(path, x=np.random.default_rng(0).random((200, 3), "float32"))
    DAMAGE[name](path)
    found, _ = examined(save(dense()), tmp_path, inputs=str(path))
    how = "holds no arrays, or damaged ones: a .npy or .npz file of NumPy's, without objects, does."
    assert found["reason"] == f"ModelError: {path} {how}"


def test_one_array_is_not_for_two_inputs(save, tmp_path):
    np.save(tmp_path / "x.npy", np.ones((2, 3), np.float32))
    made = model([helper.make_node("Add", ["a", "b"], ["y"])], [value("a"), value("b")], [value("y")])
    found, _ = examined(save(made), tmp_path, inputs=str(tmp_path / "x.npy"))
    assert found["reason"].endswith("x.npy is one array, where the model takes a, b; name them in a .npz file.")


def test_inputs_are_made_of_every_kind(save, tmp_path):
    inputs = [
        value("a", ("n", "m", 2)),
        value("b", ("n",), INT),
        value("c", (), BOOL),
        value("d", (2,), TensorProto.DOUBLE),
        value("e", (0, 2)),
    ]
    nodes = [helper.make_node("Identity", [each.name], [f"{each.name}2"]) for each in inputs]
    outputs = [onnx.ValueInfoProto(name=f"{each.name}2", type=each.type) for each in inputs]
    found, arrays = examined(save(model(nodes, inputs, outputs)), tmp_path)
    assert found["status"] == "ok", found
    assert [array.shape for array in arrays] == [(FREE, FREE, 2), (FREE,), (), (2,), (0, 2)]
    assert [array.dtype.name for array in arrays] == ["float32", "int64", "bool", "float64", "float32"]


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
    if place.startswith("function's default"):
        inner = helper.make_attribute("c", tensor)
        if place.endswith("graph"):
            inner = helper.make_attribute("c", helper.make_graph([constant], "b", [], [value("c", None)]))
        made = kept_outside("function")
        del made.functions[0].node[0]
        made.functions[0].attribute_proto.append(inner)
        return made
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


def of_kind(kind, given=FLOAT):
    """A model that takes one kind and gives another."""
    cast = helper.make_node("Cast", ["x"], ["y"], to=kind)
    return model([cast], [value("x", (2,), given)], [value("y", (2,), kind)])


def with_name(name):
    """A model with an operator of its own by this name, of bytes."""
    made = model([helper.make_node("NAMEDSO", ["x"], ["y"], domain="own")], [value("x")], [value("y")])
    return made.SerializeToString().replace(b"NAMEDSO", name)


def with_sizes(*sizes):
    made = dense()
    made.graph.initializer[0].dims[:] = sizes
    return made


PLACES = ("initializer", "function", "function's default", "function's default graph")
PLACES += ("sparse", "location alone", "branch")
NO_TEXT = "has a name that is no text; export it anew."
BAD = {
    "empty": (lambda: b"", "it has no operators"),
    "garbage": (lambda: b"<html>not found</html>", "is not an ONNX model"),
    "cut short": (lambda: dense().SerializeToString()[:-30], "is not an ONNX model: Error parsing message"),
    "a name that is no text": (lambda: with_name(b"A\xff\xfeCDEF"), NO_TEXT),
    "a name that moves the cursor": (lambda: with_name(b"A\x1b[31mB"), NO_TEXT),
    "a name of two lines": (lambda: with_name(b"A\nB: ok"), NO_TEXT),
    "a dimension without a text": (
        lambda: dense().SerializeToString().replace(b"batch", b"bat\xff\xfe"),
        NO_TEXT,
    ),
    "a weight that is not there": (lambda: with_sizes(2**60), "has not the numbers of 'k', whose sizes are"),
    "a weight of more": (lambda: with_sizes(2), "whose sizes are [2]; export it anew."),
    "a weight of less than nothing": (lambda: with_sizes(-12), "whose sizes are [-12]; export it anew."),
    "no inputs": (
        lambda: model([helper.make_node("Constant", [], ["y"], value_float=1.0)], [], [value("y", ())]),
        "takes nothing, so that there is nothing to run and compare.",
    ),
    "no outputs": (
        lambda: model([helper.make_node("Relu", ["x"], ["y"])], [value("x")], []),
        "gives nothing, so that there is nothing to run and compare.",
    ),
    "bfloat16": (lambda: of_kind(TensorProto.BFLOAT16), "gives bfloat16 for y; run and compared here are bools"),
    "bfloat16 taken": (lambda: of_kind(FLOAT, TensorProto.BFLOAT16), "takes bfloat16 for x; run and compared here"),
    "float8": (lambda: of_kind(TensorProto.FLOAT8E5M2), "gives float8_e5m2 for y; run and compared here are"),
    "strings given": (lambda: of_kind(TensorProto.STRING), "gives strings for y; run and compared here are bools"),
    "a sequence": (
        lambda: model(
            [helper.make_node("SequenceConstruct", ["x"], ["y"])],
            [value("x")],
            [helper.make_tensor_sequence_value_info("y", FLOAT, None)],
        ),
        "gives sequence for y; run and compared here are bools",
    ),
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
        "takes strings for x; run and compared here are bools, integers of 8 to 64 bits, and floats of 16 to 64.",
    ),
    "a type that is none": (
        lambda: model([helper.make_node("Identity", ["x"], ["y"])], *([value(n, (2,), 99)] for n in "xy")),
        "takes for x a type that is none of ONNX's.",
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
    with pytest.raises(onnx_model.ModelError, match="functions that call each other without end"):
        onnx_model.read_model(save(made))
    assert onnx_model.read_model(save(growing(3))).functions


def test_too_many_operators(save, monkeypatch):
    monkeypatch.setattr(onnx_model, "MOST_NODES", 7)
    assert onnx_model.read_model(save(growing(2)))
    with pytest.raises(onnx_model.ModelError, match="has more than 7 operators, those in functions counted"):
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
        (("net.onnx", "--deadline", "nan"), "--deadline and --memory take a number above 0"),
        (("net.onnx", "--memory", "-1"), "--deadline and --memory take a number above 0"),
        (("pipe",), "cannot read pipe: it is no file"),
        (("net.onnx", "--inputs", "pipe"), "cannot read pipe: it is no file"),
        (("net.onnx", "--against", "rnn", "--inputs", "x.npy"), "--inputs and the test inputs of rnn are two"),
        (("net.onnx", "--data", "folder"), "--data has the data of a lesson: name one with --against"),
        (("net.onnx", "--against", "cnn", "--data", "folder"), "which --profile full takes"),
        (
            ("net.onnx", "--against", "cnn", "--profile", "full", "--data", "nowhere"),
            "nowhere is named as the data folder but is no folder",
        ),
        (("net.onnx", "--deadline", "0.001"), "net.onnx cannot be read: timeout: not done after 0.001 s (--deadline)"),
        (("net.onnx", "--memory", "0.001"), "where 0.0 GiB are allowed (--memory)"),
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


def test_a_newer_format_is_lowered_in_so_many_words(lessonbench, save):
    made = dense()
    made.ir_version = 99
    done = lessonbench("onnx", "check", save(made), *TWO)
    assert done.returncode == 0, done.stderr
    assert "IR version 99 was lowered to 10 for all runtimes." in done.stdout


def test_who_is_asked_alone_is_compared_with_nobody(lessonbench, save):
    done = lessonbench("onnx", "check", save(dense()), "--runtime", "reference")
    assert done.returncode == 1
    words = "Nothing was compared: the others are held against reference, so ask for another (--runtime)."
    assert done.stderr.splitlines()[-1] == words


def test_a_refusal_is_told_in_words(lessonbench, save):
    """An operator of a domain that no runtime knows."""
    done = lessonbench("onnx", "check", save(with_name(b"Unknown")), *TWO)
    assert done.returncode == 2
    assert "onnxruntime: refused " in done.stderr.splitlines()
    assert "hold others against: reference: refused: " in done.stderr.splitlines()[-1]
    assert "RefusedError" not in done.stderr


@pytest.mark.parametrize(
    ("verdicts", "passed"),
    [
        (("reference", "pass", "missing", "refused"), True),
        (("reference", "pass", "crashed"), False),
        (("reference", "pass", "timeout"), False),
        (("reference", "pass", "fail"), False),
        (("reference", "missing"), False),
    ],
)
def test_what_passes(verdicts, passed):
    assert Checked("reference", {}, [], [{"verdict": verdict} for verdict in verdicts]).passed is passed


def test_a_runtime_that_crashes_is_seen_and_its_log_kept(save, tmp_path):
    """One that is planted in a copy of the harness beside the others, where it is found by its name."""
    copy = tmp_path / "copy"
    shutil.copytree(PROJECT / "harness", copy / "harness", ignore=shutil.ignore_patterns("__pycache__"))
    sound = (copy / "harness" / "runtimes" / "onnxruntime_runtime.py").read_text(encoding="utf-8")
    crash = "\n\nimport os\n\nSession = lambda *_: os.abort()\n"
    (copy / "harness" / "runtimes" / "falling_runtime.py").write_text(sound + crash, encoding="utf-8")
    done = CommandLine(tmp_path, (copy,))("onnx", "check", save(dense()), *TWO, "--runtime", "falling")
    assert done.returncode == 1, done.stderr
    assert "crashed" in done.stdout
    told = done.stderr.splitlines()[-1]
    assert told.startswith("falling: crashed: ended by SIGABRT; see ")
    log = Path(told.rpartition(" ")[2])
    assert log.is_file()
    shutil.rmtree(log.parents[1])
