"""Recurrence: NumPy's layers against finite differences and PyTorch, the written loop against the layer, the word."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from workbench import make

from harness.catalogue import default_mode, frameworks, lessons, load_lesson
from harness.children import onnx_model, onnx_parity
from impls.learners.numpy_layers import Module
from impls.learners.numpy_recurrent import RNN, Layers, RNNCell, SequenceDense, Stack
from impls.made import Sequences, Word
from impls.spec import batch_order, initial_weights

WORDS = ["rnn_cell", "rnn", "rnn-two_layers"]
IN_LAYER = {f"cell.{name}": f"rnn.0.cell.{name}" for name in ("kernel", "recurrent_kernel", "bias")}


@pytest.fixture(params=frameworks())
def framework(request):
    return request.param


def learner_of(lesson: str, framework: str, dtype: str = "float64"):
    return make(lesson, framework, default_mode(framework), dtype)


# --- NumPy's layers --------------------------------------------------------------------------------------------


class Loop(Module):
    """A cell in a loop, on every other step of which the state comes as a copy of what the cell has returned."""

    def __init__(self):
        super().__init__()
        self.cell, self.stack = RNNCell(2, 3), Stack()

    def forward(self, x):
        h, states = self.cell.initial_state(x), []
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h.copy() if t % 2 else h)
            states.append(h)
        return self.stack(*states)

    def backward(self, dy):
        dh = 0
        for t in reversed(range(dy.shape[1])):
            dh = self.cell.backward(dy[:, t] + dh)


LAYERS = {
    "cell in a loop": Loop,
    "layer": lambda: RNN(2, 3),
    "two layers": lambda: Layers(RNN(2, 3), RNN(3, 4)),
    "layer and dense": lambda: Layers(RNN(2, 3), SequenceDense(3, 2)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_finite_differences(name):
    """Of a random sum of the outputs, by every number of the parameters and (but for the cell's) the input."""
    layer, rng = LAYERS[name](), np.random.default_rng(0)
    for _, owner, parameter in layer.parameters():
        setattr(owner, parameter, rng.normal(size=getattr(owner, parameter).shape))
    for batch in (3, 3, 2):  # a second pass of one size finds the first one's memory, another size finds none
        x = rng.normal(size=(batch, 4, 2))
        kept = x.copy()
        dy = rng.normal(size=layer.forward(x).shape)
        dx = layer.backward(dy)
        places = [(getattr(o, n), getattr(o, f"{n}_gradient").copy()) for _, o, n in layer.parameters()]
        for array, gradient in [*places, *([] if dx is None else [(x, np.array(dx))])]:
            slopes = np.empty(array.shape)
            for place in np.ndindex(*array.shape):
                value, sums = array[place], []
                for step in (1e-6, -1e-6):
                    array[place] = value + step
                    sums.append(np.sum(layer.forward(x) * dy))
                array[place] = value
                slopes[place] = (sums[0] - sums[1]) / 2e-6
            np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-8)
        np.testing.assert_array_equal(x, kept)


@pytest.mark.parametrize("name", ["rnn_cell-useful", "rnn-useful", "rnn-two_layers"])
def test_numpys_nets_are_pytorchs(name):
    lesson = load_lesson(name)
    weights, data = initial_weights(lesson, 1, "float64"), lesson.data.load(None, 0, "float64")
    x, y = data.x_train[: lesson.batch], data.y_train[: lesson.batch]
    found = []
    for framework in ("numpy", "torch"):
        learner = learner_of(name, framework)
        learner.load(weights)
        outputs = learner.get(learner.predict(learner.put(x)))
        found.append((outputs, learner.loss_and_gradients(learner.put(x), learner.put(y))))
    (outputs, (loss, gradients)), (torch_outputs, (torch_loss, torch_gradients)) = found
    np.testing.assert_allclose(outputs, torch_outputs, rtol=1e-11, atol=1e-13)
    assert loss == pytest.approx(torch_loss, rel=1e-13)
    for parameter in weights:
        np.testing.assert_allclose(gradients[parameter], torch_gradients[parameter], rtol=1e-9, atol=1e-13)


# --- every framework -------------------------------------------------------------------------------------------


