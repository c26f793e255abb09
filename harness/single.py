"""One job of one cell, in a child of its own, for commands that are no run."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from harness.catalogue import UsageError, absence, choose, frameworks, lessons
from harness.folder import scratch
from harness.jobs import WORKER, Launcher, usual_limits
from harness.launch import run_child
from harness.plan import Cell, Options, make_plan
from harness.processor import usable_cores
from harness.progress import Bars
from harness.record import Row, read_arrays
from impls.files import Located
from impls.spec import Weights

LIMITS = usual_limits("full")


class FailedError(Exception):
    """A lesson could not be trained; the message is one sentence that says why."""


def cell_of(lesson: str, framework: str | None, profile: str, seed: int | None) -> Cell:
    """The cell of a lesson in a framework, or in the first that is installed.

    Raises:
        UsageError: a name is unknown, or the lesson cannot run in it.
    """
    (name,) = choose("lesson", [lesson], lessons())
    asked = choose("framework", [framework] if framework else [], frameworks())
    able = [other for other in asked if not absence(name, other)]
    if not able:
        raise UsageError(f"{name} cannot run in {asked[0]}: {absence(name, asked[0])}.")
    seeds = () if seed is None else (seed,)
    return make_plan(Options(lesson=(name,), framework=(able[0],), profile=profile, seed=seeds))[0]


def one_job(
    cell: Cell, located: dict[str, Located], job: str, module: str = WORKER, request: Row | None = None
) -> tuple[Row, Weights]:
    """Do one job of one cell in a child of this module; returns its record and arrays.

    Raises:
        FailedError: it did not end well.
    """
    with ExitStack() as leaving:
        folder = scratch(leaving)
        with Bars() as bars:
            launcher = Launcher(folder, LIMITS, located, bars)
            work = launcher.work(cell, (job,)) | (request or {})
            child = launcher.alone(work, cell, job, cell.threads, module)
            bars.planned(1)
            bars.started(child)
            cpus = usable_cores()[: child.cpus]
            ending = run_child(child, folder.work, LIMITS, cpus=cpus, stop=threading.Event())
            bars.ended(child, ending)
        record = folder.read(cell, job)
        status, reason = record.get("status", "partial"), record.get("reason", "")
        if status == "partial":  # it was ended from outside
            status, reason = ending.status, ending.reason
        if status != "ok":
            leaving.pop_all()  # the log may be of use
            raise FailedError(f"{cell.lesson} in {cell.framework} {status}: {reason}; its log is in {folder.work}.")
        arrays = folder.record(cell, job).with_suffix(".npz")
        return record, read_arrays(arrays) if arrays.exists() else {}
