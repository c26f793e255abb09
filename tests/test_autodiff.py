"""What the lesson ``autodiff`` teaches; and that NumPy's derivatives, which are by hand, are those of its function.

The function's values alone are looked at: a complex step of 1e-30 (Squire and Trapp 1998) cancels nothing, and gives
first derivatives to rounding. Second ones are central differences of these, two of them extrapolated (Richardson).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from test_function_lessons import module_of, results

from harness.catalogue import REFERENCE, default_mode, frameworks, lessons, load_lesson
from impls.spec import Array, Weights

NAME = "autodiff"
BY_HAND = lessons()[NAME].load(REFERENCE)
FIRST, SECOND = 1e-13, 1e-9  # of the largest number
COMPLEX, REAL = 1e-30, 1e-2

Function = Callable[[Array], Array]


@cache
def arrays() -> Weights:
    return load_lesson(NAME).inputs(0)


def given(*names: str) -> tuple[Array, ...]:
    return tuple(arrays()[name] for name in names)


@cache
def found(framework: str) -> Weights:
    return results(NAME, framework, default_mode(framework), "float64")


def directions(array: Array) -> Array:
    """As many arrays of this shape as it has numbers, each with a single 1."""
    return np.eye(array.size).reshape(-1, *array.shape)


def slopes(function: Function, at: Array) -> Array:
    """The derivatives of a function's values (…) by each number of an array: (…, *its shape)."""
    columns = [np.imag(function(at + 1j * COMPLEX * way)) / COMPLEX for way in directions(at)]
    return np.stack(columns, axis=-1).reshape(*np.shape(columns[0]), *at.shape)


def bends(function: Function, at: Array) -> Array:
    """The second derivatives of a function's one value by each two numbers of an array."""

    def central(step: float) -> Array:
        pairs = [slopes(function, at + step * way) - slopes(function, at - step * way) for way in directions(at)]
        return np.stack(pairs, axis=-1) / (2 * step)

    once, twice, thrice = central(REAL), central(REAL / 2), central(REAL / 4)
    finer, finest = (4 * twice - once) / 3, (4 * thrice - twice) / 3
    return (16 * finest - finer) / 15


def near(a: Array, b: Array, bound: float) -> None:
    assert a.shape == b.shape
    assert np.abs(a - b).max() <= bound * np.abs(b).max()


# --- NumPy's derivatives ---------------------------------------------------------------------------------------


def test_first_derivatives_by_hand_are_the_functions():
    w, x, back, along = given("w", "x", "back", "along")
    by_x = slopes(lambda x: BY_HAND._loss(w, x), x)
    by_w = slopes(lambda w: BY_HAND._loss(w, x), w)
    jacobian = slopes(lambda x: BY_HAND._outputs(w, x), x)
    near(BY_HAND.gradient(w, x), by_x, FIRST)
    for part, expected in zip(BY_HAND.gradients_of_several(w, x), (by_w, by_x), strict=True):
        near(part, expected, FIRST)
    near(BY_HAND.jacobian(w, x), jacobian, FIRST)
    near(BY_HAND.vector_jacobian(w, x, back), back @ jacobian, FIRST)
    near(BY_HAND.jacobian_vector(w, x, along), jacobian @ along, FIRST)


def test_gradients_of_two_losses_by_hand_are_the_functions():
    w, x, again = given("w", "x", "again")
    first, second = (slopes(lambda w, x=x: BY_HAND._loss(w, x), w) for x in (x, again))
    near(BY_HAND.accumulated_gradient(w, x, again), first + second, FIRST)
    near(BY_HAND.reset_gradient(w, x, again), second, FIRST)


def test_second_derivatives_by_hand_are_the_functions():
    w, x, along, points = given("w", "x", "along", "points")
    hessian = bends(lambda x: BY_HAND._loss(w, x), x)
    near(BY_HAND.hessian(w, x), hessian, SECOND)
    near(BY_HAND.hessian_vector(w, x, along), hessian @ along, SECOND)
    each = np.array([bends(lambda z: BY_HAND._curve(z[0]), np.array([z]))[0, 0] for z in points])
    near(BY_HAND.second_derivative(points), each, SECOND)


