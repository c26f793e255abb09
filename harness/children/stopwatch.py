"""How fast calls go, one after the other and each by itself: of a learner's prediction as of a runtime's."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from harness.children.timing import EFFORT, LEAST_SAMPLE_S, Effort, Samples, sample
from harness.children.timing import effort as usual_effort
from harness.record import Row

SHARE = 4  # of the usual budget each timing has one such part: there are some twenty of a cell
LATENCY_CALLS = Effort(most=1000, fewest=3, budget_s=0)


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
        """One with a share of the profile's budget for each timing; so many samples, if it is told."""
        budget_s = EFFORT[profile].budget_s / SHARE
        whole = usual_effort(profile, samples)
        return cls(whole if samples else replace(whole, budget_s=budget_s), replace(LATENCY_CALLS, budget_s=budget_s))

    def timed(self, work: Callable[[], Any], wait: Callable[[], None], examples: int) -> tuple[float, Samples]:
        """Seconds of the first call, and samples of the later ones, at ``examples`` a call."""
        first_s, piece_s = self.warmed(work, wait)
        return first_s, sample(work, wait, examples, self.effort, piece_s)

    def warmed(self, work: Callable[[], Any], wait: Callable[[], None]) -> tuple[float, float]:
        """Seconds of the first call, and of the fastest of some later ones."""
        first = Samples(1)
        first.take(work, wait)
        return first.wall_s[0], max(min(_one_by_one(work, wait)), 1e-6)

    def predictions(self, predict: Callable[[], Any], wait: Callable[[], None], batch: int) -> Row:
        """A timing of predictions of the same examples, at first as fast as they go, then each waited for."""
        first_s, taken = self.timed(predict, wait, batch)
        return timing("predict", taken, batch, first_s) | {"latency": self._latency(predict, wait)}

    def _latency(self, work: Callable[[], Any], wait: Callable[[], None]) -> Row:
        """Seconds of single calls: ``call_s``, in blocks, of each of which there are ``cpu_s`` and ``waited_s`` too."""
        calls: list[list[float]] = []
        blocks = Samples(1)
        while not self.single.met(sum(map(len, calls)), sum(blocks.wall_s)):
            calls.append(blocks.take(partial(_one_by_one, work, wait), wait))
        return {"call_s": calls, "cpu_s": blocks.cpu_s, "waited_s": blocks.lost_s()}


def timing(job: str, taken: Samples, batch: int, first_s: float) -> Row:
    """What is kept of samples: ``job``, ``batch``, ``first_call_s``, and ``Samples.durations``."""
    return {"job": job, "batch": batch, "first_call_s": first_s} | taken.durations()


def at_once() -> None:
    """What to wait for where outputs are there when a call returns."""


def _one_by_one(work: Callable[[], Any], wait: Callable[[], None]) -> list[float]:
    """Seconds of each of as many calls as fill a sample."""
    marks = [time.perf_counter()]
    while marks[-1] - marks[0] < LEAST_SAMPLE_S:
        work()
        wait()
        marks.append(time.perf_counter())
    seconds: list[float] = np.diff(marks).round(9).tolist()
    return seconds
