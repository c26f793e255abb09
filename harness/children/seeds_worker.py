"""The child that trains nets from what their framework draws, untimed."""

from __future__ import annotations

import numpy as np

from harness.children.measure import DivergedError
from harness.children.serving import Progress
from harness.children.trace import outputs_for
from harness.children.worker import NetWork, serve

LEAST_LABELS = 10_000  # of the test set: a margin of a quarter of a point is 25 of these


class SeededWork(NetWork):
    """A net whose initial weights and batches are drawn by its own framework."""

    def accuracy(self) -> Progress:
        """Train; keep which labels of the test set are predicted. Where those are too few, nothing is trained."""
        learner, data = self.learner(self.cell.dtype), self.data(self.cell.dtype)
        labels = data.y_test
        yield {"labels": labels.size}, {}
        if labels.size < LEAST_LABELS:
            return
        weights, order = self.start(learner, data, own=True)
        learner.load(weights)
        x, y = learner.put(data.x_train), learner.put(data.y_train)
        for epoch, rows in enumerate(order, start=1):
            if not np.isfinite(learner.get(learner.train_epoch(x, y, learner.put(rows)))).all():
                raise DivergedError(f"the loss is not finite in epoch {epoch}")
        classes = labels if labels.dtype.kind == "i" else labels.argmax(axis=-1)
        right = outputs_for(learner, data.x_test).argmax(axis=-1) == classes
        yield {"labels": labels.size, "value": float(right.mean())}, {"right": right.ravel()}


if __name__ == "__main__":
    serve(SeededWork)