# --- what it teaches, in every framework -----------------------------------------------------------------------


@pytest.mark.parametrize("framework", frameworks())
def test_the_hessian_is_symmetric_and_the_gradients_jacobian(framework):
    w, x, along = given("w", "x", "along")
    hessian = found(framework)["hessian"]
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-12, atol=1e-14)
    near(hessian, slopes(lambda x: BY_HAND.gradient(w, x), x), 1e-12)
    near(found(framework)["hessian_vector"], hessian @ along, 1e-12)


@pytest.mark.parametrize("framework", frameworks())
def test_both_modes_are_products_with_one_jacobian(framework):
    back, along = given("back", "along")
    here = found(framework)
    near(here["vector_jacobian"], back @ here["jacobian"], 1e-12)
    near(here["jacobian_vector"], here["jacobian"] @ along, 1e-12)
    assert back @ here["jacobian_vector"] == pytest.approx(here["vector_jacobian"] @ along, rel=1e-12)
    near(here["gradient"], here["jacobian"].sum(axis=0), 1e-12)


@pytest.mark.parametrize("framework", frameworks())
def test_a_second_pass_doubles_the_gradient_but_not_after_a_reset(framework):
    """The same loss twice; and of two losses, that of the second alone is left."""
    again = {"x": arrays()["x"], "again": arrays()["x"]}
    by_w = called(framework, "gradients_of_several")[0]
    np.testing.assert_array_equal(called(framework, "accumulated_gradient", **again), 2 * by_w)
    np.testing.assert_array_equal(called(framework, "reset_gradient", **again), by_w)
    both, second = found(framework)["accumulated_gradient"], found(framework)["reset_gradient"]
    near(both - second, by_w, 1e-12)
    assert np.abs(second - by_w).max() > 0.1 * np.abs(by_w).max(), "the two losses have gradients of their own"


@pytest.mark.parametrize("framework", frameworks())
def test_nothing_is_kept_from_one_call_to_the_next(framework):
    first = called(framework, "accumulated_gradient")
    np.testing.assert_array_equal(called(framework, "accumulated_gradient"), first)


@pytest.mark.parametrize("framework", frameworks())
def test_a_stopped_gradient_loses_exactly_one_term(framework):
    """Of z·tanh z, that in which tanh is derived; what is left is the derivative with tanh kept as it is."""
    w, x = given("w", "x")
    kept = np.tanh(w @ x)
    stopped, whole = found(framework)["stopped_gradient"], found(framework)["gradient"]
    near(stopped, slopes(lambda x: np.sum(w @ x * kept), x), FIRST)
    near(whole - stopped, slopes(lambda y: np.sum(w @ x * np.tanh(w @ y)), x), 1e-12)


@pytest.mark.parametrize("framework", frameworks())
def test_the_custom_backward_pass_is_used(framework):
    """Rounding has the slope 0 wherever it has one, so without it there would be no gradient at all."""
    w, x = given("w", "x")
    custom = found(framework)["custom_gradient"]
    rounded = np.round(w @ x)
    assert len(set(rounded.tolist())) > 4
    np.testing.assert_array_equal(np.round(w @ (x + 1e-9)), rounded)
    near(custom, slopes(BY_HAND._curve, rounded).diagonal() @ w, FIRST)
    assert np.abs(custom - found(framework)["gradient"]).max() > 0.05, "the forward pass rounds"


def called(framework: str, function: str, **other: Array):
    """What a function gives, uncompiled, with these inputs in place of the lesson's."""
    implementation, inputs = module_of(NAME, framework), arrays() | other
    learner = importlib.import_module(f"impls.learners.{framework}_learner")
    native = learner.Arrays(mode=default_mode(framework), device="cpu", dtype="float64")
    call = native.prepared(getattr(implementation, function), native.ways()[0])
    result = call(*(native.put(inputs[name]) for name in load_lesson(NAME).functions[function]))
    return tuple(map(native.get, result)) if isinstance(result, tuple | list) else native.get(result)
