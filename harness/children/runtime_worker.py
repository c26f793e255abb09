"""The child in which a runtime runs models: over a lesson's test set, against the clock, or on given inputs.

It knows no runtime: which one stands in the request.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from harness.children.measure import evaluate
from harness.children.serving import Progress, serve
from harness.children.stopwatch import Stopwatch, at_once
from harness.parity import compared, parity, scaled_gap
from harness.plan import Cell, configured
from harness.record import Row, read_arrays
from harness.runtime import RefusedError, Session, adapter
from impls.spec import Dataset, NetLesson

CHUNK = 1000  # examples at a time
LONGEST = 300  # characters of what a runtime says; the child's log has all
ACCURACIES = ("accuracy", "binary_accuracy")
OF_OUTPUTS = (*ACCURACIES, "mean_squared_error")  # metrics that take no weights
OURS = Path(__file__).parents[1]  # where an adapter's own faults arise


@contextmanager
def shortened() -> Iterator[None]:
    """Make a ``RefusedError`` of what a runtime says of a model; a fault of its adapter, and want of memory, stay."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:  # each runtime has its own kinds
        told = isinstance(error, RefusedError)
        if not told and Path(traceback.extract_tb(error.__traceback__)[-1].filename).is_relative_to(OURS):
            raise
        raise RefusedError(_gist(str(error) if told else f"{type(error).__name__}: {error}")) from error


def _gist(words: str) -> str:
    """What an error says, without its stack; of a long story, how it begins and how it ends."""
    words = " ".join(words.split("Stack backtrace")[0].split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST // 2]} … {words[-LONGEST // 2 :]}"


def work(request: Row) -> Progress:
    """Do what the request's one job begins with: ``compare``, ``clock`` or ``run``."""
    (job,) = request["jobs"]
    return {"compare": _compare, "clock": _clock, "run": _run}[job.split("-", 1)[0]](request)


def _compare(request: Row) -> Progress:
    """Run ``model`` over the examples and hold it against ``outputs``: a file with these, and ``float64`` beside."""
    lesson, data = _lesson(request)
    module, session = _session(request, 1)
    yield _of_versions(module), {}
    x = compared(data.x_test)
    with shortened():
        chunks = [session.run(x[at : at + CHUNK])[0] for at in range(0, len(x), CHUNK)]
    found, kept = np.concatenate([np.atleast_1d(chunk) for chunk in chunks]), read_arrays(Path(request["outputs"]))
    expected = kept["outputs"]
    row = _of_versions(module) | parity(lesson, found, expected)
    row |= {"max_rel_float64": scaled_gap(found, kept["float64"])}
    row |= {"framework_max_rel_float64": scaled_gap(expected, kept["float64"])}
    if lesson.metric in OF_OUTPUTS and found.shape == expected.shape:
        own, theirs = (evaluate(lesson, y[: len(data.y_test)], data.y_test, None) for y in (expected, found))
        row |= {"runtime_value": theirs}
        labels = expected[: len(data.y_test), ..., 0].size
        moved = round(abs(theirs - own) * labels) if lesson.metric in ACCURACIES else 0
        if moved > row["disagree"]:
            why = f"accuracies are {moved} of {labels} labels apart where {row['disagree']} predictions differ"
            row |= {"verdict": "fail", "reason": why}
    yield row, {}


def _clock(request: Row) -> Progress:
    """Time loading ``model``, its first outputs among it, and predictions at each of ``batches``."""
    _, data = _lesson(request)
    module = adapter(request["runtime"])
    started = time.perf_counter()
    with shortened():
        session: Session = module.Session(Path(request["model"]), len(request["cpus"]))
        session.run(data.x_test[:1])
        content: Row = _of_versions(module) | {"load_s": time.perf_counter() - started, "timings": []}
        watch = Stopwatch.of(request["cell"]["profile"], request.get("samples"))
        for batch in request["batches"]:
            predict = partial(session.run, data.x_test[np.arange(batch) % len(data.x_test)])
            content["timings"].append(watch.predictions(predict, at_once, batch))
            yield content, {}


def _run(request: Row) -> Progress:
    """Run ``model`` on the arrays of the file ``inputs``, which are in its order; leaves its outputs, numbered.

    A model with a fixed batch gets ``at_once`` examples at a time, of which the inputs are a multiple.
    """
    module, session = _session(request, len(request["cpus"]))
    yield _of_versions(module), {}
    inputs = list(read_arrays(Path(request["inputs"])).values())
    parts, size = [inputs], request.get("at_once", 0)
    if size:
        parts = [[array[at : at + size] for array in inputs] for at in range(0, len(inputs[0]), size)]
    with shortened():
        turns = [[np.asarray(output) for output in session.run(*part)] for part in parts]
    found = list(zip(*turns, strict=True))
    outputs = [each[0] if len(each) == 1 else np.concatenate(np.atleast_1d(*each)) for each in found]
    yield _of_versions(module), {str(place): output for place, output in enumerate(outputs)}


def _session(request: Row, threads: int) -> tuple[Any, Session]:
    module = adapter(request["runtime"])
    with shortened():
        return module, module.Session(Path(request["model"]), threads)


def _lesson(request: Row) -> tuple[NetLesson, Dataset]:
    cell = Cell(**request["cell"])
    lesson = configured(cell)
    assert isinstance(lesson, NetLesson)
    folder = Path(request["data"]) if request["data"] else None
    return lesson, lesson.data.load(folder, cell.seed, cell.dtype)


def _of_versions(module: Any) -> Row:
    return {"version": ", ".join(f"{name} {number}" for name, number in module.versions().items())}


if __name__ == "__main__":
    serve(work)
