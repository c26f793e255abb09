"""What a cell does from the lesson's initial weights, as arrays that ``verify`` compares. Runs in the child."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np

from harness.children.structure import FEW, parameters, structure
from harness.record import Row
from impls.spec import (
    STEPS,
    Array,
    Dataset,
    Dtype,
    Learner,
    NetLesson,
    Weights,
    batch_order,
    initial_weights,
    update,
)

AT_ONCE = 2000  # test examples predicted in float64: of all 10,000, inception's inner results take 8 GiB
FORM_STEPS = 3  # momentum shows in the second step, a squared gradient's decay in the third
FIRST_STEPS = range(1, FORM_STEPS + 1)
DIFFERENCES = (1e-6, 1e-7)  # finite ones, along a direction of length 1 or 2 for each parameter
INSPECTED = 16  # test examples that a net held against a file is looked at with, array by array
LEAST_SHARE = 1e-3  # of all gradients' length; below that a slope's own rounding shows
CLOSE = 1e-6  # to the slope, and no other difference is tried


def trace(
    learner: Learner,
    lesson: NetLesson,
    data: Dataset,
    *,
    seed: int,
    dtype: Dtype,
    differences: bool,
    whole_epoch: bool = False,
) -> tuple[Row, Weights]:
    """Follow one net from the initial weights.

    Args:
        learner: of the net.
        lesson: whose first batches are taken.
        data: the lesson's, in the dtype.
        seed: of weights and order.
        dtype: the learner's. What one step tells is looked at in float64 alone, where rounding hides nothing.
        differences: whether the gradients are held against finite differences.
        whole_epoch: follow it for an epoch, where that is longer than the usual trajectory.

    Returns:
        Figures: ``parameters`` (shapes), ``untrained`` (names), in float64 also ``initial`` (by parameter mean and
        deviation of the loaded values, and how far they are from the lesson's), ``order_sha256`` (of the batch order,
        int32, as it lies on the device), ``flop_per_example`` (see there), ``optimiser_gap``, and of the reference
        ``finite_difference_gap``. Arrays: ``losses`` (steps,) of the
        trajectory that the learner's epoch takes, ``final/NAME`` and ``predictions`` on the test set at its end; in
        float64 also the first batch's ``outputs``, ``loss`` and ``gradient/NAME``, and ``after/NAME`` one step later.
        Where the net's parameters are not the lesson's, the shapes and the untrained names alone.
    """
    figures: Row = {"parameters": parameters(learner), "untrained": learner.untrained()}
    if figures["parameters"] != lesson.shapes:
        return figures, {}
    weights = initial_weights(lesson, seed, dtype)
    order = trajectory_order(lesson, len(data.x_train), seed, whole_epoch=whole_epoch)
    if dtype == "float64":
        figures |= structure(learner, lesson, weights, order[:STEPS], data.x_train[:FEW])
    x, y = learner.put(data.x_train), learner.put(data.y_train)
    arrays: Weights = {}
    if dtype == "float64":
        batches = [(learner.put(data.x_train[rows]), learner.put(data.y_train[rows])) for rows in order[:FORM_STEPS]]
        learner.load(weights)
        arrays |= _first_step(learner, *batches[0])
        learner.load(weights)
        figures["optimiser_gap"] = _optimiser_gap(learner, lesson, batches)
        if differences:
            after = {name: arrays[f"after/{name}"] for name in weights}
            points = [(weights, *batches[0]), (after, *batches[1])]
            figures["finite_difference_gap"] = _finite_difference_gap(learner, points)

    learner.load(weights)
    arrays["losses"] = learner.get(learner.train_epoch(x, y, learner.put(order)))
    arrays |= _named("final", learner.weights())
    arrays["predictions"] = outputs_for(learner, data.x_test)
    return figures, arrays


def outputs_for(learner: Learner, x: Array) -> Array:
    """A net's outputs for any number of examples, some at a time."""
    parts = (x[start : start + AT_ONCE] for start in range(0, len(x), AT_ONCE))
    return np.concatenate([learner.get(learner.predict(learner.put(part))) for part in parts])


