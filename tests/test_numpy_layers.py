"""NumPy's layers for images: forward and backward passes against finite differences, PyTorch and figures by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from workbench import make

from harness.children import onnx_model, onnx_parity
from harness.plan import load_lesson
from impls.data import SAMPLES
from impls.learners.numpy_images import AveragePool2D, Concatenate, Conv2D, Flatten, MaxPool2D, planes
from impls.learners.numpy_layers import Add, Dense, Module, ReLU
from impls.learners.numpy_learner import Learner
from impls.spec import initial_weights

# A convolution of 64 rows of windows or more (size·channels) goes by bands, a thinner one at once; of 1×1, no copy.
CONVOLUTIONS = [(2, 3, 5, 0), (13, 3, 5, 0), (13, 3, 5, 2), (2, 3, 3, 1), (22, 2, 3, 1), (3, 4, 1, 0), (3, 4, 1, 1)]


def filled(layer: Module) -> Module:
    """The layer with random parameters."""
    rng = np.random.default_rng(1)
    for _, owner, name in layer.parameters():
        setattr(owner, name, rng.normal(size=getattr(owner, name).shape))
    return layer


class Residual(Module):
    def __init__(self):
        super().__init__()
        self.conv, self.sum = Conv2D(2, 2, 3, padding=1), Add()

    def forward(self, x):
        return self.sum(x, self.conv(x))

    def backward(self, dy):
        dy = self.sum.backward(dy)
        return self.conv.backward(dy) + dy


class Branches(Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.pool = Conv2D(2, 3, 1), Conv2D(2, 2, 3, padding=1), AveragePool2D(3, padding=1)
        self.join = Concatenate()

    def forward(self, x):
        return self.join(self.conv1(x), x, self.conv2(x), self.pool(x))

    def backward(self, dy):
        dy1, dy2, dy3, dy4 = self.join.backward(dy)
        return self.conv1.backward(dy1) + dy2 + self.conv2.backward(dy3) + self.pool.backward(dy4)


LAYERS = {f"conv {numbers}": (lambda n=numbers: Conv2D(*n), numbers[0]) for numbers in CONVOLUTIONS} | {
    "average of 3, border 1": (lambda: AveragePool2D(3, padding=1), 2),
    "average of 3, no border": (lambda: AveragePool2D(3), 2),
    "average of 2, border 1": (lambda: AveragePool2D(2, padding=1), 2),
    "largest of 2": (lambda: MaxPool2D(2), 2),
    "largest of 3": (lambda: MaxPool2D(3), 2),
    "rectifier": (ReLU, 2),
    "flatten": (Flatten, 2),
    "residual sum": (Residual, 2),
    "branches": (Branches, 2),
}


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_finite_differences(name):
    """Of a random sum of the outputs, by every number of the input and the parameters, in float64."""
    make_layer, channels = LAYERS[name]
    layer, rng = filled(make_layer()), np.random.default_rng(0)
    x = rng.normal(size=(2, 7, 6, channels))
    dy = rng.normal(size=layer.forward(x).shape)
    dx = np.array(layer.backward(dy))
    arrays = [(x, dx)] + [(getattr(o, n), getattr(o, f"{n}_gradient").copy()) for _, o, n in layer.parameters()]
    for array, gradient in arrays:
        slopes = np.empty(array.shape)
        for place in np.ndindex(*array.shape):
            value, sums = array[place], []
            for step in (1e-6, -1e-6):
                array[place] = value + step
                sums.append(np.sum(layer.forward(x) * dy))
            array[place] = value
            slopes[place] = (sums[0] - sums[1]) / 2e-6
        np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-7)


def channels_first(images):
    return images.transpose(0, 3, 1, 2)


@pytest.mark.parametrize("numbers", CONVOLUTIONS, ids=str)
def test_convolution_is_pytorchs(numbers):
    torch = pytest.importorskip("torch")
    inputs, _, _, padding = numbers
    layer, rng = filled(Conv2D(*numbers)), np.random.default_rng(0)
    for batch in (4, 4, 3):  # a second pass of one size finds the first one's buffers, another size finds none
        x = rng.normal(size=(batch, 9, 8, inputs))
        y = layer.forward(x)
        dy = rng.normal(size=y.shape)
        kernel = torch.tensor(layer.kernel.transpose(3, 2, 0, 1), requires_grad=True)
        bias, image = torch.tensor(layer.bias, requires_grad=True), torch.tensor(channels_first(x), requires_grad=True)
        expected = torch.nn.functional.conv2d(image, kernel, bias, padding=padding)
        expected.backward(torch.tensor(channels_first(dy)))
        np.testing.assert_allclose(channels_first(y), expected.detach(), rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(channels_first(layer.backward(dy)), image.grad, rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(layer.kernel_gradient.transpose(3, 2, 0, 1), kernel.grad, rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(layer.bias_gradient, bias.grad, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(("size", "padding"), [(3, 1), (3, 0), (2, 1), (5, 2)])
def test_average_pool_is_pytorchs(size, padding):
    torch = pytest.importorskip("torch")
    layer, rng = AveragePool2D(size, padding), np.random.default_rng(0)
    for batch in (4, 4, 3):
        x = rng.normal(size=(batch, 7, 6, 3))
        y = layer.forward(x)
        dy = rng.normal(size=y.shape)
        image = torch.tensor(channels_first(x), requires_grad=True)
        expected = torch.nn.functional.avg_pool2d(image, size, stride=1, padding=padding, count_include_pad=True)
        expected.backward(torch.tensor(channels_first(dy)))
        np.testing.assert_allclose(channels_first(y), expected.detach(), rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(channels_first(layer.backward(dy)), image.grad, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("size", [2, 3])
def test_max_pool_is_pytorchs_where_values_are_equal(size):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x = rng.integers(0, 3, (5, 7, 6, 3)).astype(float)  # most windows have several largest values
    layer = MaxPool2D(size)
    y = layer.forward(x)
    dy = rng.normal(size=y.shape)
    image = torch.tensor(channels_first(x), requires_grad=True)
    expected = torch.nn.functional.max_pool2d(image, size)
    expected.backward(torch.tensor(channels_first(dy)))
    np.testing.assert_array_equal(channels_first(y), expected.detach())
    np.testing.assert_array_equal(channels_first(layer.backward(dy)), image.grad)


def test_the_first_of_equal_values_has_the_gradient():
    layer = MaxPool2D(2)
    layer.forward(np.ones((1, 2, 2, 1)))
    np.testing.assert_array_equal(layer.backward(np.full((1, 1, 1, 1), 5.0))[0, :, :, 0], [[5, 0], [0, 0]])


def test_the_zeros_of_a_border_count_in_a_mean():
    layer = AveragePool2D(3, padding=1)
    means = layer.forward(np.full((1, 3, 3, 1), 9.0))[0, :, :, 0]
    np.testing.assert_allclose(means, [[4, 6, 4], [6, 9, 6], [4, 6, 4]])
    gradient = layer.backward(np.full((1, 3, 3, 1), 9.0))[0, :, :, 0]
    np.testing.assert_allclose(gradient, [[4, 6, 4], [6, 9, 6], [4, 6, 4]])
    with pytest.raises(ValueError, match="no pixel"):
        AveragePool2D(3, padding=3)


def test_parts_are_joined_in_their_order_and_parted_again():
    parts = [np.full((2, 3, 3, channels), float(channels)) for channels in (1, 3, 2)]
    layer = Concatenate()
    y = layer.forward(*parts)
    assert y[1, 2, 0].tolist() == [1, 3, 3, 3, 2, 2]
    assert planes(y).flags.c_contiguous
    for part, gradient in zip(parts, layer.backward(y), strict=True):
        np.testing.assert_array_equal(gradient, part)
        assert planes(gradient).flags.c_contiguous, "a part of planes is planes"


def test_what_a_layer_returns_is_its_own():
    """Neither the input nor what a layer before has remembered is written to."""
    rng = np.random.default_rng(0)
    for make_layer, channels in LAYERS.values():
        layer, x = filled(make_layer()), rng.normal(size=(2, 7, 6, channels))
        kept = x.copy()
        y = layer.forward(x)
        dy = rng.normal(size=y.shape)
        kept_dy = dy.copy()
        layer.backward(dy)
        np.testing.assert_array_equal(x, kept)
        np.testing.assert_array_equal(dy, kept_dy)


class Everything(Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.relu = Conv2D(1, 2, 3, padding=2), ReLU()
        self.branches = Branches()
        self.conv2, self.pool = Conv2D(9, 2, 5), MaxPool2D(2)
        self.residual = Residual()
        self.flatten, self.head = Flatten(), Dense(8, 3)

    def forward(self, x):
        h = self.branches(self.relu(self.conv1(x)))  # (batch, 8, 8, 9)
        h = self.residual(self.pool(self.conv2(h)))  # (batch, 2, 2, 2)
        return self.head(self.flatten(h))


def test_every_layer_has_its_onnx_form(tmp_path):
    lesson = replace(load_lesson("cnn"), input_shape=(6, 6, 1), net={})
    learner = Learner(lesson, Everything, mode="eager", device="cpu", dtype="float32")
    rng = np.random.default_rng(0)
    learner.load({name: rng.normal(size=array.shape) for name, array in learner.weights().items()})
    learner.export_onnx(tmp_path / "net.onnx")
    model = onnx_parity.common_form(onnx_model.read_model(tmp_path / "net.onnx"))
    x = rng.normal(size=(300, 6, 6, 1)).astype(np.float32)
    expected = learner.predict(x)
    np.testing.assert_allclose(onnx_parity.run_model(model, x, 1), expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    convolutions = 64 * 9 * 1 * 2 + 64 * (1 * 2 * 3 + 9 * 2 * 2) + 16 * 25 * 9 * 2 + 4 * 9 * 2 * 2
    assert onnx_parity.flop_per_example(model) == 2 * (convolutions + 8 * 3)


@pytest.mark.parametrize("name", ["cnn", "inception", "resnet", "resnet-plain"])
def test_a_lessons_operations_are_its_graphs(name, tmp_path):
    make(name, "numpy", "eager", dtype="float32").export_onnx(tmp_path / "net.onnx")
    model = onnx_parity.common_form(onnx_model.read_model(tmp_path / "net.onnx"))
    assert onnx_parity.flop_per_example(model) == load_lesson(name).flop_per_example


@pytest.mark.parametrize("seed", range(3))
def test_gradients_shrink_with_depth_without_the_shortcut(seed):
    """At the initial weights, which both twins share.

    A bias shows it best: its gradient is that of the convolution's outputs, summed, whatever came in.
    """
    lesson = load_lesson("resnet")
    data = lesson.data.load(SAMPLES / "mnist", seed, "float64")
    lengths = {}
    for name in ("resnet", "resnet-plain"):
        learner = make(name, "numpy", "eager")
        learner.load(initial_weights(load_lesson(name), seed, "float64"))
        _, gradients = learner.loss_and_gradients(learner.put(data.x_train[:64]), learner.put(data.y_train[:64]))
        lengths[name] = {parameter: np.linalg.norm(gradient) for parameter, gradient in gradients.items()}
    share = {parameter: lengths["resnet-plain"][parameter] / length for parameter, length in lengths["resnet"].items()}
    assert share["conv1.kernel"] < 0.1
    assert share["conv1.bias"] < share["conv2.bias"] / 2 < 0.25
