"""What the dense lessons learn from, numbers that follow from theirs by arithmetic, and the layers that they need."""

from __future__ import annotations

import itertools
import math
import re
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from baselines import course_sigmoid_mlp
from baselines.course_sigmoid_mlp import downhill, inputs, parsed, targets, text
from workbench import make, small

from harness.catalogue import load_lesson
from harness.children.measure import train
from harness.children.timing import EFFORT
from impls import data
from impls.data import FILES, SAMPLES, DataError, read_idx
from impls.learners.numpy_layers import Dense, Module, Sigmoid, Tanh
from impls.learners.numpy_losses import loss_and_gradient
from impls.spec import NetLesson, Uniform, batch_order, initial_weights

# --- linear_unit -----------------------------------------------------------------------------------------------


def recurrence(lesson: NetLesson, weight: float, bias: float, epochs: int) -> tuple[float, float]:
    """Full-batch gradient descent on the summed squared error, written out."""
    points, rate = lesson.data.load(None, 0, "float64"), lesson.optimizer.learning_rate
    for _ in range(epochs):
        error = points.x_train * weight + bias - points.y_train
        weight -= rate * 2 * float((error * points.x_train).sum())
        bias -= rate * 2 * float(error.sum())
    return weight, bias


@pytest.mark.parametrize("name", ["linear_unit", "linear_unit-long"])
def test_the_linear_units_target_is_the_worst_of_all_initial_weights(name):
    """The error is a convex function of the initial weights, and so is largest at a corner of their square."""
    lesson = load_lesson(name)
    assert all(parameter.initial == Uniform(1.0) for parameter in lesson.parameters)
    profile = lesson.profiles["quick"]
    ends = [recurrence(lesson, *corner, profile.epochs) for corner in itertools.product((-1.0, 1.0), repeat=2)]
    worst = max((4 * weight + bias - 8) ** 2 for weight, bias in ends)
    assert worst <= profile.target < 1.01 * worst
    assert lesson.profiles["full"] == profile


def test_the_linear_unit_follows_the_recurrence():
    lesson, learner = load_lesson("linear_unit"), make("linear_unit", "numpy", "eager")
    points, start = lesson.data.load(None, 3, "float64"), initial_weights(lesson, 3, "float64")
    order = batch_order(3, 3, 100, seed=3)
    learner.load(start)
    learner.train_epoch(points.x_train, points.y_train, order.reshape(100, 3))
    expected = recurrence(lesson, start["head.kernel"].item(), start["head.bias"].item(), 100)
    trained = learner.weights()
    assert (trained["head.kernel"].item(), trained["head.bias"].item()) == pytest.approx(expected, rel=1e-12)


# --- logistic_regression ---------------------------------------------------------------------------------------


def test_the_table_is_scaled_and_split():
    table = load_lesson("logistic_regression").data
    found = table.load(None, 0, "float64")
    assert (found.x_train.shape, found.x_test.shape) == ((614, 8), (154, 8))
    x, y = np.concatenate([found.x_train, found.x_test]), np.concatenate([found.y_train, found.y_test])
    np.testing.assert_array_equal(x.min(axis=0), -1)
    np.testing.assert_array_equal(x.max(axis=0), 1)
    assert y.shape == (768, 1)
    assert y.dtype == np.float64
    assert (y.sum(), set(y.ravel())) == (268, {0.0, 1.0})
    # The file's first row, by hand: 6 of 0 to 17 pregnancies, glucose 148 of 0 to 199, and an age of 50 of 21 to 81.
    assert x[0, [0, 1, 7]] == pytest.approx([2 * 6 / 17 - 1, 2 * 148 / 199 - 1, 2 * 29 / 60 - 1])
    assert y[0] == 1
    other = table.load(None, 1, "float32")
    assert other.x_test.dtype == other.y_test.dtype == np.float32
    np.testing.assert_array_equal(other.x_test, found.x_test.astype(np.float32))


def test_the_deep_nets_target_is_the_majoritys_share():
    lesson = load_lesson("logistic_regression")
    negative = lesson.data.load(None, 0, "float64").y_test == 0
    assert (negative.sum(), negative.size) == (99, 154)
    assert 99 / 154 - 0.001 < lesson.profiles["quick"].target <= 99 / 154


def test_a_table_that_is_not_the_projects_is_refused(tmp_path, monkeypatch):
    table = load_lesson("logistic_regression").data
    copy = tmp_path / table.file
    copy.parent.mkdir()
    monkeypatch.setattr(data, "SAMPLES", tmp_path)
    with pytest.raises(DataError, match=re.escape(str(copy))):
        table.load(None, 0, "float64")
    shutil.copy(SAMPLES / table.file, copy)
    assert len(table.load(None, 0, "float64").x_train) == 614
    copy.write_text(copy.read_text().replace("6,148,", "6,149,", 1))
    with pytest.raises(DataError, match="damaged"):
        table.load(None, 0, "float64")


