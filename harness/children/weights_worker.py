"""The child that trains from any weights to any others, untimed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from harness.children.measure import DivergedError, evaluate
from harness.children.serving import Progress
from harness.children.worker import NetWork, serve
from harness.parity import compared
from harness.record import digest
from harness.weights import read_weights, write_weights
from impls.spec import batch_order, initial_weights


class CarriedWork(NetWork):
    """A net that is taken up and put down again."""

    def carry(self) -> Progress:
        """Take up ``source`` (or the initial weights), train ``epochs`` more, and leave all in ``target``.

        And, where it is asked for, the net as ``model``, an ONNX file, with the outputs on what ``compared`` gives.
        """
        lesson, cell, learner = self.lesson, self.cell, self.learner(self.cell.dtype)
        data, source, epochs = self.data(cell.dtype), self.request["source"], self.request["epochs"]
        weights, slots, done = initial_weights(lesson, cell.seed, cell.dtype), {}, 0
        if source:
            kept = read_weights(Path(source))
            weights, slots, done = kept.weights, kept.slots, int(kept.about["epochs"])
        learner.load(weights, slots)
        x, y = learner.put(data.x_train), learner.put(data.y_train)
        losses = np.empty(0)
        for rows in batch_order(len(data.x_train), lesson.batch, done + epochs, cell.seed)[done:]:
            losses = learner.get(learner.train_epoch(x, y, learner.put(rows)))
            if not np.isfinite(losses).all():
                raise DivergedError(f"the loss is not finite in epoch {done + 1}")
            done += 1
        outputs = learner.get(learner.predict(learner.put(compared(data.x_test))))
        if target := self.request["target"]:
            about = {"lesson": cell.lesson, "framework": cell.framework, "profile": cell.profile}
            about |= {"seed": str(cell.seed), "epochs": str(done)}
            write_weights(Path(target), learner.weights(), learner.slots(), about)
        loss = float(np.mean(losses, dtype=np.float64)) if len(losses) else math.nan
        value = evaluate(lesson, outputs[: len(data.y_test)], data.y_test, learner)
        found = {"value": value, "epochs": done, "loss": loss}
        if not (model := self.request["model"]):
            yield found, {}
            return
        learner.export_onnx(Path(model))
        yield (
            found | {"versions": learner.versions(), "weights_sha256": digest(learner.weights())},
            {"outputs": outputs},
        )


if __name__ == "__main__":
    serve(CarriedWork)
