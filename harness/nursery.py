"""Children that need not import their framework: forked from a process that has, one for each framework.

A child is a process of its own in all but that: importing takes longer than many a lesson. A nursery computes nothing,
so that no framework has started its threads when it forks.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from harness.child import Child, environment_of
from harness.record import write_json


class Forked:
    """A forked child, with what is used of ``subprocess.Popen``."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode = -signal.SIGKILL  # its end if the nursery's comes first
        self._ended = threading.Event()

    def poll(self) -> int | None:
        """Its exit code, once it has ended."""
        return self.returncode if self._ended.is_set() else None

    def wait(self) -> int:
        """Wait for its end."""
        self._ended.wait()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def end(self, code: int) -> None:
        """It has ended."""
        self.returncode = code
        self._ended.set()


class Nursery:
    """A process that forks children like this one; made once it has imported what they need.

    Args:
        child: whose imports, environment and cores it has.
        folder: gets its request and log.
        cpus: the cores that children may use.
        deadline_s: of the import.
    """

    def __init__(self, child: Child, folder: Path, cpus: Sequence[int], deadline_s: float) -> None:
        name = f"{child.name}.nursery"
        request = folder / f"{name}.json"
        write_json(request, {"imports": list(child.imports), "cpus": list(cpus[: child.cpus])})
        with (folder / f"{name}.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "harness.children.nursery_worker", str(request)],
                env=environment_of(child),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                text=True,
            )
        self._gone = False
        self._asking = threading.Lock()
        self._born: SimpleQueue[Forked | None] = SimpleQueue()
        self._children: dict[int, Forked] = {}
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        try:  # one imports at a time, so that the seconds tell something
            self._born.get(timeout=deadline_s)
        except Empty:
            self._process.kill()

    def fork(self, request: Path, log: Path) -> Forked | None:
        """Start a worker on a request; None if the nursery has ended, as it does when the import fails."""
        with self._asking:
            if self._gone:
                return None
            try:
                assert self._process.stdin
                self._process.stdin.write(json.dumps([str(request), str(log)]) + "\n")
                self._process.stdin.flush()
            except OSError:
                return None
            return self._born.get()

    def close(self) -> None:
        """End it; its children have ended before."""
        with contextlib.suppress(OSError):
            assert self._process.stdin
            self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._listener.join()
        assert self._process.stdout
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            word, pid, code = line.split()
            if word == "ready":
                self._born.put(None)
            elif word == "born":
                self._children[int(pid)] = forked = Forked(int(pid))
                self._born.put(forked)
            else:
                self._children.pop(int(pid)).end(int(code))
        for forked in self._children.values():
            forked.end(-signal.SIGKILL)  # a child dies with its nursery
        self._gone = True
        self._born.put(None)  # for who may be waiting
