"""The child that trains a script, timed. Run as ``python -m baselines.script_worker``."""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.children.serving import Progress
from harness.children.worker import NetWork, serve
from harness.record import Row
from impls import spec
from impls.spec import Array


class Laps:
    """Wall-clock and processor seconds at the end of each epoch."""

    def __init__(self) -> None:
        self.marks: list[tuple[float, float]] = []

    def end(self, losses: object = None) -> None:
        """An epoch is over; the losses of its steps are here, if its loop keeps them."""
        del losses
        self.marks.append((time.perf_counter(), time.process_time()))


class ScriptWork(NetWork):
    """A lesson trained by a script, on the lesson's data; rates are medians of all epochs but the first."""

    def plain(self) -> Progress:
        """The lesson's net as the framework's own tutorial would write and train it."""
        lesson, data, script = self.lesson, self.data(self.cell.dtype), self._script("plain")
        model = script.new(self.cell.lesson, self.cell.seed)
        epochs = lesson.profiles[self.cell.profile].epochs
        laps = Laps()
        script.train(model, lesson, data.x_train, data.y_train, epochs, laps.end)
        yield figures_of(laps, len(data.x_train), script.predict(model, data.x_test), data.y_test), {}

    def bare(self) -> Progress:
        """A dense net trained by a loop written by hand, from the lesson's weights over its batches."""
        lesson, data, cell = self.lesson, self.data(self.cell.dtype), self.cell
        epochs = lesson.profiles[cell.profile].epochs
        order = spec.batch_order(len(data.x_train), lesson.batch, epochs, cell.seed)
        weights = list(spec.initial_weights(lesson, cell.seed, cell.dtype).values())
        laps = Laps()
        weights = self._script("bare").train(lesson, weights, data.x_train, data.y_train, order, laps.end)
        yield figures_of(laps, order[0].size, outputs(weights, data.x_test), data.y_test), {}

    def _script(self, kind: str) -> Any:
        return importlib.import_module(f"baselines.{self.cell.framework}_{kind}")


def figures_of(laps: Laps, examples: int, found: Array, labels: Array) -> Row:
    """Rates, of so many examples in an epoch, and the accuracy of what was found on the test set."""
    wall_s, cpu_s = np.median(np.diff(laps.marks, axis=0), axis=0)
    return {
        "train_examples_per_s": examples / wall_s,
        "train_examples_per_cpu_s": examples / cpu_s,
        "value": float(np.mean(found.argmax(axis=-1) == labels)),
    }


def outputs(weights: Sequence[Array], x: Array) -> Array:
    """What dense layers with these kernels and biases put out, rectified between them."""
    *hidden, kernel, bias = weights
    for inner_kernel, inner_bias in zip(hidden[::2], hidden[1::2], strict=True):
        x = np.maximum(x @ inner_kernel + inner_bias, 0)
    return x @ kernel + bias


if __name__ == "__main__":
    serve(ScriptWork)
