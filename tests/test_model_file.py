"""An ONNX file in a user's folder: what equals it passes, what does not is located, what is no such file is refused."""

from __future__ import annotations

import shutil

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper
from workbench import make

from harness.catalogue import lessons, load_lesson, missing_packages
from harness.children.onnx_graph import Graph, inner_of, matched, parameters_of
from impls.spec import initial_weights

pytestmark = pytest.mark.skipif(bool(missing_packages("torch")), reason="the file is PyTorch's")


@pytest.fixture
def folder(tmp_path):
    """Makes a folder of one implementation in NumPy and the file that PyTorch's has exported; NumPy starts quickly."""

    def made(lesson, implementation="numpy"):
        place = tmp_path / "mine"
        place.mkdir()
        source = lessons()[lesson].folder
        numbers, *_ = (source / "lesson.py").read_text().split("VARIANTS = ")
        (place / "lesson.py").write_text(numbers)
        shutil.copyfile(source / f"{lesson}_{implementation}.py", place / f"mine_{implementation}.py")
        net = make(lesson, "torch", "eager", "float32")
        rng = np.random.default_rng(0)
        weights = initial_weights(load_lesson(lesson), 1, "float32")
        net.load({name: w if w.any() else rng.normal(size=w.shape).astype("float32") for name, w in weights.items()})
        net.export_onnx(place / "mine.onnx")
        return place

    return made


def change(path, sound, other):
    source = path.read_text()
    assert sound in source
    path.write_text(source.replace(sound, other, 1))


def verified(lessonbench, place, tmp_path):
    found = lessonbench("verify", place, "--out", tmp_path / "out")
    rows = pd.read_csv(tmp_path / "out" / "equality.csv", keep_default_na=False)
    return found, rows[rows["reference"] == "onnx"], pd.read_csv(tmp_path / "out" / "departures.csv")


