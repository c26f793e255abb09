"""The child that gives a net the weights of a file and leaves what it makes of them. Run with a request's path."""

from __future__ import annotations

from pathlib import Path

from harness.children.serving import Progress
from harness.children.structure import parameters
from harness.children.trace import INSPECTED, outputs_for
from harness.children.worker import NetWork, serve
from harness.record import read_arrays
from impls.spec import Weights


class HeldWork(NetWork):
    """A net that is held against a file."""

    def hold(self) -> Progress:
        """Take up the ``parameter/NAME`` among the arrays of ``file``; for the names of the arrays see ``inspect``.

        ``outputs`` are on the test set in float32; what begins with ``1/`` is of its first examples in float64.
        """
        kept = read_arrays(Path(self.request["file"]))
        weights = {name.removeprefix("parameter/"): kept[name] for name in kept if name.startswith("parameter/")}
        wide = self.learner("float64")
        figures = {"parameters": parameters(wide)}
        yield figures, {}
        if figures["parameters"] != {name: list(array.shape) for name, array in weights.items()}:
            return
        wide.load(weights)
        arrays: Weights = {f"initial/{name}": array for name, array in wide.weights().items()}
        x = wide.put(self.data("float64").x_test[:INSPECTED])
        arrays |= {f"1/inner/{note}": array for note, array in wide.inner(x).items()}
        arrays |= {"1/outputs": wide.get(wide.predict(x))}
        # A learner sets its framework to its dtype, some for the whole process: the other one must be done with.
        single = self.learner("float32")
        single.load(weights)
        yield figures, arrays | {"outputs": outputs_for(single, self.data("float32").x_test)}


if __name__ == "__main__":
    serve(HeldWork)
