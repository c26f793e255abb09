"""Samples of several processes taken together: their figures, and how far chance may have moved them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from harness.children.process import is_sound
from harness.record import Clock, Row
from impls.spec import Array

REPLICATES = 1000
LEAST_VALUES = 6  # all of fewer lie on one side of the median more often than a 95 % interval allows


@dataclass(frozen=True)
class Pool:
    """What each process took for the same work.

    Args:
        timings: of each process, at least one: ``examples`` of a sample; ``wall_s``, ``cpu_s`` and ``waited_s`` of all.
    """

    timings: Sequence[Row]

    @property
    def samples(self) -> int:
        """How many there are."""
        return sum(len(timing["wall_s"]) for timing in self.timings)

    @property
    def dropped(self) -> float:
        """The share of them that are not sound (see ``process.is_sound``)."""
        return 1 - sum(int(sound.sum()) for sound in map(_sound, self.timings)) / self.samples

    def rates(self, clock: Clock) -> list[Array]:
        """Examples per second of the sound samples of each process that has some; of all, if none has."""
        sides = [timing["examples"] / np.array(timing[f"{clock}_s"]) for timing in self.timings]
        sound = [side[mask] for side, mask in zip(sides, map(_sound, self.timings), strict=True) if mask.any()]
        return sound or sides

    def per_s(self, clock: Clock) -> float:
        """Median examples per second."""
        return float(np.median(np.concatenate(self.rates(clock))))

    def variation(self) -> float | None:
        """Coefficient of variation of the seconds for an example: deviation over mean; None of a single sample."""
        seconds = 1 / np.concatenate(self.rates("wall"))
        return float(np.std(seconds, ddof=1) / np.mean(seconds)) if len(seconds) > 1 else None


def _sound(timing: Row) -> Array:
    return np.array([is_sound(*run) for run in zip(timing["cpu_s"], timing["waited_s"], strict=True)], dtype=bool)


def call_seconds(latencies: Sequence[Row]) -> Array:
    """Seconds of the single calls in sound blocks of all processes, (calls,); of all blocks, if none is sound.

    Args:
        latencies: of each process, with ``call_s`` (a list for each block), ``cpu_s`` and ``waited_s``.
    """
    blocks = [(each["call_s"], _sound(each)) for each in latencies]
    sound = [calls for call_s, mask in blocks for calls, kept in zip(call_s, mask, strict=True) if kept]
    return np.concatenate(sound or [calls for call_s, _ in blocks for calls in call_s])


def median_interval(processes: Sequence[Array], seed: int = 0) -> tuple[float, float] | tuple[None, None]:
    """The 95 % percentile interval of the median of all values, if they are six or more; ``processes`` as below."""
    if sum(map(len, processes)) < LEAST_VALUES:
        return None, None
    low, high = np.quantile(drawn(processes, partial(np.nanmedian, axis=1), seed), [0.025, 0.975])
    return float(low), float(high)


def drawn(processes: Sequence[Array], statistic: Callable[[Array], Array], seed: int) -> Array:
    """A statistic of values drawn again: processes with replacement, and then the values of each, (replicates,).

    The values of one process share its luck; those of a single process are drawn alone (Davison and Hinkley 1997,
    section 3.8, strategy 2).

    Args:
        processes: of each its values, (n,), at least one; n may differ.
        statistic: of each row of an array, (replicates, values), but for what is NaN.
        seed: of what is drawn.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    sizes = np.array([len(values) for values in processes])
    begins = np.cumsum(sizes) - sizes
    drawn = rng.integers(len(sizes), size=(REPLICATES, len(sizes), 1))
    places = (rng.random((REPLICATES, len(sizes), sizes.max())) * sizes[drawn]).astype(int)
    values = np.concatenate(processes)[begins[drawn] + places]
    values[np.broadcast_to(np.arange(sizes.max()) >= sizes[drawn], values.shape)] = np.nan  # of a smaller process
    return statistic(values.reshape(REPLICATES, -1))
