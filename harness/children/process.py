"""What the operating system tells of this process: its memory, and how long it waited for a core."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.processor import usable_cores

TASKS = Path("/proc/self/task")  # of Linux: a folder for each thread
STAT = Path("/proc/stat")  # of Linux: a line for each core
SOUND_SHARE = 0.97  # of the time in which a process could run; below that another took its cores
SWITCH_S = 5e-6  # of a core's time, nobody's own, for a thread to leave it and come back: at most 4.8 µs were measured


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


@dataclass(frozen=True)
class Moment:
    """What clocks and counters show, in seconds.

    Args:
        wall_s: of the wall clock.
        own_s: of processor time of this process so far, all threads added up, with what their switches took.
        idle_s: for which each of its cores has been idle; empty where nobody tells.
    """

    wall_s: float
    own_s: float
    idle_s: tuple[float, ...]

    @classmethod
    def now(cls) -> Moment:
        """Of this process and the cores that it may use."""
        idle_s = _idle_s(usable_cores())
        return cls(time.perf_counter(), time.process_time() + (SWITCH_S * _switches() if idle_s else 0), idle_s)

    def others_s(self, since: Moment) -> float:
        """For how long, all cores added up, others than this process have had its cores; infinite if nobody tells."""
        if not self.idle_s or not since.idle_s:
            return math.inf
        could_s = len(self.idle_s) * (self.wall_s - since.wall_s)
        return max(0.0, could_s - (self.own_s - since.own_s) - (sum(self.idle_s) - sum(since.idle_s)))


def _idle_s(cores: Sequence[int]) -> tuple[float, ...]:
    """The fourth and fifth number of a core in Linux's ``/proc/stat`` (proc_stat(5)), which count ticks."""
    if not STAT.exists() or os.path.ismount(STAT):  # what is mounted there knows of a container alone
        return ()
    lines = map(str.split, STAT.read_text(encoding="ascii").splitlines())
    ticks = {line[0]: int(line[4]) + int(line[5]) for line in lines if line[0].startswith("cpu")}
    told = [ticks[f"cpu{core}"] / os.sysconf("SC_CLK_TCK") for core in cores if f"cpu{core}" in ticks]
    return tuple(told) if len(told) == len(cores) else ()


def _switches() -> int:
    """How often a thread of this process has left its core, to wait for something or because another's turn came."""
    import resource  # not on Windows

    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_nvcsw + usage.ru_nivcsw
