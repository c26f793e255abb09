"""The child in which a framework trains a net, gives it away as an ONNX file, and is timed at what runtimes do."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from harness.children.serving import Progress
from harness.children.stopwatch import Stopwatch, at_once
from harness.children.trace import outputs_for
from harness.children.weights_worker import CarriedWork
from harness.children.worker import serve
from harness.parity import compared
from harness.record import Row
from harness.weights import read_weights
from impls.spec import Array, Dtype, Learner


class SourceWork(CarriedWork):
    """A net whose file is run by others."""

    def source(self) -> Progress:
        """Train, export, and keep the outputs as ``carry`` does; ``float64`` are those of the same weights in it."""
        for figures, arrays in self.carry():
            yield figures, arrays
        wide = outputs_for(self._trained("float64"), compared(self.data("float64").x_test))
        yield figures, arrays | {"float64": wide}

    def clock(self) -> Progress:
        """Time the framework's own predictions at each of ``batches``, as runtimes' are: from NumPy to NumPy."""
        learner, data = self._trained(self.cell.dtype), self.data(self.cell.dtype)
        versions = ", ".join(f"{name} {number}" for name, number in learner.versions().items())
        content: Row = {"version": versions, "timings": []}
        watch = Stopwatch.of(self.cell.profile, self.request.get("samples"))
        for batch in self.request["batches"]:
            x = data.x_test[np.arange(batch) % len(data.x_test)]
            content["timings"].append(watch.predictions(partial(_predict, learner, x), at_once, batch))
            yield content, {}

    def _trained(self, dtype: Dtype) -> Learner:
        """A new learner with the weights that training left in ``target``."""
        weights = read_weights(Path(self.request["target"])).weights
        learner = self.learner(dtype)
        learner.load({name: array.astype(dtype) for name, array in weights.items()})
        return learner


def _predict(learner: Learner, x: Array) -> Array:
    return learner.get(learner.predict(learner.put(x)))


if __name__ == "__main__":
    serve(SourceWork)
