"""Lessons of functions: every framework's are the lesson's, give what NumPy's give, and reach the known answers."""

from __future__ import annotations

import importlib
import inspect
from functools import cache

import numpy as np
import pytest
from workbench import make

from harness.catalogue import REFERENCE, absence, default_mode, frameworks, lessons, load_lesson
from harness.children.calls import Calls
from harness.gates.deviations import tolerances
from harness.plan import Cell
from impls.deviations import DEVIATIONS
from impls.spec import FunctionLesson, NetLesson, Pictures, Weights, batch_order, initial_weights

FUNCTIONS = [name for name in lessons() if isinstance(load_lesson(name), FunctionLesson)]
FIRST_MODES = [(name, framework, default_mode(framework)) for name in FUNCTIONS for framework in frameworks()]
# PyTorch compiles for seconds a function: one lesson for each way in which its loops stop the compiler.
COMPILED = [
    (name, "torch", "compiled")
    for name in ("gradient_descent", "backpropagation", "robust_losses")
    if "torch" in frameworks()
]
XLA = [(name, "keras", "xla") for name in FUNCTIONS if "keras" in frameworks()]
RELATIVE, ABSOLUTE = 1e-10, 1e-12


def module_of(name: str, framework: str):
    if reason := absence(name, framework):
        pytest.skip(reason)
    return lessons()[name].load(framework)


@cache
def inputs(name: str, seed: int = 0) -> Weights:
    return load_lesson(name).inputs(seed)


@cache
def results(name: str, framework: str, mode: str, dtype: str, seed: int = 0) -> Weights:
    """What each function of a lesson gives."""
    implementation = module_of(name, framework)
    learner = importlib.import_module(f"impls.learners.{framework}_learner")
    arrays = learner.Arrays(mode=mode, device="cpu", dtype=dtype)
    return Calls(load_lesson(name), implementation, arrays, mode, inputs(name, seed)).once()


def reference(name: str, dtype: str = "float64", seed: int = 0) -> Weights:
    return results(name, REFERENCE, default_mode(REFERENCE), dtype, seed)


def of_one_dtype(name: str, found: np.ndarray, expected: np.ndarray) -> bool:
    """Whether results are; of operations, integers may be of any width, which is the framework's."""
    whole = {found.dtype.kind, expected.dtype.kind} == {"i"} and load_lesson(name).kind == "operations"
    return whole or found.dtype == expected.dtype


def known_to_deviate(name: str, function: str, framework: str, mode: str) -> float:
    """How much looser the bound of a function is in float64 where a framework in this mode is known to deviate."""
    of_lesson = [each for each in DEVIATIONS if each.lesson == name and each.trace_dtype == "float64"]
    cell = (framework, mode)
    known = [each for each in of_lesson if any((seen.framework, seen.mode) == cell for seen in each.seen)]
    return max((each.bound / RELATIVE for each in known if function in each.quantities), default=1)


def finite(array: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(array), array, 0)


# --- every lesson ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_lesson_is_whole(name):
    """Inputs drawn in float64, each of use; answers and pictures of functions that there are."""
    lesson, arrays = load_lesson(name), inputs(name)
    used = {key for keys in lesson.functions.values() for key in keys}
    assert used <= set(arrays)
    drawn = {
        word
        for panel in lesson.picture
        for line in (panel.content if isinstance(panel.content, tuple) else ())
        for word in [line.against]
        if word
    }
    drawn |= {word for panel in lesson.picture if isinstance(panel.content, Pictures) for word in panel.content.rows}
    assert set(arrays) == used | (drawn & set(arrays)), "an input is of no use"
    assert {array.dtype for array in arrays.values() if array.dtype.kind == "f"} <= {np.dtype(np.float64)}
    assert set(lesson.answers) <= set(lesson.functions)
    assert lesson.examples > 0
    again = lesson.inputs(0)
    assert all(np.array_equal(again[key], arrays[key]) for key in arrays)
    assert all(again[key] is not arrays[key] for key in arrays)


