"""The child that times one net closely, over batch sizes.

What it learns does not matter: each batch size starts from the initial weights again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import cycle
from typing import Any

import numpy as np

from harness.children.process import peak_memory
from harness.children.serving import Progress
from harness.children.stopwatch import Stopwatch, timing, warmed
from harness.children.structure import FEW, flop_per_example
from harness.children.timing import sample
from harness.children.worker import NetWork, serve
from harness.record import Row
from impls.spec import Array, Dataset, Learner, Weights

SPARE = 1.2  # more steps than seem to fill a sample: most loops go faster as they get longer
FIRST_STEPS = 2  # of the first call at a batch: XLA makes another program of a loop that goes round once


class ThroughputWork(NetWork):
    """A net that is timed at each of the request's ``batches``, of which its lesson's comes first.

    Then it is timed at that batch with other ``sizes``, pairs of an axis of the lesson and a size.
    """

    def throughput(self) -> Progress:
        """Time the net part by part; after each part all that was measured is kept."""
        bench = self._bench()
        content: Row = {"import_s": self.import_s, "versions": bench.learner.versions(), "timings": []}
        for taken in bench.timings(self.request["batches"]):
            content["timings"].append(taken)
            yield content, {}
        content["peak_memory_bytes"] = peak_memory()
        # A pass that is listened to comes after them: it would warm up what the first call is to find cold.
        few, kernels = bench.data.x_train[:FEW], [p for p in self.lesson.parameters if p.name.endswith("kernel")]
        alone = replace(self.lesson, parameters=tuple(kernels[:1]))
        noted = bench.learner.inner(bench.learner.put(few))
        content["first_kernel_flop"] = flop_per_example(alone, noted, len(few))
        yield content, {}
        for axis, size in self.request["sizes"]:
            other = copy(self)
            other.lesson = self.lesson.axes[axis].at(size)
            for taken in other._bench().calls(self.lesson.batch):
                content["timings"].append(taken | {"axis": axis, "size": size})
                yield content, {}

    def _bench(self) -> Bench:
        learner, data = self.learner(self.cell.dtype), self.data(self.cell.dtype)
        weights, order = self.start(learner, data, own=self.cell.native)
        watch = Stopwatch.of(self.cell.profile, self.request.get("samples"))
        return Bench(learner, data, weights, order[0].ravel(), watch)


@dataclass
class Bench:
    """What of a net is timed, and how.

    Args:
        learner: of the net.
        data: the lesson's; where a batch is larger than the training set, examples come again.
        weights: to begin with at each batch.
        order: indices of training examples, shuffled, (n,).
        watch: times it.
    """

    learner: Learner
    data: Dataset
    weights: Weights
    order: Array
    watch: Stopwatch

    def timings(self, batches: Sequence[int]) -> Iterator[Row]:
        """A timing of the transfer and of the input at the first batch, then of training and prediction at each.

        A timing has ``job``, ``batch``, ``first_call_s``, and of its samples ``examples`` (of each), ``wall_s``,
        ``cpu_s`` and ``waited_s``; a prediction's has ``latency`` too (see ``Stopwatch``).
        """
        yield self._transfer()
        yield self._input(batches[0])
        for batch in batches:
            yield from self.calls(batch)

    def calls(self, batch: int) -> Iterator[Row]:
        """A timing each of training and prediction."""
        yield self._train(batch)
        yield self._predict(batch)

    @cached_property
    def _examples(self) -> tuple[Any, Any]:
        return self.learner.put(self.data.x_train), self.learner.put(self.data.y_train)

    def _transfer(self) -> Row:
        """All training images, from the host's memory to the device's."""
        first_s, taken = self.watch.timed(lambda: self._put(self.data.x_train), self._arrived, len(self.data.x_train))
        return timing("transfer", taken, len(self.data.x_train), first_s)

    def _train(self, batch: int) -> Row:
        """Epochs of as many steps as fill a sample."""
        self.learner.load(self.weights)
        wait, effort, epoch = self.learner.wait, self.watch.effort, self._epoch(FIRST_STEPS, batch)
        warm = warmed(epoch, wait, FIRST_STEPS * batch)
        steps = math.ceil(SPARE * effort.least_s * FIRST_STEPS / warm.piece_s)
        if steps <= FIRST_STEPS:
            taken = sample(epoch, wait, FIRST_STEPS * batch, effort, warm.piece_s, warm.second)
        else:  # a program of its own, where a loop is compiled
            epoch = self._epoch(steps, batch)
            epoch()
            wait()
            taken = sample(epoch, wait, steps * batch, effort, effort.least_s)
        return timing("train", taken, batch, warm.first_s)

    def _epoch(self, steps: int, batch: int) -> Callable[[], Any]:
        rows = self.learner.put(np.resize(self.order, (steps, batch)))
        return partial(self.learner.train_epoch, *self._examples, rows)

    def _predict(self, batch: int) -> Row:
        """Predictions of the same examples again and again."""
        predict = partial(self.learner.predict, self.learner.put(self.data.x_train[np.resize(self.order, batch)]))
        return self.watch.predictions(predict, self.learner.wait, batch)

    def _input(self, batch: int) -> Row:
        """Batches gathered on the host and put on the device, one after the other through the shuffled examples."""
        batches = np.resize(self.order, (max(1, len(self.order) // batch), batch))
        turn = cycle(batches)

        def fetch() -> None:
            rows = next(turn)
            self.learner.put(self.data.y_train[rows])
            self._put(self.data.x_train[rows])

        first_s, taken = self.watch.timed(fetch, self._arrived, batch)
        return timing("input", taken, batch, first_s)

    def _put(self, array: Array) -> None:
        self._placed: Any = self.learner.put(array)

    def _arrived(self) -> None:
        """Return when what was last put is on the device: ``wait`` waits for work, so a part of it is read back."""
        self.learner.get(self._placed[:1])


if __name__ == "__main__":
    serve(ThroughputWork)
