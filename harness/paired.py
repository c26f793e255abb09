"""Whether two accuracies are the same: statistics of paired trainings, by statsmodels.

An accuracy is a share of the test set; differences are of one implementation's less its reference's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import DescrStatsW

from impls.spec import Array

MARGIN = 0.0025  # a quarter of a point: 25 of 10,000 test examples
SIDE = 0.05  # the error of each of the two one-sided tests, over all looks at the seeds
LOOKS = 2
LEVEL = SIDE / LOOKS  # of one look (Bonferroni)
POWER = 0.9  # of the first look
REPLICATES = 2000
AT_ONCE = 100  # replicates whose weights of all examples are held at a time


@dataclass(frozen=True)
class Interval:
    """From ``low`` to ``high``."""

    low: float
    high: float


def pairs_needed(differences: Sequence[float], most: int) -> int:
    """How many pairs show equivalence at the first look, if there is no difference, with the power that is wanted.

    Args:
        differences: of a pilot, whose deviation is taken for the true one.
        most: nothing above this is looked at.

    Returns:
        From 2 to ``most``, or ``most + 1`` if that does not do.
    """
    deviation = float(np.std(differences, ddof=1))
    if deviation == 0:
        return 2
    # Either test may fail: of what the power leaves, each has half.
    each, effect = 1 - (1 - POWER) / 2, MARGIN / deviation
    power = TTestPower().power
    return next((n for n in range(2, most + 1) if power(effect, n, LEVEL, alternative="larger") >= each), most + 1)


def equivalence(differences: Sequence[float]) -> tuple[Interval, float]:
    """Two one-sided t-tests of paired differences against the margin (Schuirmann 1987).

    Returns:
        The interval of 95 % that must lie within the margin, and the larger p-value, less than ``LEVEL`` where it does.
    """
    mean = float(np.mean(differences))
    if len(set(differences)) == 1:  # no deviation to divide by
        return Interval(mean, mean), 0.0 if abs(mean) < MARGIN else 1.0
    described = DescrStatsW(np.asarray(differences))
    low, high = described.tconfint_mean(alpha=2 * LEVEL)
    p, _, _ = described.ttost_mean(-MARGIN, MARGIN)
    return Interval(float(low), float(high)), float(p)


def bootstrap(right: Array, reference: Array, seed: int = 0) -> Interval:
    """The 95 % percentile interval of the mean difference, seeds and test examples both drawn with replacement.

    Args:
        right: whether each prediction is right, (seeds, examples), bool.
        reference: likewise.
        seed: of the draws.
    """
    differences = right.astype(np.float32) - reference.astype(np.float32)
    seeds, examples = differences.shape
    rng = np.random.Generator(np.random.PCG64(seed))
    means = []
    for _ in range(REPLICATES // AT_ONCE):
        times = rng.multinomial(examples, np.full(examples, 1 / examples), AT_ONCE).astype(np.float32)
        runs = rng.multinomial(seeds, np.full(seeds, 1 / seeds), AT_ONCE)
        means.append(np.einsum("rs,rs->r", times @ differences.T, runs) / (seeds * examples))
    low, high = np.quantile(np.concatenate(means), [LEVEL, 1 - LEVEL])
    return Interval(float(low), float(high))


def exact_mcnemar(right: Array, reference: Array) -> tuple[int, int, float]:
    """Whether two nets err equally often on the same examples (McNemar 1947, by the binomial distribution).

    Args:
        right: whether each prediction of one net is right, (examples,), bool.
        reference: likewise, of the other.

    Returns:
        How often the one alone is right, how often the other alone, and the p-value.
    """
    table = [[int(np.sum((right == a) & (reference == b))) for b in (True, False)] for a in (True, False)]
    return table[0][1], table[1][0], float(mcnemar(table, exact=True).pvalue)


def within(interval: Interval) -> bool:
    """Whether an interval lies within the margin."""
    return interval.low > -MARGIN and interval.high < MARGIN and math.isfinite(interval.low + interval.high)
