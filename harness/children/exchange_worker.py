"""The child that hands a net over in the middle of its training, or takes it up. Run with a request's path."""

from __future__ import annotations

from pathlib import Path

from harness.children.serving import Progress
from harness.children.trace import outputs_for, trajectory_order
from harness.children.worker import NetWork, serve
from harness.record import write_arrays
from harness.weights import read_weights, write_weights
from impls.spec import STEPS, Array, Dataset, Learner, Weights, initial_weights

HALF = STEPS // 2


class ExchangedWork(NetWork):
    """A net's first steps in float64, with a handover after half of them."""

    def give(self) -> Progress:
        """Take half of the steps, leave weights and memory in ``file``, and take the rest without a change."""
        learner, data = self.learner("float64"), self.data("float64")
        learner.load(initial_weights(self.lesson, self.cell.seed, "float64"))
        order = trajectory_order(self.lesson, len(data.x_train), self.cell.seed)
        learner.get(learner.train_epoch(*self._put(learner, data), learner.put(order[:HALF])))
        about = {"lesson": self.cell.lesson, "framework": self.cell.framework, "steps": str(HALF)}
        write_weights(Path(self.request["file"]), learner.weights(), learner.slots(), about)
        yield {}, self._rest(learner, data)

    def take(self) -> Progress:
        """Take up each of ``files`` (by framework), and take the rest of the steps from there."""
        learner, data = self.learner("float64"), self.data("float64")
        for framework, path in self.request["files"].items():
            kept = read_weights(Path(path))
            learner.load(kept.weights, kept.slots)
            write_arrays(Path(self.request["records"]) / f"take-{framework}.npz", self._rest(learner, data))
        yield {}, {}

    def _rest(self, learner: Learner, data: Dataset) -> Weights:
        """Outputs on the whole test set, and the losses of the second half."""
        outputs = outputs_for(learner, data.x_test)
        order = trajectory_order(self.lesson, len(data.x_train), self.cell.seed)[HALF:]
        losses = learner.get(learner.train_epoch(*self._put(learner, data), learner.put(order)))
        return {"outputs": outputs, "losses": losses}

    @staticmethod
    def _put(learner: Learner, data: Dataset) -> tuple[Array, Array]:
        return learner.put(data.x_train), learner.put(data.y_train)


if __name__ == "__main__":
    serve(ExchangedWork)