def test_the_layer_is_the_cell_step_for_step(framework):
    """With the same weights: each step's output, the loss and every gradient."""
    weights, rng = initial_weights(load_lesson("rnn_cell"), 3, "float64"), np.random.default_rng(0)
    x, y = rng.normal(size=(6, 5, 4)), rng.integers(0, 4, (6, 5)).astype(np.int32)
    cell, layer = learner_of("rnn_cell", framework), learner_of("rnn", framework)
    cell.load(weights)
    layer.load({IN_LAYER[name]: array for name, array in weights.items()})
    outputs, expected = (learner.get(learner.predict(learner.put(x))) for learner in (layer, cell))
    for t in range(5):
        np.testing.assert_allclose(outputs[:, t], expected[:, t], rtol=1e-13, atol=1e-15, err_msg=f"step {t}")
    (loss, gradients), (cell_loss, cell_gradients) = (
        learner.loss_and_gradients(learner.put(x), learner.put(y)) for learner in (layer, cell)
    )
    assert loss == pytest.approx(cell_loss, rel=1e-13)
    for name, gradient in cell_gradients.items():
        np.testing.assert_allclose(gradients[IN_LAYER[name]], gradient, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", WORDS)
def test_hello_is_answered_with_ohlol(name, framework):
    """After the lesson's epochs from the lesson's seed, and not before the first."""
    lesson, learner = load_lesson(name), learner_of(name, framework, "float32")
    data = lesson.data.load(None, lesson.seed, "float32")
    x, y = learner.put(data.x_train), learner.put(data.y_train)

    def answer():
        return "".join("ehlo"[letter] for letter in learner.get(learner.predict(x))[0].argmax(axis=-1))

    learner.load(initial_weights(lesson, lesson.seed, "float32"))
    assert answer() != "ohlol"
    for epoch in batch_order(1, 1, lesson.profiles["quick"].epochs, lesson.seed):
        learner.train_epoch(x, y, learner.put(epoch))
    assert answer() == "ohlol"


@pytest.mark.filterwarnings("ignore")  # of the exporters
@pytest.mark.parametrize("name", WORDS)
def test_an_export_is_the_net_and_its_operations_the_lessons(name, framework, tmp_path):
    lesson, learner = load_lesson(name), learner_of(name, framework, "float32")
    learner.load(initial_weights(lesson, 0, "float32"))
    learner.export_onnx(tmp_path / "net.onnx")
    model = onnx_parity.common_form(onnx_model.read_model(tmp_path / "net.onnx"))
    assert onnx_parity.flop_per_example(model) == lesson.flop_per_example
    x = np.random.default_rng(0).normal(size=(300, 5, 4)).astype(np.float32)
    expected = learner.get(learner.predict(learner.put(x)))
    np.testing.assert_allclose(onnx_parity.run_model(model, x, 1), expected, rtol=0, atol=1e-5)


def test_pytorch_takes_the_steps_first_as_well():
    torch = pytest.importorskip("torch")
    net = lessons()["rnn"].load("torch").Net(inputs=4, hidden=3, depth=2).double()
    twin = torch.nn.RNN(4, 3, 2, batch_first=False).double()
    twin.load_state_dict(net.rnn.state_dict())
    x = torch.randn(5, 6, 4, dtype=torch.float64)
    twin_x = x.swapaxes(0, 1).clone().requires_grad_()
    x.requires_grad_()
    y, (twin_y, _) = net(x), twin(twin_x)
    torch.testing.assert_close(twin_y.swapaxes(0, 1), y, rtol=1e-13, atol=1e-15)
    y.square().sum().backward()
    twin_y.square().sum().backward()
    torch.testing.assert_close(twin_x.grad.swapaxes(0, 1), x.grad, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(twin.weight_hh_l0.grad, net.rnn.weight_hh_l0.grad, rtol=1e-12, atol=1e-14)


def test_flaxs_layer_is_the_scan_with_the_batch_or_the_steps_first():
    nnx, jax = pytest.importorskip("flax.nnx"), pytest.importorskip("jax")
    net = lessons()["rnn"].load("jax").Net(nnx.Rngs(0), inputs=4, hidden=3)
    x = jax.random.normal(jax.random.key(0), (6, 5, 4), "float32")
    expected = net(x)
    cell = net.rnn[0].cell
    batch_major, time_major = nnx.RNN(cell), nnx.RNN(cell, time_major=True)
    np.testing.assert_allclose(batch_major(x), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(time_major(x.swapaxes(0, 1)).swapaxes(0, 1), expected, rtol=1e-5, atol=1e-6)


def test_a_product_in_a_loop_counts_as_often_as_the_loop_turns():
    """h ← h·w, three times, where h is (batch, 4)."""
    state, bare = ("h", TensorProto.FLOAT, ["batch", 4]), helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("MatMul", ["h", "w"], ["next"]), helper.make_node("Identity", ["on"], ["still"])],
        "body",
        [bare("turn", TensorProto.INT64, []), bare("on", TensorProto.BOOL, []), bare(*state)],
        [bare("still", TensorProto.BOOL, []), bare("next", *state[1:])],
    )
    constants = {"w": np.ones((4, 4), np.float32), "turns": np.array(3), "go": np.array(True)}
    graph = helper.make_graph(
        [helper.make_node("Loop", ["turns", "go", "x"], ["y"], body=body)],
        "net",
        [bare("x", *state[1:])],
        [bare("y", *state[1:])],
        [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    assert onnx_parity.flop_per_example(model) == 3 * 2 * 4 * 4


# --- the data --------------------------------------------------------------------------------------------------


def test_a_word_is_one_example_of_its_letters():
    data = Word("hello", target="ohlol", alphabet="ehlo").load(None, 0, "float32")
    assert data.x_train.dtype == np.float32
    assert data.x_train.tolist() == [[[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]]
    assert data.y_train.dtype == np.int32
    assert data.y_train.tolist() == [[3, 1, 2, 3, 2]]
    np.testing.assert_array_equal(data.x_test, data.x_train)
    np.testing.assert_array_equal(data.y_test, data.y_train)


def test_sequences_ask_for_the_step_before():
    made = Sequences(steps=7, inputs=5, classes=3, train_examples=20, test_examples=4)
    data, narrow = made.load(None, 1, "float64"), made.load(None, 1, "float32")
    for x, y, n in ((data.x_train, data.y_train, 20), (data.x_test, data.y_test, 4)):
        assert (x.shape, y.shape, y.dtype) == ((n, 7, 5), (n, 7), np.int32)
        for i, t in np.ndindex(n, 7):
            assert y[i, t] == (max(range(3), key=lambda k: x[i, t - 1, k]) if t else 0)
    assert set(data.y_train.ravel()) == {0, 1, 2}
    np.testing.assert_array_equal(narrow.x_train, data.x_train.astype(np.float32))
    np.testing.assert_array_equal(narrow.y_train, data.y_train)
    assert not np.array_equal(made.load(None, 2, "float64").x_train, data.x_train)
