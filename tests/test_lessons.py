"""The lessons' numbers: what is drawn from a seed, and where the targets come from."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from harness.catalogue import lessons, load_lesson
from impls.made import Word
from impls.spec import (
    SGD,
    Adam,
    Constant,
    NetLesson,
    Normal,
    RMSprop,
    Uniform,
    batch_order,
    glorot_uniform,
    initial_weights,
    update,
)

TARGETS = Path(__file__).parents[1] / "results" / "targets"
DEVIATIONS = 3
NETS = [name for name in lessons() if isinstance(load_lesson(name), NetLesson)]
# A word is right or wrong: the target of the recurrent lessons that learn one is the course's.
MEASURED = [n for n in NETS if load_lesson(n).metric.endswith("accuracy") and not isinstance(load_lesson(n).data, Word)]


@pytest.mark.parametrize("profile", ["quick", "full"])
@pytest.mark.parametrize("name", MEASURED)
def test_targets_are_the_reference_runs_mean_less_three_deviations(name, profile):
    """Rounded down to a tenth of a point, so that the number in the lesson can be read."""
    found = pd.concat(map(pd.read_csv, sorted(TARGETS.glob("*/cells.csv"))))
    runs = found.query("lesson == @name and profile == @profile")
    values = runs["value"]
    assert len(values) >= 5
    assert runs["seed"].is_unique
    expected = math.floor(1000 * (values.mean() - DEVIATIONS * values.std(ddof=1))) / 1000
    chosen = load_lesson(name).profiles[profile]
    assert chosen.target == expected
    assert set(runs["epochs"]) == {chosen.epochs}


@pytest.mark.parametrize("name", NETS)
def test_weights_are_as_the_lesson_draws_them(name):
    lesson = load_lesson(name)
    weights = initial_weights(lesson, 5, "float64")
    assert list(weights) == [parameter.name for parameter in lesson.parameters]
    for parameter in lesson.parameters:
        array = weights[parameter.name]
        assert array.shape == parameter.shape
        match parameter.initial:
            case Constant(value):
                assert np.all(array == value)
            case Uniform(bound):
                assert np.abs(array).max() <= bound
                assert np.abs(array).max() > bound * (1 - 8 / array.size)
            case Normal(deviation):
                assert np.abs(array).max() < 6 * deviation
                assert abs(array.std() / deviation - 1) < 4 / math.sqrt(array.size)
    again, other = initial_weights(lesson, 5, "float64"), initial_weights(lesson, 6, "float64")
    narrow = initial_weights(lesson, 5, "float32")
    assert all(np.array_equal(weights[n], again[n]) for n in weights)
    assert any(not np.array_equal(weights[n], other[n]) for n in weights)
    assert all(np.array_equal(weights[n].astype(np.float32), narrow[n]) for n in weights)


def test_every_epoch_shuffles_anew_and_leaves_no_example_twice():
    order = batch_order(103, 10, 3, seed=1)
    assert order.shape == (3, 10, 10)
    for epoch in order:
        assert len(set(epoch.ravel())) == 100
    assert not np.array_equal(order[0], order[1])
    assert np.array_equal(order, batch_order(103, 10, 3, seed=1))
    assert np.array_equal(order[:2], batch_order(103, 10, 2, seed=1)), "more epochs change the first ones"


def test_operations_are_the_parameters_products():
    """Dense lessons: two operations for each element of a kernel."""
    dense = [n for n in NETS if lessons()[n].chapter in ("lines", "classifiers")]
    assert len(dense) > 6
    for lesson in map(load_lesson, dense):
        kernels = [math.prod(p.shape) for p in lesson.parameters if p.name.endswith("kernel")]
        assert lesson.flop_per_example == 2 * sum(kernels)


def test_optimisers_by_hand():
    w, g, zero = np.array([1.0]), np.array([0.5]), np.zeros((2, 1))
    assert update(SGD(0.1), 1, zero, w, g)[1] == pytest.approx(0.95)
    slots, weight = update(SGD(0.1, momentum=0.5), 1, zero, w, g)
    slots, weight = update(SGD(0.1, momentum=0.5), 2, slots, weight, g)
    assert (slots[0, 0], weight[0]) == (pytest.approx(0.75), pytest.approx(0.875))
    slots, weight = update(RMSprop(0.01, decay=0.9, epsilon=0.1), 1, zero, w, g)
    assert slots[1] == pytest.approx(0.025)
    assert weight == pytest.approx(1 - 0.005 / (math.sqrt(0.025) + 0.1))
    adam = Adam(0.01, beta1=0.9, beta2=0.99, epsilon=0.1)
    slots, weight = update(adam, 1, zero, w, g)
    assert slots[:, 0] == pytest.approx([0.05, 0.0025])
    assert weight == pytest.approx(1 - 0.01 * 0.5 / 0.6), "in the first step the corrections undo the decays"
    slots, weight = update(adam, 2, slots, w, -g)
    assert weight == pytest.approx(1 - 0.01 * (-0.005 / 0.19) / 0.6)


def test_glorot_bound():
    assert glorot_uniform(784, 512).bound == pytest.approx(math.sqrt(6 / 1296))
