"""The child that trains a net to be shown at work: no clock, no export. Run as ``python -m harness.predict_worker``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from harness.measure import EFFORT, train
from harness.worker import NetWork, Progress, leave, run_job, start
from impls.made import Word
from impls.spec import Array, initial_weights

CURVE_POINTS = 201


class ShownWork(NetWork):
    """A net of which only the outputs are wanted."""

    def predict(self) -> Progress:
        """Train; keep the outputs for the test set, of a word after each epoch, and along the range of a lone input."""
        lesson, learner, data = self.lesson, self.learner(self.cell.dtype), self.data(self.cell.dtype)
        epochs = lesson.profiles[self.cell.profile].epochs
        weights = initial_weights(lesson, self.cell.seed, self.cell.dtype)

        def outputs(epochs: int) -> tuple[float, Array]:
            training = train(learner, lesson, data, weights, epochs=epochs, seed=self.cell.seed, effort=EFFORT["quick"])
            trained = next(training)  # the timing that would follow is left
            if not trained.weights:
                next(training)  # says that it diverged
            return trained.figures["value"], trained.outputs

        arrays = {}
        if isinstance(lesson.data, Word):  # a training of a few steps, the same as far as it goes
            arrays["by_epoch"] = np.stack([outputs(some)[1] for some in range(1, epochs + 1)])
        value, arrays["outputs"] = outputs(epochs)
        if lesson.input_shape == (1,):
            every = np.concatenate([data.x_train, data.x_test])
            arrays["x"] = np.linspace(every.min(), every.max(), CURVE_POINTS, dtype=every.dtype)[:, np.newaxis]
            arrays["curve"] = learner.get(learner.predict(learner.put(arrays["x"])))
        yield {"value": value}, arrays


def main(request_path: str) -> None:
    """Do what the request asks for, and keep the records."""
    for work in start(request_path)["works"]:
        run_job(ShownWork(work).predict, Path(work["records"]) / "predict.json")


if __name__ == "__main__":
    main(sys.argv[1])
    leave()