@pytest.mark.parametrize("lesson", ["relu_mlp", "cnn"])
def test_one_implementation_that_equals_its_file_passes(lessonbench, folder, tmp_path, lesson):
    found, rows, departures = verified(lessonbench, folder(lesson), tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    assert set(rows["verdict"]) == {"pass"}
    assert set(rows["gate"]) == {"G0", "ONNX"}
    assert departures.empty


@pytest.mark.parametrize(
    ("lesson", "sound", "other", "stage", "where", "hint"),
    [
        ("relu_mlp", "torch.relu(", "torch.sigmoid(", "input", "head", "like sigmoid, where the reference has ReLU"),
        ("cnn", "h.permute(0, 2, 3, 1).flatten(1)", "h.flatten(1)", "input", "head", "in another order"),
    ],
)
def test_a_fault_is_located(lessonbench, folder, tmp_path, lesson, sound, other, stage, where, hint):
    place = folder(lesson, "torch")
    change(place / "mine_torch.py", sound, other)
    found, rows, departures = verified(lessonbench, place, tmp_path)
    assert found.returncode == 1
    assert "fail" in set(rows.query("gate == 'ONNX'")["verdict"])
    (departure,) = departures.to_dict("records")
    assert (departure["reference"], departure["stage"], departure["where"]) == ("onnx", stage, where)
    assert hint in departure["hint"]
    assert f"It parts from onnx first, what goes into {where}" in " ".join(found.stdout.split())


@pytest.mark.skipif(bool(missing_packages("keras")), reason="activations inside layers are Keras' way")
def test_an_activation_inside_a_layer_is_no_difference_and_another_one_is_named(lessonbench, folder, tmp_path):
    place = folder("relu_mlp", "keras")
    change(place / "mine_keras.py", "layers.Dense(hidden)", 'layers.Dense(hidden, activation="relu")')
    change(place / "mine_keras.py", "keras.ops.relu(self.hidden(x))", "self.hidden(x)")
    found, *_ = verified(lessonbench, place, tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    change(place / "mine_keras.py", 'activation="relu"', 'activation="silu"')
    found, _, departures = verified(lessonbench, place, tmp_path)
    assert found.returncode == 1
    (departure,) = departures.to_dict("records")
    assert (departure["stage"], departure["where"]) == ("input", "head")
    assert "it looks like SiLU, where the reference has ReLU" in departure["hint"]


def test_what_is_not_there_cannot_be_held(lessonbench, folder):
    found = lessonbench("verify", folder("relu_mlp"), "--framework", "torch")
    assert found.returncode == 2
    assert len(found.stderr.splitlines()) == 1
    assert "mine has no implementation in torch; name one that there is: numpy" in found.stderr


def test_a_bias_that_the_file_lacks_is_named(lessonbench, folder, tmp_path):
    place = folder("relu_mlp")
    model = onnx.load(place / "mine.onnx")
    del model.graph.node[0].input[2]
    onnx.save(model, place / "mine.onnx")
    found, rows, departures = verified(lessonbench, place, tmp_path)
    assert found.returncode == 1
    assert rows.query("verdict == 'fail'")["quantity"].tolist() == ["shape hidden.bias"]
    assert departures[["stage", "where"]].values.tolist() == [["parameter", "hidden.bias"]]
    assert "the file has no hidden.bias" in " ".join(found.stdout.split())


def truncate(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def write_text(path):
    path.write_text("weights\n" * 100)


def send_outside(path):
    model = onnx.load(path)
    onnx.save(model, path, save_as_external_data=True, location="weights.bin", size_threshold=0)


def forget_an_operator(path):
    model = onnx.load(path)
    model.graph.node[0].op_type = "Gem"
    onnx.save(model, path)


def ask_for_other_pictures(path):
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 100
    onnx.save(model, path)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (truncate, "mine.onnx is not an ONNX model"),
        (write_text, "mine.onnx is not an ONNX model"),
        (send_outside, "mine.onnx keeps weights in other files"),
        (forget_an_operator, "mine.onnx is not a valid ONNX model"),
        (ask_for_other_pictures, "takes examples of shape (100,), and the lesson's are (784,)"),
    ],
)
def test_what_is_no_such_file_gets_one_sentence(lessonbench, folder, tmp_path, damage, sentence):
    place = folder("relu_mlp")
    damage(place / "mine.onnx")
    found = lessonbench("verify", place, "--out", tmp_path / "out")
    assert found.returncode == 2, found.stdout + found.stderr
    assert sentence in found.stderr
    assert "Traceback" not in found.stderr
    assert not (tmp_path / "out").exists()


def test_functions_are_held_against_no_file(lessonbench, tmp_path):
    place = tmp_path / "mine"
    place.mkdir()
    (place / "lesson.py").write_text("from impls.lines.backpropagation.lesson import LESSON\n")
    (place / "mine_numpy.py").write_text("")
    write_text(place / "mine.onnx")
    found = lessonbench("verify", place)
    assert found.returncode == 2
    assert "stands beside functions" in found.stderr


def test_weights_of_recurrence_are_unchecked(lessonbench, folder, tmp_path):
    found, rows, _ = verified(lessonbench, folder("rnn_cell"), tmp_path)
    assert found.returncode == 1
    assert set(rows["verdict"]) == {"unchecked"}
    assert "cell.recurrent_kernel is no kernel or bias" in " ".join(found.stdout.split())


def graph_of(nodes, weights, output):
    """A graph from x (2, 4, 4, 1) with these initialisers."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 4, 4, 1])
    y = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
    tensors = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    return Graph(helper.make_model(helper.make_graph(nodes, "net", [x], [y], tensors)))


def test_branches_come_in_the_order_in_which_they_are_joined():
    weights = {name: np.full((1, 3), value, "float32") for name, value in (("late", 1), ("early", 2))}
    nodes = [helper.make_node("MatMul", ["x", name], [f"{name}_out"]) for name in ("late", "early")]
    nodes.append(helper.make_node("Concat", ["early_out", "late_out"], ["y"], axis=-1))
    assert [layer.kernel_name for layer in graph_of(nodes, weights, "y").layers()] == ["early", "late"]


def test_a_bias_of_its_own_and_a_transposed_kernel_are_the_layers():
    rng = np.random.default_rng(0)
    weights = {"k": rng.random((3, 1), "float32"), "b": rng.random(3, "float32")}
    nodes = [
        helper.make_node("Transpose", ["k"], ["k_turned"]),
        helper.make_node("MatMul", ["x", "k_turned"], ["product"]),
        helper.make_node("Add", ["b", "product"], ["y"]),
    ]
    (layer,) = graph_of(nodes, weights, "y").layers()
    np.testing.assert_array_equal(layer.kernel, weights["k"].T)
    np.testing.assert_array_equal(layer.bias, weights["b"])
    assert (layer.inputs, layer.outputs) == ("x", "y")


def test_a_convolution_is_canonical_and_its_padding_its_own():
    rng = np.random.default_rng(0)
    weights = {"k": rng.random((2, 1, 3, 3), "float32"), "b": rng.random(2, "float32")}
    weights["pads"] = np.array([0, 0, 1, 1, 0, 0, 1, 1])
    nodes = [
        helper.make_node("Transpose", ["x"], ["first"], perm=[0, 3, 1, 2]),
        helper.make_node("Pad", ["first", "pads"], ["padded"]),
        helper.make_node("Conv", ["padded", "k"], ["product"]),
        helper.make_node("Transpose", ["product"], ["last"], perm=[0, 2, 3, 1]),
        helper.make_node("Add", ["last", "b"], ["y"]),
    ]
    lesson = load_lesson("cnn")
    uses = matched(lesson, graph_of(nodes, weights, "y").layers())
    found = parameters_of(uses)
    assert list(found) == ["conv1.kernel", "conv1.bias"]
    np.testing.assert_array_equal(found["conv1.kernel"], weights["k"].transpose(2, 3, 1, 0))
    x = rng.random((2, 1, 4, 4))
    notes = inner_of(uses, {"first": x, "y": rng.random((2, 4, 4, 2))})
    assert {name: array.shape for name, array in notes.items()} == {
        "conv1 input": (2, 4, 4, 1),
        "conv1 output": (2, 4, 4, 2),
    }


@pytest.mark.skipif(bool(missing_packages("jax")), reason="JAX has its precision for the whole process")
def test_a_net_in_jax_is_held_in_double_precision(lessonbench, folder, tmp_path):
    place = folder("relu_mlp", "jax")
    found, rows, _ = verified(lessonbench, place, tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    exact = rows[(rows["gate"] == "ONNX") & (rows["trace_dtype"] == "float64")]
    assert float(exact["gap"].iloc[0]) < 1e-12
    change(place / "mine_jax.py", "nnx.relu(", "nnx.tanh(")
    found, _, departures = verified(lessonbench, place, tmp_path)
    assert found.returncode == 1
    where = departures.iloc[0]
    assert (where["stage"], where["where"]) == ("input", "head")
    assert "looks like tanh, where the reference has ReLU" in where["hint"]
