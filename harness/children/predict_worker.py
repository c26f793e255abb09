"""The child that trains a net to be shown at work: no clock, no export."""

from __future__ import annotations

import numpy as np

from harness.children.measure import train
from harness.children.serving import Progress
from harness.children.timing import EFFORT
from harness.children.worker import NetWork, serve
from impls.made import Word
from impls.spec import Array

CURVE_POINTS = 201


class ShownWork(NetWork):
    """A net of which only the outputs are wanted."""

    def predict(self) -> Progress:
        """Train; keep the outputs for the test set, of a word after each epoch, and along the range of a lone input."""
        lesson, learner, data = self.lesson, self.learner(self.cell.dtype), self.data(self.cell.dtype)
        epochs = lesson.profiles[self.cell.profile].epochs
        weights, order = self.start(learner, data, own=self.cell.native)

        def outputs(epochs: int) -> tuple[float, Array]:
            training = train(learner, lesson, data, weights, order[:epochs], EFFORT["quick"])
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


if __name__ == "__main__":
    serve(ShownWork)
