"""Durations and how many of them are enough. Runs in the child; knows no framework.

A clock stops when the device has finished. What a neighbour on the same cores does to a sample is told by the sample.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.children.process import Moment, is_sound, waited_s, waiting
from harness.processor import cores
from harness.record import Quantity, Row

LEAST_SAMPLE_S = 0.1  # below that a clock's own jitter shows


@dataclass(frozen=True)
class Effort:
    """How many samples are taken of what is timed: ``most``, or ``fewest`` once they have taken the budget.

    Each takes at least ``least_s``.
    """

    most: int
    fewest: int
    budget_s: float
    least_s: float = LEAST_SAMPLE_S

    def met(self, taken: int, seconds: float) -> bool:
        """Whether so many samples, which took so long, are enough."""
        return taken >= (self.fewest if seconds >= self.budget_s else self.most)


EFFORT: dict[str, Effort] = {"quick": Effort(5, 2, 1.0), "full": Effort(10, 2, 10.0)}
OPERATION = Effort(6, 2, 0.5, 0.005)  # single operations, of which a lesson has many, each at two sizes


def effort(profile: str, samples: int | None = None) -> Effort:
    """The profile's effort, or so many samples however long they take."""
    return EFFORT[profile] if samples is None else Effort(samples, samples, 0.0)


@dataclass
class Samples:
    """Durations of equal pieces of work: wall-clock and processor seconds (of all threads) for ``examples`` each.

    Beside them stands for how long the threads waited for a core. A sample is sound if they waited little for what
    another process had (see ``lost_s``).
    """

    examples: int
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    waited_s: list[float] = field(default_factory=list)
    others_s: float = math.inf  # for which others have had its cores since the first sample began

    def __post_init__(self) -> None:
        self._began: Moment | None = None

    def take(self, work: Callable[[], Any], wait: Callable[[], None]) -> Any:
        """Time one piece of work, until the device has finished it; returns what it returned."""
        began = self._began = self._began or Moment.now()
        waits = waiting()
        cpu, wall = time.process_time(), time.perf_counter()
        made = work()
        wait()
        self.wall_s.append(time.perf_counter() - wall)
        self.cpu_s.append(time.process_time() - cpu)
        self.waited_s.append(waited_s(waits))
        self.others_s = Moment.now().others_s(began)
        return made

    def lost_s(self) -> list[float]:
        """How much of its waiting each owes to others.

        Threads of one process wait for each other too. Where there is a single core JAX's nearly always do; but then it
        is not another's: what others took is at most what the process has not used of its cores. Where there are more,
        one that wakes another may leave it on its own core though the next is idle, as IREE's do: all together have
        lost no more than others had.
        """
        spans = zip(self.wall_s, self.cpu_s, self.waited_s, strict=True)
        at_most = [max(0.0, min(waited_s, cores() * wall_s - cpu_s)) for wall_s, cpu_s, waited_s in spans]
        share = self.others_s / sum(at_most) if any(at_most) else 1.0
        return [min(1.0, share) * seconds for seconds in at_most]

    def enough(self, effort: Effort) -> bool:
        """Whether as many were taken as the effort asks for."""
        return effort.met(len(self.wall_s), sum(self.wall_s))

    def per_s(self) -> float:
        """Median examples per second."""
        return self.examples / statistics.median(self._sound(self.wall_s))

    def per_cpu_s(self) -> float:
        """Median examples per processor second."""
        return self.examples / statistics.median(self._sound(self.cpu_s))

    def dropped(self) -> float:
        """The share of the samples that are not sound. The medians are those of the rest; of all, if there is none."""
        return 1 - sum(map(is_sound, self.cpu_s, self.lost_s())) / len(self.cpu_s)

    def variation(self) -> float:
        """Coefficient of variation of the durations: deviation over mean."""
        return statistics.stdev(self.wall_s) / statistics.mean(self.wall_s)

    def durations(self) -> Row:
        """All of them for a record."""
        return {"examples": self.examples, "wall_s": self.wall_s, "cpu_s": self.cpu_s, "waited_s": self.lost_s()}

    def kept(self, quantity: Quantity) -> Row:
        """The same under the name of what was timed; ``harness.speed.samples`` reads it."""
        return {f"{quantity}_sample_{name}": figure for name, figure in self.durations().items()}

    def _sound(self, seconds: list[float]) -> list[float]:
        return [s for s, *run in zip(seconds, self.cpu_s, self.lost_s(), strict=True) if is_sound(*run)] or seconds


def sample(
    work: Callable[[], object],
    wait: Callable[[], None],
    examples: int,
    effort: Effort,
    piece_s: float,
    taken: Samples | None = None,
) -> Samples:
    """Repeat work in samples of at least the effort's length until there are enough of them.

    Args:
        work: one piece, ``examples`` examples; it was run before, so nothing is compiled while timing.
        wait: returns when the device has finished.
        examples: in one piece of work.
        effort: how many samples are enough.
        piece_s: about how long one piece takes, above 0.
        taken: samples of single pieces that are there already, which count if they are long enough.
    """
    repeats = max(1, math.ceil(effort.least_s / piece_s))

    def pieces() -> None:
        for _ in range(repeats):
            work()

    samples = taken if taken and taken.wall_s and repeats == 1 else Samples(examples * repeats)
    while not samples.enough(effort):
        samples.take(pieces, wait)
        if samples.wall_s[-1] < effort.least_s:  # it goes faster than was thought
            return sample(work, wait, examples, effort, 0.9 * samples.wall_s[-1] / repeats)
    return samples
