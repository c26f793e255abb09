"""Children: one process group for each piece of work, with a deadline and a memory limit that cannot be dodged.

Whatever a child does (crash, hang, ignore signals, eat memory, leave a grandchild behind, end without a result), its
parent learns how it ended and goes on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import psutil

from harness.record import Status, write_json

HOME = str(Path(__file__).parents[1])  # the folder that the packages of this project are in
POLL_S = 0.1
GRACE_S = 1.0  # between asking a group to end and killing it


@dataclass(frozen=True)
class Child:
    """A Python module to be run on a request file.

    Args:
        name: of its request and log files.
        module: run as ``python -m module REQUEST``.
        works: what the module is to do, one after the other; the request holds these and ``cpus``, the cores that
            it may use.
        environment: variables set for it, beside the parent's own.
        cpus: how many cores it gets.
    """

    name: str
    module: str
    works: Sequence[Mapping[str, Any]]
    environment: Mapping[str, str]
    cpus: int


@dataclass(frozen=True)
class Limits:
    """What a child may use: wall-clock seconds, and bytes of resident memory of its whole process tree."""

    deadline_s: float
    memory_bytes: int


@dataclass(frozen=True)
class Ending:
    """How a child ended: ``ok`` if by itself with exit code 0, and the reason as a sentence otherwise."""

    status: Status
    reason: str = ""


def run_children(
    children: Sequence[Child],
    folder: Path,
    limits: Limits,
    *,
    slots: Sequence[Sequence[int]],
    stop: threading.Event,
    started: Callable[[Child], None],
    ended: Callable[[Child, Ending], None],
) -> None:
    """Run children, as many at a time as there are slots, each on the cores of its slot.

    Args:
        children: in the order in which they are to start.
        folder: gets ``NAME.json`` (the request) and ``NAME.log`` (what the child printed) for each.
        limits: of each child.
        slots: the cores of each slot; a single slot means one child at a time.
        stop: once set, running children are ended and the rest is not started.
        started, ended: called from the threads that run the children.
    """
    free: SimpleQueue[Sequence[int]] = SimpleQueue()
    for slot in slots:
        free.put(slot)

    def run_one(child: Child) -> None:
        cpus = free.get()
        try:
            if stop.is_set():
                ending = Ending("interrupted", "the run was interrupted before this began")
            else:
                started(child)
                ending = run_child(child, folder, limits, cpus=cpus[: child.cpus], stop=stop)
            ended(child, ending)
        finally:
            free.put(cpus)

    with ThreadPoolExecutor(max_workers=len(slots)) as pool:
        try:
            for future in [pool.submit(run_one, child) for child in children]:
                future.result()
        except BaseException:
            stop.set()
            raise


def run_child(child: Child, folder: Path, limits: Limits, *, cpus: Sequence[int], stop: threading.Event) -> Ending:
    """Run one child to its end.

    Raises:
        OSError: its request or log file cannot be written.
    """
    request = folder / f"{child.name}.json"
    log = folder / f"{child.name}.log"
    write_json(request, {"works": list(child.works), "cpus": list(cpus)})
    # Unbuffered: what a child printed just before it crashed is in its log, and in the order of printing.
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **child.environment}
    # -P: a folder of the user's that is called jax is not taken for the package. The child finds this project
    # where its parent did, which may be the folder they are in.
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (environment.get("PYTHONPATH"), HOME)))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", child.module, str(request)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _prefer_to_be_killed(process.pid)
            ending = _watch(process, limits, stop)
        finally:
            _end_group(process)
    return ending or _judge(process.returncode, log)


def _watch(process: subprocess.Popen[bytes], limits: Limits, stop: threading.Event) -> Ending | None:
    """Wait for the process to end by itself (None) or for the first reason to end it."""
    deadline = time.monotonic() + limits.deadline_s
    while process.poll() is None:
        if stop.wait(POLL_S):
            return Ending("interrupted", "the run was interrupted while this ran")
        if time.monotonic() > deadline:
            return Ending("timeout", f"not done after {limits.deadline_s:g} s (--deadline)")
        used = _tree_memory(process.pid)
        if used > limits.memory_bytes:
            allowed = limits.memory_bytes / 2**30
            return Ending(
                "out_of_memory", f"used {used / 2**30:.1f} GiB where {allowed:.1f} GiB are allowed (--memory)"
            )
    return None


def _tree_memory(pid: int) -> int:
    """Resident bytes of a process and all that it started."""
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
    return total


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the child's whole group, politely and then not, whether or not the child itself has ended."""
    group = process.pid
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        limit = time.monotonic() + GRACE_S
        while time.monotonic() < limit:
            process.poll()  # a child that was not waited for would keep its group alive
            os.killpg(group, 0)
            time.sleep(0.01)
        os.killpg(group, signal.SIGKILL)
    process.wait()


def _prefer_to_be_killed(pid: int) -> None:
    """If the machine itself runs out of memory, Linux shall end the child, not the harness or its neighbours."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", encoding="ascii")


def _judge(code: int, log: Path) -> Ending:
    if code == 0:
        return Ending("ok")
    if code == -signal.SIGKILL:
        return Ending("out_of_memory", "killed from outside, most likely because the machine ran out of memory")
    if code < 0:
        names = {known.value: known.name for known in signal.Signals}  # most real-time signals have none
        return Ending("crashed", f"ended by {names.get(-code, f'signal {-code}')}; see {log}")
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")
    return Ending("failed", f"exit code {code}: {last}")