@pytest.mark.parametrize("framework", frameworks())
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_public_functions_are_the_lessons(name, framework):
    """In its order, with its inputs' names; whatever else there is begins with an underscore."""
    module = module_of(name, framework)
    public = {
        word: list(inspect.signature(function).parameters)
        for word, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not word.startswith("_")
    }
    operations = load_lesson(name).operations
    arguments = {word: list(operation.arguments) for word, operation in operations.items()}
    wanted = {word: [*keys, *arguments.get(word, ())] for word, keys in load_lesson(name).functions.items()}
    assert list(public.items()) == list(wanted.items())
    values = [w for w, v in vars(module).items() if not w.startswith("_") and isinstance(v, int | float | tuple | list)]
    assert values == [], "a number stands in the implementation; the lesson is its place"


@pytest.mark.parametrize(("name", "framework", "mode"), [*FIRST_MODES, *XLA, *COMPILED])
def test_float64_results_are_numpys(name, framework, mode):
    """Infinite and NaN in the same places, where a lesson lets something diverge."""
    expected = reference(name)
    for function, array in results(name, framework, mode, "float64").items():
        assert isinstance(array, np.ndarray)
        assert of_one_dtype(name, array, expected[function]), function
        looser = known_to_deviate(name, function, framework, mode)
        relative, absolute = looser * RELATIVE, looser * ABSOLUTE
        np.testing.assert_allclose(array, expected[function], relative, absolute, equal_nan=True, err_msg=function)


@pytest.mark.parametrize(("name", "framework", "mode"), [*FIRST_MODES, *XLA])
def test_float32_results_are_float32_and_near_numpys(name, framework, mode):
    expected, relative = reference(name, "float32"), tolerances(Cell(name, framework, mode)).trajectory_loss_float32
    for function, array in results(name, framework, mode, "float32").items():
        assert of_one_dtype(name, array, expected[function]), function
        assert array.dtype == np.float32 or of_one_dtype(name, array, reference(name)[function]), function
        assert np.array_equal(np.isnan(array), np.isnan(expected[function])), function
        assert np.array_equal(np.isinf(array), np.isinf(expected[function])), function
        found, wanted = finite(array).astype(np.float64), finite(expected[function]).astype(np.float64)
        assert np.abs(found - wanted).max(initial=0) <= relative * np.abs(wanted).max(initial=0), function


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "framework", "mode"), FIRST_MODES)
def test_the_known_answers_are_reached(name, framework, mode, dtype):
    lesson, found = load_lesson(name), results(name, framework, mode, dtype)
    for function, answer in lesson.answers.items():
        known = np.asarray(answer(inputs(name)))
        assert known.shape == found[function].shape, function
        assert np.abs(found[function] - known).max(initial=0) <= lesson.target, function


@pytest.mark.parametrize("name", FUNCTIONS)
def test_another_seed_reaches_its_own_answers(name):
    lesson, found = load_lesson(name), reference(name, seed=3)
    for function, answer in lesson.answers.items():
        assert np.abs(found[function] - answer(inputs(name, 3))).max(initial=0) <= lesson.target, function


# --- what each lesson teaches ----------------------------------------------------------------------------------


def test_grid_search_finds_the_slope():
    found = reference("grid_search")
    assert found["errors"][0] == pytest.approx(56 / 3, rel=1e-15)
    assert found["errors"].shape == (41,)
    assert (found["best"], found["errors"].min()) == (2, 0)


def test_descent_by_hand_predicts_eight():
    batch, single = reference("gradient_descent"), reference("stochastic_gradient_descent")
    assert batch["prediction"] == pytest.approx(8, abs=3e-4)
    assert single["prediction"] == pytest.approx(8, abs=1e-12)
    assert (batch["weights"].size, single["updates"].size, single["weights"].size) == (101, 301, 101)
    assert batch["weights"][0] == single["updates"][0] == 1
    assert single["losses"][10] < batch["losses"][10], "three updates an epoch get farther than one"


