"""The plain scripts that the learners are timed beside: what they train, and the command that runs both."""

from __future__ import annotations

import importlib
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from baselines import baselines, neighbours, overhead, products, products_worker, script_worker, slowed
from workbench import small

from harness.catalogue import frameworks, load_lesson, missing_packages
from harness.gates import onnx_matrix
from harness.runtime import absent
from impls import spec
from impls.data import SAMPLES

PROJECT = Path(__file__).parents[1]
SECOND_BIAS = {("rnn-useful", "torch"): 128}  # PyTorch's layer has one for the inputs and one for the states


@pytest.fixture(params=baselines.FRAMEWORKS)
def framework(request):
    if missing := missing_packages(request.param):
        pytest.skip(f"not installed: {missing}")
    return request.param


@pytest.fixture
def script(framework):
    return importlib.import_module(f"baselines.{framework}_plain")


def size(framework, model):
    """How many numbers are trained."""
    match framework:
        case "torch":
            return sum(parameter.numel() for parameter in model.parameters())
        case "keras":
            return sum(math.prod(variable.shape) for variable in model.trainable_variables)
        case "jax":
            from flax import nnx
            from jax import tree

            return sum(array.size for array in tree.leaves(nnx.state(model, nnx.Param)))


def test_a_plain_model_has_the_size_and_the_outputs_of_the_lessons_net(framework, script):
    assert tuple(script.MODELS) == baselines.LESSONS
    for name in baselines.LESSONS:
        lesson, model = load_lesson(name), script.new(name, seed=0)
        expected = sum(math.prod(parameter.shape) for parameter in lesson.parameters)
        assert size(framework, model) == expected + SECOND_BIAS.get((name, framework), 0), name
        data = small(lesson, "float32")
        classes = lesson.parameters[-1].shape[0]
        assert script.predict(model, data.x_test).shape == (*data.y_test.shape, classes), name


@pytest.mark.parametrize("name", ["softmax_regression", "relu_mlp"])  # gradient descent, RMSprop
def test_a_plain_script_learns_and_tells_the_end_of_each_epoch(name, script):
    lesson, model, laps = load_lesson(name), script.new(name, seed=0), []
    data = lesson.data.load(SAMPLES / lesson.data.source, 0, "float32")
    script.train(model, lesson, data.x_train, data.y_train, 2, lambda: laps.append(1))
    assert len(laps) == 2
    accuracy = np.mean(script.predict(model, data.x_test).argmax(axis=-1) == data.y_test)
    assert accuracy > 0.6  # guessing gives 0.1


@pytest.mark.parametrize("framework", frameworks())
@pytest.mark.parametrize("name", overhead.LESSONS)
def test_a_bare_loop_trains_what_the_lesson_does(name, framework):
    """Keras alone has another place for RMSprop's epsilon, in a loop that takes its optimiser as it is."""
    if missing := missing_packages(framework):
        pytest.skip(f"not installed: {missing}")
    lesson, losses, found = load_lesson(name), [], {}
    data = lesson.data.load(SAMPLES / lesson.data.source, 0, "float32")
    order = spec.batch_order(len(data.x_train), lesson.batch, 2, 0)
    for side in ("numpy", framework):
        weights = list(spec.initial_weights(lesson, 0, "float32").values())
        script = importlib.import_module(f"baselines.{side}_bare")
        found[side] = script.train(lesson, weights, data.x_train, data.y_train, order, losses.append)
    assert [len(each) for each in losses] == [len(order[0])] * 4
    assert losses[2][0] == pytest.approx(losses[0][0], rel=1e-5)
    right = script_worker.outputs(found[framework], data.x_test).argmax(axis=-1) == data.y_test
    assert right.mean() > 0.7
    if (framework, name) != ("keras", "relu_mlp"):
        np.testing.assert_allclose(losses[2], losses[0], rtol=1e-3)
        for mine, numpys in zip(found[framework], found["numpy"], strict=True):
            np.testing.assert_allclose(mine, numpys, atol=1e-5)


def run(*arguments, script="baselines"):
    words = [sys.executable, "-m", f"baselines.{script}", *arguments]
    places = os.pathsep.join((str(PROJECT), str(PROJECT / "tests")))
    environment = os.environ | {"PYTHONPATH": places, "LESSONBENCH_OFFLINE": "1"}
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=240, check=False)


