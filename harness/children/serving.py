"""What every child does about its work: it reads the request, keeps a record of each job, and leaves."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NoReturn

from harness.catalogue import frameworks
from harness.children.measure import DivergedError
from harness.record import Row, Status, read_json, write_arrays, write_json
from impls.spec import DeviceMissingError, Weights

Progress = Iterator[tuple[Row, Weights]]
"""A job's record, and arrays, as far as it has come."""

PR_SET_PDEATHSIG = 1  # of Linux's prctl: the signal to be sent when the parent ends


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
        status, reason = "failed", f"{type(error).__name__}: {error}{_place(error)}"
    write_json(record, {**content, "status": status, "reason": reason or content.get("reason", "")})
    return status


def _place(error: BaseException) -> str:
    """Where in an implementation an error arose, in brackets; nothing if in none."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    places = (frame for frame in frames if Path(frame.filename).stem.rpartition("_")[2] in frameworks())
    return next((f" ({Path(each.filename).name}, line {each.lineno}, in {each.name})" for each in places), "")


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


def serve(job: Callable[[Row], Progress], name: str | None = None) -> NoReturn:
    """Do one job for each work of the request that the command line names, and end this process.

    Args:
        job: what it is told are the work and, as ``cpus``, the cores that this process may use.
        name: of its records; that of the work's one job unless given.
    """
    request = start(sys.argv[1])
    for work in request["works"]:
        run_job(
            partial(job, work | {"cpus": request["cpus"]}), Path(work["records"]) / f"{name or work['jobs'][0]}.json"
        )
    leave()


def leave() -> NoReturn:
    """End this process here: its records are kept, and a framework's own farewell takes up to two seconds, or hangs."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
