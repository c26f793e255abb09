"""Training a cell while timing it. Runs in the child; knows learners only by their contract.

Three things are never mixed: the first step (building, tracing, compiling), the steady state, and the transfer of
data, which is over before any clock starts. A clock stops when the device has finished.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from harness.process import is_sound, peak_memory, waited_s, waiting
from harness.record import Quantity, Row
from impls.spec import STEPS, Array, Dataset, Learner, NetLesson, Weights

LEAST_SAMPLE_S = 0.1  # below that a clock's own jitter shows
FEW_NUMBERS = 5  # parameters whose course is followed by epoch


@dataclass(frozen=True)
class Effort:
    """How many samples are taken of what is timed: ``most``, or ``fewest`` once they have taken the budget."""

    most: int
    fewest: int
    budget_s: float

    def met(self, taken: int, seconds: float) -> bool:
        """Whether so many samples, which took so long, are enough."""
        return taken >= (self.fewest if seconds >= self.budget_s else self.most)


EFFORT: dict[str, Effort] = {"quick": Effort(5, 2, 1.0), "full": Effort(10, 2, 10.0)}


def effort(profile: str, samples: int | None = None) -> Effort:
    """The profile's effort, or so many samples however long they take."""
    return EFFORT[profile] if samples is None else Effort(samples, samples, 0.0)


class DivergedError(ArithmeticError):
    """The loss stopped being a finite number."""


@dataclass
class Samples:
    """Durations of equal pieces of work: wall-clock and processor seconds (of all threads) for ``examples`` each.

    Beside them stands for how long the threads could have run and had no core. A sample is sound if that is little.
    """

    examples: int
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    waited_s: list[float] = field(default_factory=list)

    def take(self, work: Callable[[], Any], wait: Callable[[], None]) -> Any:
        """Time one piece of work, until the device has finished it; returns what it returned."""
        waits = waiting()
        cpu, wall = time.process_time(), time.perf_counter()
        made = work()
        wait()
        self.wall_s.append(time.perf_counter() - wall)
        self.cpu_s.append(time.process_time() - cpu)
        self.waited_s.append(waited_s(waits))
        return made

    def enough(self, effort: Effort) -> bool:
        """Whether as many were taken as the effort asks for."""
        return effort.met(len(self.wall_s), sum(self.wall_s))

    def per_s(self) -> float:
        """Median examples per second."""
        return self.examples / statistics.median(self._sound(self.wall_s))

    def per_cpu_s(self) -> float:
        """Median examples per processor second."""
        return self.examples / statistics.median(self._sound(self.cpu_s))

    def dropped(self) -> float:
        """The share of the samples that are not sound. The medians are those of the rest; of all, if there is none."""
        return 1 - sum(map(is_sound, self.cpu_s, self.waited_s)) / len(self.cpu_s)

    def variation(self) -> float:
        """Coefficient of variation of the durations: deviation over mean."""
        return statistics.stdev(self.wall_s) / statistics.mean(self.wall_s)

    def kept(self, quantity: Quantity) -> Row:
        """All of them for the record, under the name of what was timed; ``harness.samples`` reads it."""
        figures: Row = {"s": self.wall_s, "cpu_s": self.cpu_s, "waited_s": self.waited_s, "examples": self.examples}
        return {f"{quantity}_sample_{name}": figure for name, figure in figures.items()}

    def _sound(self, seconds: list[float]) -> list[float]:
        sound = map(is_sound, self.cpu_s, self.waited_s)
        return [s for s, kept in zip(seconds, sound, strict=True) if kept] or seconds


def sample(
    work: Callable[[], object],
    wait: Callable[[], None],
    examples: int,
    effort: Effort,
    piece_s: float,
    taken: Samples | None = None,
) -> Samples:
    """Repeat work in samples of at least 0.1 s until there are enough of them.

    Args:
        work: one piece, ``examples`` examples; it was run before, so nothing is compiled while timing.
        wait: returns when the device has finished.
        examples: in one piece of work.
        effort: how many samples are enough.
        piece_s: about how long one piece takes, above 0.
        taken: samples of single pieces that are there already, which count if they are long enough.
    """
    repeats = max(1, math.ceil(LEAST_SAMPLE_S / piece_s))

    def pieces() -> None:
        for _ in range(repeats):
            work()

    samples = taken if taken and taken.wall_s and repeats == 1 else Samples(examples * repeats)
    while not samples.enough(effort):
        samples.take(pieces, wait)
    return samples


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


def evaluate(lesson: NetLesson, outputs: Array, target: Array, learner: Learner) -> float:
    """The lesson's metric for the outputs and their targets, or for the learner's weights."""
    match lesson.metric:
        case "accuracy":
            labels = target if target.dtype.kind == "i" else target.argmax(axis=-1)
            return float(np.mean(outputs.argmax(axis=-1) == labels))
        case "binary_accuracy":
            return float(np.mean((outputs > 0) == (target > 0.5)))
        case "mean_squared_error":
            return float(np.mean(np.square(outputs - target), dtype=np.float64))
        case "parameter_error":
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