def test_the_learner_and_the_plain_script_take_turns(tmp_path):
    if missing := missing_packages("torch"):
        pytest.skip(f"not installed: {missing}")
    one = ["--lesson", "softmax_regression", "--framework", "torch", "--mode", "eager", "--rounds", "1"]
    done = run(*one, "--threads", "1", "--out", tmp_path / "table.csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (tmp_path / "table.csv").read_text(encoding="utf-8")
    (row,) = pd.read_csv(tmp_path / "table.csv").to_dict("records")
    assert tuple(row) == baselines.COLUMNS
    assert (row["mode"], row["rounds"], row["threads"], row["profile"]) == ("eager", 1, 1, "quick")
    assert row["ratio"] == pytest.approx(row["ours"] / row["plain"], abs=0.01)
    assert row["ratio_per_cpu_s"] == pytest.approx(row["ours_per_cpu_s"] / row["plain_per_cpu_s"], abs=0.01)
    assert row["accuracy_plain"] == pytest.approx(row["accuracy_native"], abs=0.02)
    assert row["accuracy_ours"] > 0.8


def test_the_cell_and_the_bare_loop_take_turns(tmp_path):
    one = ("--lesson", "softmax_regression", "--framework", "numpy", "--rounds", "1", "--threads", "1")
    done = run(*one, "--out", tmp_path / "table.csv", script="overhead")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (tmp_path / "table.csv").read_text(encoding="utf-8")
    (row,) = pd.read_csv(tmp_path / "table.csv").to_dict("records")
    assert tuple(row) == overhead.COLUMNS
    assert row["ratio"] == pytest.approx(row["ours"] / row["bare"], abs=0.001)
    assert row["ratio_per_cpu_s"] == pytest.approx(row["ours_per_cpu_s"] / row["bare_per_cpu_s"], abs=0.001)


@pytest.mark.parametrize("framework", frameworks())
def test_the_products_that_are_timed_are_those_of_a_training_step(framework):
    if missing := missing_packages(framework):
        pytest.skip(f"not installed: {missing}")
    layers = products_worker.layers_of([(6, 5), (5, 3)], 7)
    (x, first, first_error), (hidden, second, error) = layers
    gradients = [x.T @ first_error, hidden.T @ error]
    if framework == "torch":  # whose kernels are (out, in)
        gradients = [gradient.T for gradient in gradients]
    wanted = [x @ first, gradients[0], hidden @ second, gradients[1], error @ second.T]
    pairs = products_worker.pairs_of(layers, framework)
    found = products_worker.multiplier(framework, pairs)()
    for mine, right in zip(found, wanted, strict=True):
        np.testing.assert_allclose(np.asarray(mine), right, rtol=1e-5, atol=1e-5)
    assert products_worker.operations(pairs) == 2 * 7 * (2 * 6 * 5 + 3 * 5 * 3)


def test_a_nets_products_stand_beside_its_training_and_the_peak(tmp_path):
    one = ("--lesson", "softmax_regression", "--framework", "numpy", "--rounds", "1", "--threads", "1")
    done = run(*one, "--batch", "512", "--out", tmp_path / "table.csv", script="products")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (tmp_path / "table.csv").read_text(encoding="utf-8")
    (row,) = pd.read_csv(tmp_path / "table.csv").to_dict("records")
    assert tuple(row) == products.COLUMNS
    assert row["train"] > 0
    for part in products.PARTS:
        assert row[f"{part}_share"] == pytest.approx(row[part] / row["peak"], abs=0.01)


def test_a_cell_is_told_from_one_that_sleeps_in_its_training(tmp_path):
    one = ("--lesson", "softmax_regression", "--framework", "numpy", "--pairs", "1", "--processes", "1")
    done = run(*one, "--threads", "1", "--slowness", "1", "--out", tmp_path / "table.csv", script="slowed")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (tmp_path / "table.csv").read_text(encoding="utf-8")
    (row,) = pd.read_csv(tmp_path / "table.csv").to_dict("records")
    assert tuple(row) == slowed.COLUMNS
    assert (row["slowness"], row["pairs"], row["slower"]) == (1, 1, 1)


def test_timings_beside_a_neighbour_say_how_many_samples_were_dropped(tmp_path):
    if missing := missing_packages("torch") or absent("onnxruntime"):
        pytest.skip(f"not installed: {missing}")
    one = ("--runtime", "onnxruntime", "--profile", "quick", "--threads", "1", "--share", "0", "--share", "1")
    done = run(*one, "--out", tmp_path / "table.csv", script="neighbours")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (tmp_path / "table.csv").read_text(encoding="utf-8")
    rows = pd.read_csv(tmp_path / "table.csv")
    assert tuple(rows) == neighbours.COLUMNS
    assert rows.groupby(["neighbour", "runtime"]).size().to_dict() == {
        (share, name): len(onnx_matrix.BATCHES) for share in (0.0, 1.0) for name in ("torch", "onnxruntime")
    }
    assert rows["dropped"].between(0, 1).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--threads", "0"), "--threads 0"),
        (("--mode", "fast"), "unknown mode 'fast'"),
        (("--out", "/nowhere/table.csv"), "cannot write /nowhere/table.csv"),
    ],
)
def test_bad_input_is_told_before_anything_is_measured(arguments, said):
    if missing := missing_packages("torch"):
        pytest.skip(f"not installed: {missing}")
    done = run("--framework", "torch", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_accuracies_of_nets_that_did_not_learn_the_same_are_told():
    row = {"lesson": "cnn", "framework": "jax", "accuracy_native": 0.95}
    assert baselines.apart([row | {"accuracy_plain": 0.931}]) == []
    assert baselines.apart([row | {"accuracy_plain": 0.929}]) == ["cnn in jax"]
