"""One child: a process group with a deadline and a memory limit that cannot be dodged.

Whatever it does (crash, hang, ignore signals, eat memory, leave a grandchild behind, end without a result), its parent
learns how it ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

from harness.record import Status, write_json

HOME = str(Path(__file__).parents[1])  # the folder that the packages of this project are in
POLL_S = 0.05
GRACE_S = 1.0  # between asking a group to end and killing it


@dataclass(frozen=True)
class Child:
    """A Python module to be run on a request file.

    Args:
        name: of its request and log files.
        module: run as ``python -m module REQUEST``.
        works: what the module is to do, one after the other; the request holds these, ``cpus``, the cores that it
            may use, and ``pauses``, whether it is to stop itself once it is prepared.
        environment: variables set for it, beside the parent's own.
        cpus: how many cores it gets.
        imports: modules that it will import, in an environment that is the same for all who import them.
    """

    name: str
    module: str
    works: Sequence[Mapping[str, Any]]
    environment: Mapping[str, str]
    cpus: int
    imports: tuple[str, ...] = ()

    @property
    def kin(self) -> tuple[object, ...]:
        """What those have in common who can be forked from one process; empty where there is no such process.

        Only Linux: elsewhere there is no fork, or system libraries do not bear it.
        """
        forks = self.imports and sys.platform == "linux"
        return (self.module, self.imports, *sorted(self.environment.items()), self.cpus) if forks else ()


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


NOT_BEGUN = Ending("interrupted", "the run was interrupted before this began")


class Process(Protocol):
    """What is used of a process."""

    pid: int
    returncode: int

    def poll(self) -> int | None:
        """The exit code, once it has ended."""

    def wait(self) -> int:
        """Wait for its end."""

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""


class Origin(Protocol):
    """Where children are forked."""

    def fork(self, request: Path, log: Path) -> Process | None:
        """Start one on a request; None if that is not possible any more."""


@dataclass
class Running:
    """A child's process, from its start until its group is gone.

    Args:
        child, folder, limits, cpus, stop: as in ``launch.run_children``.
        pauses: it is to stop itself once it is prepared.
        origin: to be forked from, if there is one; else the child is started by itself.
    """

    child: Child
    folder: Path
    limits: Limits
    cpus: Sequence[int]
    stop: threading.Event
    pauses: bool = False
    origin: Origin | None = None

    def __post_init__(self) -> None:
        self._left_s = self.limits.deadline_s
        self._log = self.folder / f"{self.child.name}.log"
        self._ending: Ending | None = None  # why it was ended, if it was
        request = self.folder / f"{self.child.name}.json"
        write_json(request, {"works": list(self.child.works), "cpus": list(self.cpus), "pauses": self.pauses})
        forked = self.origin.fork(request, self._log) if self.origin else None
        self._process: Process = forked or self._started(request)
        _prefer_to_be_killed(self._process.pid)

    def _started(self, request: Path) -> Process:
        with self._log.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", self.child.module, str(request)],
                env=environment_of(self.child),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def watch(self) -> None:
        """Wait until it ends or, if it is to, has stopped itself, or until there is a reason to end it."""
        started = time.monotonic()
        while self._ending is None and self._process.poll() is None:
            if self.pauses and self._has_stopped() and not self.stop.is_set():
                break
            self._ending = self._reason_to_end(time.monotonic() - started)
        self._left_s -= time.monotonic() - started

    def resume(self) -> None:
        """Let it go on, if it has stopped itself."""
        self.pauses = False
        self._process.send_signal(signal.SIGCONT)  # of no effect on one that has ended

    def close(self) -> Ending:
        """End what is left of its group; returns how it ended."""
        _end_group(self._process)
        return self._ending or _judge(self._process.returncode, self._log)

    def _has_stopped(self) -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self._process.pid).status() == psutil.STATUS_STOPPED
        return False

    def _reason_to_end(self, seconds: float) -> Ending | None:
        if self.stop.wait(POLL_S):
            return NOT_BEGUN if self.pauses else Ending("interrupted", "the run was interrupted while this ran")
        if seconds > self._left_s:
            return Ending("timeout", f"not done after {self.limits.deadline_s:g} s (--deadline)")
        used, allowed = _tree_memory(self._process.pid) / 2**30, self.limits.memory_bytes / 2**30
        if used > allowed:
            return Ending("out_of_memory", f"used {used:.1f} GiB where {allowed:.1f} GiB are allowed (--memory)")
        return None


def environment_of(child: Child) -> dict[str, str]:
    """All environment variables of a child."""
    # Unbuffered: what a child printed just before it crashed is in its log, and in the order of printing.
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **child.environment}
    # -P: a folder of the user's that is called jax is not taken for the package. The child finds this project
    # where its parent did, which may be the folder they are in.
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (environment.get("PYTHONPATH"), HOME)))
    return environment


def _tree_memory(pid: int) -> int:
    """Resident bytes of a process and all that it started."""
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
    return total


def _end_group(process: Process) -> None:
    """End the child's whole group, politely and then not, whether or not the child itself has ended."""
    group = process.pid
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        os.killpg(group, signal.SIGCONT)  # who has stopped hears nothing
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
