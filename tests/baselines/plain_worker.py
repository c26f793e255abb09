"""The child that trains a plain script, timed. Run as ``python -m baselines.plain_worker``, by ``baselines.py``."""

from __future__ import annotations

import importlib
import time

import numpy as np

from harness.record import Row
from harness.serving import Progress
from harness.worker import NetWork, serve


class PlainWork(NetWork):
    """A lesson's net as the framework's own tutorial would write and train it, on the lesson's data."""

    def plain(self) -> Progress:
        """Train for the lesson's epochs; rates are medians of all epochs but the first, as the learners' are."""
        cell, lesson, data = self.cell, self.lesson, self.data(self.cell.dtype)
        script = importlib.import_module(f"baselines.{cell.framework}_plain")
        model = script.new(cell.lesson, cell.seed)
        marks: list[tuple[float, float]] = []  # at the end of each epoch

        def lap() -> None:
            marks.append((time.perf_counter(), time.process_time()))

        script.train(model, lesson, data.x_train, data.y_train, lesson.profiles[cell.profile].epochs, lap)
        wall_s, cpu_s = np.median(np.diff(marks, axis=0), axis=0)
        right = script.predict(model, data.x_test).argmax(axis=-1) == data.y_test
        figures: Row = {
            "train_examples_per_s": len(data.x_train) / wall_s,
            "train_examples_per_cpu_s": len(data.x_train) / cpu_s,
            "value": float(right.mean()),
        }
        yield figures, {}


if __name__ == "__main__":
    serve(PlainWork)
