"""How fast calls go, one after the other and each by itself: of a learner's prediction as of a runtime's."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from harness.children.timing import LEAST_SAMPLE_S, Effort, Samples, sample
from harness.children.timing import effort as usual_effort
from harness.record import Row

# Of each rate, of which a cell has some twenty. Six samples are the fewest that have an interval.
RATES: dict[str, Effort] = {"quick": Effort(6, 3, 0.4, 0.05), "full": Effort(10, 3, 2.5)}
LATENCIES: dict[str, Effort] = {"quick": Effort(1000, 3, 0.25), "full": Effort(1000, 3, 2.5)}
WARM_S = 0.02


@dataclass(frozen=True)
class Stopwatch:
    """Times calls.

    Args:
        effort: how many samples of each rate.
        single: how many single calls of each latency.
    """

    effort: Effort
    single: Effort

    @classmethod
    def of(cls, profile: str, samples: int | None = None) -> Stopwatch:
        """One with the profile's effort; with so many samples, if it is told."""
        return cls(usual_effort(profile, samples) if samples else RATES[profile], LATENCIES[profile])

    def timed(self, work: Callable[[], Any], wait: Callable[[], None], examples: int) -> tuple[float, Samples]:
        """Seconds of the first call, and samples of the later ones, at ``examples`` a call."""
        warm = warmed(work, wait, examples)
        return warm.first_s, sample(work, wait, examples, self.effort, warm.piece_s, warm.second)

    def predictions(self, predict: Callable[[], Any], wait: Callable[[], None], batch: int) -> Row:
        """A timing of predictions of the same examples, at first as fast as they go, then each waited for.

        Its ``latency`` has ``call_s`` in blocks, of each of which there are ``cpu_s`` and ``waited_s`` too.
        """
        first_s, taken = self.timed(predict, wait, batch)
        calls, blocks = [[seconds] for seconds in taken.wall_s], taken
        if taken.examples > batch:  # a sample has several calls, which were not waited for one by one
            calls, blocks = self._single(predict, wait)
        latency = {"call_s": calls, "cpu_s": blocks.cpu_s, "waited_s": blocks.lost_s()}
        return timing("predict", taken, batch, first_s) | {"latency": latency}

    def _single(self, work: Callable[[], Any], wait: Callable[[], None]) -> tuple[list[list[float]], Samples]:
        """Seconds of single calls, in blocks, and these blocks."""
        calls: list[list[float]] = []
        blocks = Samples(1)
        while not self.single.met(sum(map(len, calls)), sum(blocks.wall_s)):
            calls.append(blocks.take(partial(_one_by_one, work, wait, LEAST_SAMPLE_S), wait))
        return calls, blocks


@dataclass(frozen=True)
class Warmed:
    """The first calls.

    Args:
        first_s: seconds of the first.
        second: the second; of long calls it is a sample already.
        piece_s: about how long another will take.
    """

    first_s: float
    second: Samples
    piece_s: float


def warmed(work: Callable[[], Any], wait: Callable[[], None], examples: int) -> Warmed:
    """Call twice, and where that is over at once more often."""
    first, second = Samples(examples), Samples(examples)
    first.take(work, wait)
    second.take(work, wait)
    piece_s = second.wall_s[0]
    if piece_s < WARM_S:
        piece_s = max(min(_one_by_one(work, wait, WARM_S)), 1e-6)
    return Warmed(first.wall_s[0], second, piece_s)


def timing(job: str, taken: Samples, batch: int, first_s: float) -> Row:
    """What is kept of samples: ``job``, ``batch``, ``first_call_s``, and ``Samples.durations``."""
    return {"job": job, "batch": batch, "first_call_s": first_s} | taken.durations()


def at_once() -> None:
    """What to wait for where outputs are there when a call returns."""


def _one_by_one(work: Callable[[], Any], wait: Callable[[], None], least_s: float) -> list[float]:
    """Seconds of each of as many calls as fill the time."""
    marks = [time.perf_counter()]
    while marks[-1] - marks[0] < least_s:
        work()
        wait()
        marks.append(time.perf_counter())
    seconds: list[float] = np.diff(marks).round(9).tolist()
    return seconds