@pytest.mark.parametrize("framework", frameworks())
def test_the_automatic_derivative_is_the_one_by_hand(framework):
    found = results("backpropagation", framework, default_mode(framework), "float64")
    automatic, by_hand = found["gradients"].T
    np.testing.assert_allclose(automatic, by_hand, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(found["weights"], found["by_hand"], rtol=1e-13)
    single = reference("stochastic_gradient_descent")
    np.testing.assert_allclose(found["weights"], single["weights"], rtol=1e-13)


def test_gradients_that_are_never_reset_never_settle():
    distance = np.abs(reference("backpropagation")["accumulated"] - 2)
    assert distance[-14:].max() > 0.95 * distance[0]


def test_one_rate_is_too_small_one_right_one_too_large_until_x_is_standardised():
    lesson, arrays, found = load_lesson("loss_surface"), inputs("loss_surface"), reference("loss_surface")
    small, right, large, standardised = found["losses"].T
    design = np.stack([np.ones_like(arrays["x"]), arrays["x"]], axis=1)
    solution, residuals, *_ = np.linalg.lstsq(design, arrays["y"])
    least = residuals[0] / len(arrays["y"])
    assert small[-1] > 100 * least
    assert right[-1] == pytest.approx(least, rel=1e-6)
    assert np.all(np.diff(large[10:]) > 0)
    assert large[-1] > 1e3
    assert standardised[-1] == pytest.approx(least, rel=1e-9)
    np.testing.assert_allclose(found["right"][-1], solution, atol=lesson.target)
    largest = np.linalg.eigvalsh(2 * design.T @ design / len(design))[-1]
    assert arrays["rates"][1, 0] < 2 / largest < arrays["rates"][2, 0]
    assert arrays["rates"][2, 0] == arrays["rates"][3, 0], "it is the rate that was too large that serves"


def test_the_surface_has_the_loss_of_its_row_w_and_column_b():
    arrays, found = inputs("loss_surface"), reference("loss_surface")["surface"]
    for row, column in ((0, 0), (13, 77), (100, 50)):
        error = arrays["b"][column] + arrays["w"][row] * arrays["x"] - arrays["y"]
        assert found[row, column] == pytest.approx(np.mean(error**2), rel=1e-12)


@pytest.mark.parametrize("framework", frameworks())
def test_the_losses_derivatives_where_they_have_a_kink(framework):
    found = results("robust_losses", framework, default_mode(framework), "float64")
    predictions, slopes = inputs("robust_losses")["predictions"], found["slopes"]
    (at_0,), (at_1,) = np.flatnonzero(predictions == 0), np.flatnonzero(predictions == 1)
    assert slopes[at_0].tolist() == [0, 0, 0]
    assert slopes[at_1].tolist() == [1, 1, 1]
    assert slopes[[0, -1]].tolist() == [[-5, -1, -1], [5, 1, 1]]


def test_outliers_throw_the_squared_error_farthest():
    found = reference("robust_losses")["distances"]
    squared, absolute, huber = np.abs(np.diff(found, axis=0))[-150:].max(axis=0)
    assert squared > 2 * max(absolute, huber)
    assert found[-50:, 0].max() > 5 * found[-50:, 1].max()


@pytest.mark.parametrize("framework", frameworks())
def test_from_primitives_comes_what_layer_loss_and_optimiser_give(framework):
    """linear_regression's own learner, from the same start on the same batches."""
    lesson = load_lesson("linear_regression")
    assert isinstance(lesson, NetLesson)
    learner = make("linear_regression", framework, default_mode(framework))
    data = lesson.data.load(None, 0, "float64")
    learner.load(initial_weights(lesson, 0, "float64"))
    x, y = learner.put(data.x_train), learner.put(data.y_train)
    epochs = lesson.profiles["quick"].epochs
    for rows in batch_order(len(data.x_train), lesson.batch, epochs, 0):
        learner.train_epoch(x, y, learner.put(rows))
    weights = learner.weights()
    expected = np.concatenate([weights["head.kernel"].ravel(), weights["head.bias"]])
    found = results("linear_regression_by_hand", framework, default_mode(framework), "float64")
    np.testing.assert_allclose(found["parameters"], expected, rtol=1e-12)
    assert found["losses"][-1] == pytest.approx(5e-5, rel=0.2)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_learning_rate_of_ten_ends_in_nan(dtype):
    losses = reference("linear_regression_by_hand", dtype)["diverge"]
    assert np.isfinite(losses[:15]).all()
    assert losses[10] > 1e6 * losses[0]
    assert np.isnan(losses[-1])


def test_softmax_by_hand_survives_large_logits_and_learns():
    arrays, found = inputs("softmax_by_hand"), reference("softmax_by_hand")
    assert np.abs(arrays["logits"]).max() > 1000
    np.testing.assert_allclose(found["softmax"].sum(axis=1), 1, rtol=1e-14)
    assert np.isfinite(found["cross_entropy"]).all()
    assert np.all(np.diff(found["losses"])[:3] < 0)
    assert found["accuracy"][-1].min() > 0.7
    assert found["accuracy"][0].max() < 0.2
