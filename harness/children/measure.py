"""Training a cell while timing it. Runs in the child; knows learners only by their contract.

Three things are never mixed: the first step (building, tracing, compiling), the steady state, and the transfer of
data, which is over before any clock starts. A clock stops when the device has finished.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from harness.children.process import peak_memory
from harness.children.timing import Effort, Samples, sample
from harness.record import Row
from impls.spec import STEPS, Array, Dataset, Learner, NetLesson, Weights

FEW_NUMBERS = 5  # parameters whose course is followed by epoch


class DivergedError(ArithmeticError):
    """The loss stopped being a finite number."""


@dataclass(frozen=True)
class Trained:
    """What training gave: figures for the record, curves by epoch, and arrays.

    These are the ``losses`` of the first steps, at most as many as a trajectory has, and the net as it stood at the end
    of training: ``outputs`` on the test set and ``weights``.
    """

    figures: Row
    curves: list[Row]
    losses: Array
    outputs: Array
    weights: Weights


def train(
    learner: Learner, lesson: NetLesson, data: Dataset, weights: Weights, order: Array, effort: Effort
) -> Iterator[Trained]:
    """Train a lesson from these weights; yields once the net is trained, and again with the timings.

    ``order`` has the indices of each epoch's batches, (epochs, steps, batch).

    What is measured first is thereby safe when something later fails. Timing goes on training: the learner does not end
    with the trained weights.

    Raises:
        DivergedError: a loss was not finite; what was measured up to there has been yielded.
    """
    x, y, x_test = learner.put(data.x_train), learner.put(data.y_train), learner.put(data.x_test)
    first = Samples(lesson.batch)
    x_batch, y_batch = learner.put(data.x_train[order[0, 0]]), learner.put(data.y_train[order[0, 0]])
    learner.load(weights)
    learner.wait()
    first.take(lambda: learner.get(learner.step(x_batch, y_batch)), learner.wait)
    learner.load(weights)

    epoch_samples = Samples(order[0].size)
    curves: list[Row] = []
    figures: Row = {"first_step_s": first.wall_s[0], "metric": lesson.metric}
    first_losses, outputs = np.empty(0), np.empty(0)
    for epoch, rows in enumerate(order, start=1):
        native_rows = learner.put(rows)
        losses = learner.get(epoch_samples.take(partial(learner.train_epoch, x, y, native_rows), learner.wait))
        first_losses = np.concatenate([first_losses, losses])[:STEPS]
        epoch_loss = float(np.mean(losses, dtype=np.float64))
        outputs = learner.get(learner.predict(x_test))
        value = evaluate(lesson, outputs, data.y_test, learner)
        curves += [_point(epoch, "train_loss", epoch_loss), _point(epoch, lesson.metric, value)]
        if lesson.metric_on_training:
            fitted = evaluate(lesson, learner.get(learner.predict(x)), data.y_train, learner)
            curves.append(_point(epoch, f"train_{lesson.metric}", fitted))
        curves += [_point(epoch, name, number) for name, number in _numbers(learner, lesson)]
        figures |= {"value": value, "epochs": epoch}
        if not math.isfinite(epoch_loss):
            yield Trained(figures, curves, first_losses, outputs, {})
            raise DivergedError(f"the loss is not finite in epoch {epoch} (learning rate {rate(lesson):g})")
    trained = learner.weights()
    yield Trained(figures, curves, first_losses, outputs, trained)

    # The first epoch also compiles, but it bounds how long another takes.
    shortest = max(min(epoch_samples.wall_s), 1e-4)
    del epoch_samples.wall_s[:1], epoch_samples.cpu_s[:1], epoch_samples.waited_s[:1]
    again = partial(learner.train_epoch, x, y, native_rows)
    epochs_taken = sample(again, learner.wait, order[0].size, effort, shortest, epoch_samples)
    once = Samples(len(data.x_test))
    once.take(lambda: learner.get(learner.predict(x_test)), learner.wait)
    less = replace(effort, budget_s=effort.budget_s / 4)
    predictions = sample(partial(learner.predict, x_test), learner.wait, once.examples, less, once.wall_s[0])
    figures |= {
        "train_examples_per_s": epochs_taken.per_s(),
        "train_examples_per_cpu_s": epochs_taken.per_cpu_s(),
        "train_samples": len(epochs_taken.wall_s),
        "train_variation": epochs_taken.variation(),
        "train_dropped": epochs_taken.dropped(),
        **epochs_taken.kept("train"),
        "predict_examples_per_s": predictions.per_s(),
        **predictions.kept("predict"),
        "peak_memory_bytes": peak_memory(),
    }
    yield Trained(figures, curves, first_losses, outputs, trained)


def rate(lesson: NetLesson) -> float:
    """The learning rate of a lesson's optimiser."""
    return lesson.optimizer.learning_rate


def evaluate(lesson: NetLesson, outputs: Array, target: Array, learner: Learner | None) -> float:
    """The lesson's metric for the outputs and their targets, or for the learner's weights, if it is one of these."""
    match lesson.metric:
        case "accuracy":
            labels = target if target.dtype.kind == "i" else target.argmax(axis=-1)
            return float(np.mean(outputs.argmax(axis=-1) == labels))
        case "binary_accuracy":
            return float(np.mean((outputs > 0) == (target > 0.5)))
        case "mean_squared_error":
            return float(np.mean(np.square(outputs - target), dtype=np.float64))
        case "parameter_error":
            assert learner
            found = learner.weights()
            return max(float(np.abs(found[name].ravel() - truth).max()) for name, truth in lesson.truth.items())
        case "largest_error":
            raise ValueError("largest_error is the metric of lessons of functions")


def _numbers(learner: Learner, lesson: NetLesson) -> Iterator[tuple[str, float]]:
    """The single numbers of the parameters, where there are few enough of them to be looked at."""
    if sum(math.prod(parameter.shape) for parameter in lesson.parameters) <= FEW_NUMBERS:
        for name, array in learner.weights().items():
            for place, number in enumerate(array.ravel()):
                yield f"{name}[{place}]", float(number)


def _point(epoch: int, quantity: str, value: float) -> Row:
    return {"axis": "epoch", "position": epoch, "quantity": quantity, "value": value}
