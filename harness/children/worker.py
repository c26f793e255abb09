"""The child: the only place where lesson, net and learner meet.

Each job of a request keeps a record (and a file of arrays) of its own, so that a crash in a later job, or in the
middle of one, loses nothing that was measured before.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from harness.catalogue import lessons
from harness.children.calls import Calls
from harness.children.measure import train
from harness.children.serving import Progress, leave, run_job, start
from harness.children.structure import FEW, structure
from harness.children.timing import effort
from harness.children.trace import inspect, trace
from harness.parity import compared
from harness.plan import Cell, configured
from harness.record import Row, digest, read_arrays
from impls import spec
from impls.spec import Array, Arrays, Dataset, Dtype, FunctionLesson, Learner, NetLesson, Weights

TRAINED = "trained/"  # before the names of the weights, among the arrays that training leaves


@dataclass(frozen=True)
class Imported:
    """What importing a framework has cost before this process was forked: seconds, and bytes that it does not map."""

    seconds: float = 0.0
    unmapped_bytes: int = 0


class Work:
    """What a child was asked to do for one cell, and what its jobs share.

    Args:
        request: ``cell`` (the fields of a Cell), ``jobs``, ``data`` (the folder of the lesson's files, or None),
            ``records`` (where records go), ``onnx`` (the file that a net is exported to), ``samples`` (how many are
            taken of what is timed; by the profile if it is not there).
        pauses: whether this process is to stop itself before what is timed.
        imported: what importing the framework has cost already, if this process is forked from one that has.
    """

    def __init__(self, request: Row, *, pauses: bool = False, imported: Imported | None = None) -> None:
        self.request = request
        self.pauses = pauses
        self.cell = Cell(**request["cell"])
        self.lesson = configured(self.cell)
        self.effort = effort(self.cell.profile, request.get("samples"))
        self._before = imported or Imported()
        self.import_s = 0.0

    def imported(self) -> tuple[Any, Any]:
        """The modules of the implementation and of the learner; how long importing them takes is noted."""
        started = time.perf_counter()
        implementation = lessons()[self.cell.lesson].load(self.cell.framework)
        learner = importlib.import_module(f"impls.learners.{self.cell.framework}_learner")
        self.import_s = self.import_s or self._before.seconds + time.perf_counter() - started
        return implementation, learner

    def pause(self) -> None:
        """Stop here, if asked to, until the harness has the machine free; it sees this and sends SIGCONT."""
        if self.pauses:
            os.kill(os.getpid(), signal.SIGSTOP)

    def charged(self, figures: Row) -> Row:
        """Figures with the memory of the import: a forked process has nothing of it mapped but what it uses."""
        if "peak_memory_bytes" not in figures:
            return figures
        return figures | {"peak_memory_bytes": figures["peak_memory_bytes"] + self._before.unmapped_bytes}


class NetWork(Work):
    """The jobs of a net: each yields its record as far as it has come."""

    lesson: NetLesson

    def data(self, dtype: Dtype) -> Dataset:
        """The lesson's examples."""
        folder = self.request["data"]
        return self.lesson.data.load(Path(folder) if folder else None, self.cell.seed, spec.array_dtype(dtype))

    def learner(self, dtype: Dtype) -> Learner:
        """A new learner of the cell's framework, mode and device."""
        implementation, module = self.imported()
        if not hasattr(implementation, "Net"):
            raise AttributeError(f"{implementation.__file__} has no class Net")
        cell, new = self.cell, module.Learner
        learner: Learner = new(self.lesson, implementation.Net, mode=cell.mode, device=cell.device, dtype=dtype)
        return learner

    def start(self, learner: Learner, data: Dataset, *, own: bool) -> tuple[Weights, Array]:
        """Initial weights and the batches of all epochs: the lesson's, or those that the framework draws itself."""
        cell, lesson = self.cell, self.lesson
        epochs, examples = lesson.profiles[cell.profile].epochs, len(data.x_train)
        if own:
            order = learner.own_order(examples, epochs, cell.seed)
            return learner.own_weights(cell.seed), spec.in_batches(order, lesson.batch)
        weights = spec.initial_weights(lesson, cell.seed, spec.array_dtype(cell.dtype))
        return weights, spec.batch_order(examples, lesson.batch, epochs, cell.seed)

    def train(self) -> Progress:
        """Train, time, and keep the trained weights and the outputs on the test set."""
        cell, learner, data = self.cell, self.learner(self.cell.dtype), self.data(self.cell.dtype)
        facts: Row = {
            "import_s": self.import_s,
            "train_examples": len(data.x_train),
            "test_examples": len(data.x_test),
            "versions": learner.versions(),
        }
        weights, order = self.start(learner, data, own=cell.native)
        if cell.native:  # no trace tells of it
            batches = order.reshape(-1, self.lesson.batch)[: spec.STEPS]
            facts["structure"] = structure(learner, self.lesson, weights, batches, data.x_train[:FEW])
        self.pause()
        for t in train(learner, self.lesson, data, weights, order, self.effort):
            arrays = {"losses": t.losses, "outputs": t.outputs}
            arrays |= {TRAINED + name: array for name, array in t.weights.items()}
            yield {**facts, **self.charged(t.figures), "curves": t.curves}, arrays

    def export(self) -> Progress:
        """Export the net as it was trained, in this process or another.

        Beside it the outputs of the training are left, and after them those on the rest of ``compared``.
        """
        learner, path = self.learner(self.cell.dtype), Path(self.request["onnx"])
        kept = read_arrays(Path(self.request["records"]) / "train.npz")
        weights = {name.removeprefix(TRAINED): kept[name] for name in kept if name.startswith(TRAINED)}
        learner.load(weights)
        path.parent.mkdir(parents=True, exist_ok=True)
        learner.export_onnx(path)
        outputs = kept["outputs"]
        if len(others := compared(self.data(self.cell.dtype).x_test)[len(outputs) :]):
            outputs = np.concatenate([outputs, learner.get(learner.predict(learner.put(others)))])
        yield {"path": str(path), "weights_sha256": digest(weights)}, {"outputs": outputs}

    def trace_float32(self) -> Progress:
        """Follow the first steps in float32."""
        yield self._trace("float32")

    def trace_float64(self) -> Progress:
        """Follow the first steps in float64."""
        yield self._trace("float64")

    def trace_epoch(self) -> Progress:
        """Follow a whole epoch in float64."""
        yield self._trace("float64", whole_epoch=True)

    def inspect(self) -> Progress:
        """Look at ``steps`` array by array."""
        how = {"seed": self.cell.seed, "steps": self.request["steps"]}
        yield {}, inspect(self.learner("float64"), self.lesson, self.data("float64"), **how)

    def inspect_later(self) -> Progress:
        """Once more, when it is known in which step the losses part."""
        return self.inspect()

    def _trace(self, dtype: Dtype, *, whole_epoch: bool = False) -> tuple[Row, Weights]:
        cell, learner, data = self.cell, self.learner(dtype), self.data(dtype)
        alone = cell == cell.reference  # the others' gradients are held against its own
        how = {"differences": alone, "whole_epoch": whole_epoch}
        return trace(learner, self.lesson, data, seed=cell.seed, dtype=dtype, **how)


class FunctionWork(Work):
    """The jobs of a lesson of functions."""

    lesson: FunctionLesson

    def calls(self, dtype: Dtype) -> Calls:
        """The functions, ready to be called on the lesson's inputs."""
        implementation, module = self.imported()
        arrays: Arrays = module.Arrays(mode=self.cell.mode, device=self.cell.device, dtype=dtype)
        return Calls(self.lesson, implementation, arrays, self.cell.mode, self.lesson.inputs(self.cell.seed))

    def train(self) -> Progress:
        """Call and time the functions, and keep their results."""
        calls = self.calls(self.cell.dtype)
        facts: Row = {"import_s": self.import_s, "versions": calls.arrays.versions()}
        self.pause()
        for figures in calls.timed(self.effort):
            facts |= self.charged(figures)
            yield facts, calls.results
        if self.lesson.operations:
            yield facts | {"operations": list(calls.operations())}, calls.results

    def trace_float32(self) -> Progress:
        """The results in float32."""
        yield {}, self.calls("float32").once()

    def trace_float64(self) -> Progress:
        """The results in float64."""
        yield {}, self.calls("float64").once()


def main(request_path: str, imported: Imported | None = None) -> None:
    """Do the jobs of each work of a request in turn; after one that does not end ``ok`` a work is left.

    Args:
        request_path: of the request.
        imported: what importing the framework has cost, if that is done already.
    """
    request = start(request_path)
    for work in request["works"]:
        kind = NetWork if isinstance(configured(Cell(**work["cell"])), NetLesson) else FunctionWork
        run_work(kind(work, pauses=request["pauses"], imported=imported))


def run_work(work: Work) -> None:
    """Do the jobs for one cell; what they share is let go with them."""
    for name in work.request["jobs"]:
        if run_job(getattr(work, name), Path(work.request["records"]) / f"{name}.json") != "ok":
            break


def serve(kind: type[NetWork]) -> NoReturn:
    """Do what the request named on the command line asks of nets, by this kind of work, and end this process."""
    for work in start(sys.argv[1])["works"]:
        run_work(kind(work))
    leave()


if __name__ == "__main__":
    main(sys.argv[1])
    leave()
