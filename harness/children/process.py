"""What the operating system tells of this process: its memory, and how long it waited for a core."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path

TASKS = Path("/proc/self/task")  # of Linux: a folder for each thread
SOUND_SHARE = 0.97  # of the time in which a process could run; below that another took its cores


def peak_memory() -> int:
    """The most resident memory that this process has had, in bytes.

    On Linux from VmHWM: ``ru_maxrss`` starts at what the parent had when it started this process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
        return int(fields["VmHWM"].split()[0]) * 1024
    import resource  # not on Windows

    peak: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def waiting() -> dict[str, int]:
    """For how long each thread has been runnable without a core so far, in nanoseconds, by its number.

    The second field of Linux's ``schedstat`` (Documentation/scheduler/sched-stats.rst); empty elsewhere.
    """
    waits: dict[str, int] = {}
    for place in TASKS.glob("*/schedstat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # that thread has just ended
            waits[place.parent.name] = int(place.read_text(encoding="ascii").split()[1])
    return waits


def waited_s(since: Mapping[str, int]) -> float:
    """For how many seconds the threads that there are have waited for a core since ``waiting`` gave this."""
    return sum(max(0, wait - since.get(thread, 0)) for thread, wait in waiting().items()) / 1e9


def is_sound(cpu_s: float, waited_s: float) -> bool:
    """Whether a process had its cores: of the seconds that its threads ran or waited for a core, 97 % they ran."""
    return cpu_s >= SOUND_SHARE * (cpu_s + waited_s)