def inspect(
    learner: Learner, lesson: NetLesson, data: Dataset, *, seed: int, steps: Sequence[int] = FIRST_STEPS
) -> Weights:
    """What a net does with some batches, array by array, for ``departure``.

    Args:
        learner: of the net, in float64.
        lesson: whose first batches are taken.
        data: the lesson's, in float64.
        seed: of weights and order.
        steps: of training, from 1, at least one; all before the last are taken.

    Returns:
        ``initial/NAME``, the parameters as they were loaded. For each of the steps: ``STEP/inner/NOTE``, what passes
        the sub-modules (see ``Learner.inner``), ``STEP/outputs``, ``STEP/loss``, ``STEP/gradient/NAME``; after its
        update ``STEP/first/NAME`` and ``STEP/second/NAME``, the optimiser's memory, and ``STEP/after/NAME``, the
        parameters, these of the step before as well.
        Nothing where the net's parameters are not the lesson's.
    """
    if parameters(learner) != lesson.shapes:
        return {}
    learner.load(initial_weights(lesson, seed, "float64"))
    arrays = _named("initial", learner.weights())
    order = trajectory_order(lesson, len(data.x_train), seed, whole_epoch=max(steps) > STEPS)
    for step, rows in enumerate(order[: max(steps)], start=1):
        x, y = learner.put(data.x_train[rows]), learner.put(data.y_train[rows])
        found: Weights = {}
        if step in steps:
            found = _named("inner", learner.inner(x)) | {"outputs": learner.get(learner.predict(x))}
            loss, gradients = learner.loss_and_gradients(x, y)
            found |= {"loss": np.array(loss)} | _named("gradient", gradients)
        learner.step(x, y)
        if step in steps or step + 1 in steps:
            arrays |= _named(str(step), found | (learner.slots() if found else {}) | _named("after", learner.weights()))
    return arrays


def _first_step(learner: Learner, x: object, y: object) -> Weights:
    arrays = {"outputs": learner.get(learner.predict(x))}
    loss, gradients = learner.loss_and_gradients(x, y)
    arrays |= {"loss": np.array(loss)} | _named("gradient", gradients)
    learner.step(x, y)
    return arrays | _named("after", learner.weights())


def trajectory_order(lesson: NetLesson, examples: int, seed: int, *, whole_epoch: bool = False) -> Array:
    """The first batches of training: indices (steps, batch), over as many epochs as they need."""
    epoch = examples // lesson.batch
    steps = max(STEPS, epoch) if whole_epoch else STEPS
    return batch_order(examples, lesson.batch, -(-steps // epoch), seed).reshape(-1, lesson.batch)[:steps]


def _named(prefix: str, arrays: Weights) -> Weights:
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def _optimiser_gap(learner: Learner, lesson: NetLesson, batches: Sequence[tuple[object, object]]) -> dict[str, float]:
    """By parameter: how far its changes are from the optimiser's definition, relative to the largest change."""
    before = {name: array.astype(np.float64) for name, array in learner.weights().items()}
    slots = {name: np.zeros((2, *array.shape)) for name, array in before.items()}
    gaps = dict.fromkeys(before, 0.0)
    for step, (x, y) in enumerate(batches, start=1):
        _, gradients = learner.loss_and_gradients(x, y)
        learner.step(x, y)
        after = learner.weights()
        for name, weight in before.items():
            gradient = gradients[name].astype(np.float64)
            slots[name], expected = update(lesson.optimizer, step, slots[name], weight, gradient)
            change = np.abs(expected - weight).max()
            gap = np.abs(after[name] - expected).max() / change if change else np.abs(after[name] - weight).max()
            gaps[name] = float(np.maximum(gaps[name], gap))  # unlike max, it keeps a NaN
        before = {name: array.astype(np.float64) for name, array in after.items()}
    return gaps


def _finite_difference_gap(learner: Learner, points: Sequence[tuple[Weights, object, object]]) -> dict[str, float]:
    """By parameter: how far the loss's slope is from the one the gradient claims, relative to the gradient's length.

    The slope is taken along the claimed gradient plus a random direction, both of length 1, by central differences:
    the first shows a wrong length, the second whatever the claimed gradient leaves out. The best of two differences
    at two points counts, the smaller and the other where they are needed: a kink of a ReLU or a max-pool may lie
    inside a difference, and where a picture's background makes the same of thousands of pixels, it weighs. A gradient
    that is next to nothing beside the others, as a bias has before a batch normalisation, is rounding alone: it is
    taken for ``LEAST_SHARE`` of their length.
    """
    rng = np.random.Generator(np.random.PCG64(0))
    gaps = dict.fromkeys(points[0][0], math.inf)
    for weights, x, y in points:
        learner.load(weights)
        _, gradients = learner.loss_and_gradients(x, y)
        least = LEAST_SHARE * math.sqrt(sum(float(np.sum(gradient**2)) for gradient in gradients.values()))
        for (name, gradient), difference in product(gradients.items(), DIFFERENCES):
            if gaps[name] <= CLOSE:
                continue
            length = np.linalg.norm(gradient)
            random = rng.normal(size=gradient.shape)
            direction = random / np.linalg.norm(random) + (gradient / length if length else 0)
            losses = []
            for sign in (1, -1):
                learner.load({**weights, name: weights[name] + sign * difference * direction})
                losses.append(learner.loss_and_gradients(x, y)[0])
            slope = (losses[0] - losses[1]) / (2 * difference)
            off = abs(slope - np.sum(gradient * direction))
            gaps[name] = min(gaps[name], float(off / (max(length, least) or 1)))
    return gaps