def test_every_sample_is_packaged():
    settings = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["impls"]
    packaged = {path for pattern in patterns for path in SAMPLES.parent.glob(pattern)}
    files = {path for path in SAMPLES.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert len(files) > 8
    assert files <= packaged


# --- sigmoid_mlp and softmax_regression-smoothed -----------------------------------------------------------------


def test_sigmoids_learn_from_inputs_and_targets_that_they_can_reach():
    folder = SAMPLES / "mnist"
    found = load_lesson("sigmoid_mlp").data.load(folder, 0, "float64")
    assert (found.x_train.min(), found.x_train.max()) == (pytest.approx(0.01, rel=1e-14), pytest.approx(1, rel=1e-14))
    pixels = read_idx(folder / FILES[2]).reshape(2000, 784)
    np.testing.assert_allclose(found.x_test, pixels / 255 * 0.99 + 0.01, rtol=1e-14)
    labels = load_lesson("deep_mlp").data.load(folder, 0, "float64").y_test
    assert found.y_test.shape == (2000, 10)
    np.testing.assert_array_equal(found.y_test.argmax(axis=1), labels)
    np.testing.assert_array_equal(np.sort(found.y_test, axis=1), np.tile([0.01] * 9 + [0.99], (2000, 1)))
    assert load_lesson("sigmoid_mlp").data.load(folder, 0, "float32").y_train.dtype == np.float32


def test_a_batch_of_one_learns_from_the_same_lesson():
    batch, single = load_lesson("sigmoid_mlp"), load_lesson("sigmoid_mlp-single")
    assert (batch.batch, single.batch) == (16, 1)
    for field in ("data", "parameters", "loss", "optimizer"):
        assert getattr(batch, field) == getattr(single, field)


def test_the_plain_programs_rule_is_the_lessons_gradient_and_the_notes_rule_is_not():
    lesson, learner = load_lesson("sigmoid_mlp-single"), make("sigmoid_mlp-single", "numpy", "eager")
    weights, examples = initial_weights(lesson, 4, "float64"), lesson.data.load(SAMPLES / "mnist", 4, "float64")
    image, label = read_idx(SAMPLES / "mnist" / FILES[0])[5], int(read_idx(SAMPLES / "mnist" / FILES[1])[5])
    learner.load(weights)
    _, gradients = learner.loss_and_gradients(examples.x_train[5:6], examples.y_train[5:6])
    kernels = weights["hidden.kernel"].T, weights["head.kernel"].T
    hidden, head = downhill(*kernels, inputs(image), targets(label), "gradient")
    np.testing.assert_allclose(-hidden.T, gradients["hidden.kernel"], rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(-head.T, gradients["head.kernel"], rtol=1e-9, atol=1e-14)
    hidden, head = downhill(*kernels, inputs(image), targets(label), "notes")
    assert np.abs(-hidden.T - gradients["hidden.kernel"]).max() > np.abs(gradients["hidden.kernel"]).max()
    np.testing.assert_allclose(-head.T, gradients["head.kernel"], rtol=1e-9, atol=1e-14)
    read, its_label = parsed(text(image, label))
    np.testing.assert_array_equal(inputs(read), inputs(image))
    assert its_label == label


def test_the_plain_program_and_the_learner_end_alike(tmp_path):
    """One epoch of the sample, one example at a time: the same weights and order give the same answers."""
    table = tmp_path / "table.csv"
    alone = ["--way", "gradient", "--framework", "numpy", "--batch", "1", "--epochs", "1", "--out", str(table)]
    course_sigmoid_mlp.main(alone, standalone_mode=False)
    loop, learner = pd.read_csv(table).to_dict("records")
    assert (loop["way"], learner["way"]) == ("one at a time, gradient", "batches of 1, numpy eager")
    assert (loop["epochs"], loop["times"], learner["epochs"]) == (1, 1, 1)
    assert loop["accuracy"] == pytest.approx(learner["accuracy"], abs=0.002)  # float64, and float32
    assert 0.5 < loop["accuracy"] < 1


def test_smoothing_leaves_nine_tenths_to_the_right_class():
    loss = load_lesson("softmax_regression-smoothed").loss
    logits, labels = np.zeros((1, 10)), np.array([3])
    _, gradient = loss_and_gradient(loss, logits, labels)  # the softmax, a tenth each, less the shares
    shares = 0.1 - gradient[0]
    assert shares[3] == pytest.approx(0.9)
    assert np.delete(shares, 3) == pytest.approx([0.1 / 9] * 9)


def test_training_accuracy_is_followed_beside_the_tests():
    """What the course plots for softmax regression: training loss, training accuracy and test accuracy by epoch."""
    lesson, learner = load_lesson("softmax_regression"), make("softmax_regression", "numpy", "eager", "float32")
    data, start = small(lesson, "float32"), initial_weights(lesson, 0, "float32")
    order = batch_order(len(data.x_train), lesson.batch, 2, seed=0)
    trained = next(train(learner, lesson, data, start, order, EFFORT["quick"]))
    drawn = {(row["quantity"], row["position"]): row["value"] for row in trained.curves}
    assert {quantity for quantity, _ in drawn} == {"train_loss", "train_accuracy", "accuracy"}
    assert drawn["train_accuracy", 2] == np.mean(learner.predict(data.x_train).argmax(axis=1) == data.y_train)
    assert drawn["accuracy", 2] == np.mean(learner.predict(data.x_test).argmax(axis=1) == data.y_test)
    assert drawn["train_accuracy", 2] > drawn["accuracy", 2]  # of random labels only those seen can be learnt


# --- curve_fit -------------------------------------------------------------------------------------------------


def test_the_parabolas_points():
    drawn = load_lesson("curve_fit").data
    points = drawn.load(None, 0, "float64")
    x = points.x_train
    assert (x.shape, x[0].item(), x[-1].item()) == ((200, 1), -0.5, 0.5)
    assert np.diff(x.ravel()) == pytest.approx([1 / 199] * 199)
    np.testing.assert_array_equal(points.x_test, x)
    np.testing.assert_array_equal(points.y_test, x**2)
    noise = points.y_train - points.y_test
    assert noise.std() == pytest.approx(0.02, rel=0.2)
    assert abs(noise.mean()) < 0.02 * 4 / math.sqrt(200)
    assert not np.array_equal(points.y_train, drawn.load(None, 1, "float64").y_train)


# --- layers ----------------------------------------------------------------------------------------------------

LAYERS = {
    "sigmoid": (Sigmoid, 4),
    "tanh": (Tanh, 4),
    "dense": (lambda: Dense(3, 2), 4),
    "dense without bias": (lambda: Dense(3, 2, bias=False), 4),
    "dense on one example": (lambda: Dense(3, 2), 1),
}


@pytest.mark.parametrize("name", LAYERS)
def test_backward_is_the_slope_of_forward(name):
    """Of a random sum of the outputs, by every number of the input and of the parameters, in float64."""
    make_layer, batch = LAYERS[name]
    layer, rng = make_layer(), np.random.default_rng(0)
    x = rng.normal(size=(batch, 3))
    parameters = {attribute: getattr(owner, attribute) for _, owner, attribute in layer.parameters()}
    for array in parameters.values():
        array[...] = rng.normal(size=array.shape)
    dy = rng.normal(size=layer.forward(x).shape)
    gradients = {"x": (x, layer.backward(dy).copy())}
    gradients |= {n: (array, getattr(layer, f"{n}_gradient").copy()) for n, array in parameters.items()}
    for array, gradient in gradients.values():
        np.testing.assert_allclose(gradient, slopes(layer, x, dy, array), rtol=1e-7, atol=1e-8)


def slopes(layer: Module, x: np.ndarray, dy: np.ndarray, array: np.ndarray) -> np.ndarray:
    """Central differences of Σ dy·forward(x) by each element of ``array``, which is x or a parameter."""
    found = np.empty_like(array)
    for place in np.ndindex(array.shape):
        kept, sums = array[place], []
        for moved in (kept + 1e-6, kept - 1e-6):
            array[place] = moved
            sums.append(np.sum(dy * layer.forward(x)))
        array[place], found[place] = kept, (sums[0] - sums[1]) / 2e-6
    return found


def test_a_layer_without_bias_has_none():
    assert [name for name, *_ in Dense(3, 2, bias=False).parameters()] == ["kernel"]
    assert [name for name, *_ in Dense(3, 2).parameters()] == ["kernel", "bias"]
    assert not hasattr(Dense(3, 2, bias=False), "bias")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_sigmoid_is_right_everywhere_and_silent(dtype):
    """NumPy's warnings of overflow would be errors here."""
    x = np.array([[-1e30, -1000, -20, -1, 0, 1, 20, 1000, 1e30]], dtype)
    y, resolution = Sigmoid().forward(x), np.finfo(dtype).eps
    assert y.dtype == dtype
    known = [0, 0, 1 / (1 + math.e**20), 1 / (1 + math.e), 0.5, math.e / (1 + math.e), 1 / (1 + math.e**-20), 1, 1]
    np.testing.assert_allclose(y[0], known, rtol=0, atol=2 * resolution)
