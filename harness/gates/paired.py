"""Whether two accuracies are the same: statistics of paired trainings, by statsmodels.

An accuracy is a share of the test set; differences are of one implementation's less its reference's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.power import TTestPower
from statsmodels.stats.robust_compare import TrimmedMean

from impls.spec import Array

MARGIN = 0.0025  # a quarter of a point: 25 of 10,000 test examples
SIDE = 0.05  # the error of each of the two one-sided tests, over all looks at the seeds
LOOKS = 2
LEVEL = SIDE / LOOKS  # of one look (Bonferroni)
POWER = 0.9  # of the first look
TRIMMED = 0.1  # of the pairs, at either end
TRIMMED_ERROR = 1.03  # of a trimmed mean, over that of the mean, where differences are normal
REPLICATES = 2000
AT_ONCE = 100  # replicates whose weights of all examples are held at a time


@dataclass(frozen=True)
class Interval:
    """From ``low`` to ``high``."""

    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """Trimmed mean of paired differences, and what says of it whether it is within the margin.

    Attributes:
        mean: with a tenth left out at either end.
        interval: of 95 %; passes if it lies within the margin.
        p: the larger p-value of the two tests, less than ``LEVEL`` where it does.
    """

    mean: float
    interval: Interval
    p: float


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
    each, effect = 1 - (1 - POWER) / 2, MARGIN / (TRIMMED_ERROR * deviation)
    power = TTestPower().power
    return next((n for n in range(2, most + 1) if power(effect, n, LEVEL, alternative="larger") >= each), most + 1)


def equivalence(differences: Sequence[float]) -> Difference:
    """Two one-sided t-tests (Schuirmann 1987) of the trimmed mean of paired differences (Yuen 1974) against the margin.

    A training fails by chance now and then, in whichever framework: one in fifty of a lesson's loses a digit, eight
    points below the others. With the mean, that one would decide; a tenth at either end is left out for it.
    """
    trimmed = TrimmedMean(differences, TRIMMED)
    mean, error = float(trimmed.mean_trimmed), float(trimmed.std_mean_trimmed)
    if error < 1e-12:  # no deviation but rounding
        return Difference(mean, Interval(mean, mean), 0.0 if abs(mean) < MARGIN else 1.0)
    half = error * float(t.ppf(1 - LEVEL, trimmed.nobs_reduced - 1))
    _, above, _ = trimmed.ttest_mean(-MARGIN, alternative="larger")
    _, below, _ = trimmed.ttest_mean(MARGIN, alternative="smaller")
    return Difference(mean, Interval(mean - half, mean + half), float(max(above, below)))


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
