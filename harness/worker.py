"""The child: the only place where lesson, net and learner meet. Run as ``python -m harness.worker REQUEST.json``.

Each job of a request keeps a record (and a file of arrays) of its own, so that a crash in a later job, or in the
middle of one, loses nothing that was measured before.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from harness.measure import DivergedError, train
from harness.plan import Cell, configured, lessons
from harness.record import Row, Status, read_json, write_arrays, write_json
from harness.trace import trace
from impls.spec import Dataset, DeviceMissingError, Dtype, Learner, NetLesson, Weights, initial_weights

Progress = Iterator[tuple[Row, Weights]]

PR_SET_PDEATHSIG = 1  # of Linux's prctl: the signal to be sent when the parent ends


class Work:
    """What one child was asked to do, and what its jobs share.

    Args:
        request: ``cell`` (the fields of a Cell), ``jobs``, ``data`` (the folder of the lesson's files, or None),
            ``records`` (where records go), ``onnx`` (the file to export to), ``epochs``, ``budget_s``.
    """

    def __init__(self, request: Row) -> None:
        self.request = request
        self.cell = Cell(**request["cell"])
        self.import_s = 0.0

    @cached_property
    def lesson(self) -> NetLesson:
        """The lesson as the cell runs it."""
        lesson = configured(self.cell)
        assert isinstance(lesson, NetLesson)
        return lesson

    def data(self, dtype: Dtype) -> Dataset:
        """The lesson's examples."""
        folder = self.request["data"]
        return self.lesson.data.load(Path(folder) if folder else None, self.cell.seed, dtype)

    def learner(self, dtype: Dtype) -> Learner:
        """A new learner of the cell's framework, mode and device, and how long its packages took to import."""
        started = time.perf_counter()
        net = importlib.import_module(lessons()[self.cell.lesson].module(self.cell.framework)).Net
        module = importlib.import_module(f"impls.learners.{self.cell.framework}_learner")
        self.import_s = self.import_s or time.perf_counter() - started
        learner: Learner = module.Learner(self.lesson, net, mode=self.cell.mode, device=self.cell.device, dtype=dtype)
        return learner

    @cached_property
    def trainee(self) -> Learner:
        """The one learner that is trained and then exported."""
        return self.learner(self.cell.dtype)

    # The jobs: each yields its record as far as it has come.

    def train(self) -> Progress:
        """Train, time, and keep the outputs on the test set."""
        cell, learner, data = self.cell, self.trainee, self.data(self.cell.dtype)
        facts: Row = {
            "import_s": self.import_s,
            "train_examples": len(data.x_train),
            "test_examples": len(data.x_test),
            "versions": learner.versions(),
        }
        weights = initial_weights(self.lesson, cell.seed, cell.dtype)
        budget_s, epochs = self.request["budget_s"], self.request["epochs"]
        for t in train(learner, self.lesson, data, weights, epochs=epochs, seed=cell.seed, budget_s=budget_s):
            yield {**facts, **t.figures, "curves": t.curves}, {"outputs": t.outputs}

    def export(self) -> Progress:
        """Export the trained net."""
        path = Path(self.request["onnx"])
        path.parent.mkdir(parents=True, exist_ok=True)
        self.trainee.export_onnx(path)
        yield {"path": str(path)}, {}

    def trace_float32(self) -> Progress:
        """Follow the first steps in float32."""
        yield self._trace("float32")

    def trace_float64(self) -> Progress:
        """Follow the first steps in float64."""
        yield self._trace("float64")

    def _trace(self, dtype: Dtype) -> tuple[Row, Weights]:
        return trace(self.learner(dtype), self.lesson, self.data(dtype), seed=self.cell.seed, dtype=dtype)


def run_job(job: Callable[[], Progress], record: Path) -> Status:
    """Run one job and keep its record, ``partial`` until it is done."""
    content: Row = {}
    status: Status = "ok"
    reason = ""
    try:
        for content, arrays in job():
            if arrays:
                write_arrays(record.with_suffix(".npz"), arrays)
            write_json(record, {"status": "partial", "reason": "", **content})
    except DeviceMissingError as error:
        status, reason = "missing", str(error)
    except DivergedError as error:
        status, reason = "diverged", str(error)
    except MemoryError as error:
        status, reason = "out_of_memory", str(error) or "the process ran out of memory"
    except Exception as error:
        traceback.print_exc()  # into the child's log
        status, reason = "failed", f"{type(error).__name__}: {error}"
    write_json(record, {**content, "status": status, "reason": reason})
    return status


def start(request_path: str) -> Row:
    """Read a child's request, keep to the cores that it names, and do not outlive the harness."""
    request = read_json(Path(request_path))
    if sys.platform == "linux":
        # A harness that is killed can end nobody; what it left running would spoil the timings of the next run.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if hasattr(os, "sched_setaffinity"):
        # The one way to bound threads that every framework obeys; before any of them is imported.
        os.sched_setaffinity(0, request["cpus"])
    return request


def main(request_path: str) -> None:
    """Do the jobs of a request in turn; the first that does not end ``ok`` is the last."""
    request = start(request_path)
    work = Work(request)
    for name in request["jobs"]:
        if run_job(getattr(work, name), Path(request["records"]) / f"{name}.json") != "ok":
            break


if __name__ == "__main__":
    main(sys.argv[1])
