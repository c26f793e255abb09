"""How far arrays are apart, and two nets' outputs on the same examples. NumPy alone; gates and children use it."""

from __future__ import annotations

import math

import numpy as np

from harness.record import Row
from impls.spec import Array, NetLesson

DISAGREE_BOUND = 1e-4  # share of test examples whose predicted class an export may change
LEAST_EXAMPLES = 256  # that outputs are compared on
DOUBLE_BOUND = 1e-12  # of the largest number, for what is computed in float64
ROUNDINGS = 8  # units of a dtype, of what is computed in fewer bits than float32


def gap(found: Array, expected: Array, relative: float, absolute: float) -> float:
    """The largest |found - expected| / (|expected| + absolute / relative): at most ``relative`` where it passes."""
    if found.shape != expected.shape:
        return math.inf
    with np.errstate(all="ignore"):
        return _worst(np.abs(found - expected) / (np.abs(expected) + absolute / relative))


def scaled_gap(found: Array, expected: Array) -> float:
    """The largest difference over the largest expected value."""
    if found.shape != expected.shape:
        return math.inf
    with np.errstate(all="ignore"):
        return _worst(np.abs(found - expected) / max(float(np.abs(expected).max(initial=0)), 1e-30))


def _worst(gaps: Array) -> float:
    worst = float(gaps.max(initial=0))
    return math.inf if math.isnan(worst) else worst


def compared(x: Array) -> Array:
    """A lesson's test inputs (n, …), and after them as many others as ``LEAST_EXAMPLES`` lacks, always the same.

    A few examples would say little of a net, and a single one nothing of whether examples of a batch touch each other.
    The others are drawn from the normal distribution with the mean and the deviation of all test inputs (1 where that
    is 0); they have no targets, so they tell of equality alone.
    """
    rng, lacking = np.random.Generator(np.random.PCG64(0)), max(0, LEAST_EXAMPLES - len(x))
    drawn = rng.normal(x.mean(), x.std() or 1.0, (lacking, *x.shape[1:])).astype(x.dtype)
    return np.concatenate([x, drawn])


def parity(lesson: NetLesson, found: Array, expected: Array) -> Row:
    """How far one's outputs on the same examples are from another's, and how many predictions they share.

    Of the predictions that differ the margins are told, least and greatest: by how much the expected outputs' largest
    is above their second, or how far the only one is from 0 where its sign is the class. Others have none.
    """
    bound, relative = lesson.tolerances.onnx, scaled_gap(found, expected)
    row: Row = {"examples": len(expected), "max_rel": relative, "bound": bound, "verdict": "fail"}
    if found.shape != expected.shape:
        return row | {"agree_share": 0.0, "reason": f"outputs of {found.shape} where {expected.shape} is expected"}
    with np.errstate(all="ignore"):  # what is not finite fails
        if lesson.metric == "binary_accuracy":
            same, margins = ((found > 0) == (expected > 0)).ravel(), np.abs(expected).ravel()
        elif expected.shape[-1] > 1:
            same = (found.argmax(axis=-1) == expected.argmax(axis=-1)).ravel()
            margins = np.diff(np.sort(expected, axis=-1)[..., -2:], axis=-1).ravel()
        else:
            same, margins = (np.abs(found - expected) <= bound * np.abs(expected).max()).ravel(), np.empty(0)
        agree = float(np.mean(same))
        row |= {
            "max_abs": _worst(np.abs(found - expected)),
            "median_ulp": median_ulp(found, expected),
            "bit_exact": found.tobytes() == expected.tobytes(),
            "agree_share": agree,
            "disagree": int(np.sum(~same)),
        }
    if relative <= bound and 1 - agree <= DISAGREE_BOUND:
        row["verdict"] = "pass"
    if margins.size and not same.all():
        row |= {"least_margin": float(margins[~same].min()), "greatest_margin": float(margins[~same].max())}
    return row


def distance(found: Array, expected: Array, bound: float) -> Row:
    """How far any array is from what it should be, which may have infinities and NaN, in the same places.

    Args:
        found, expected: of any dtype; integers, bools and words must be equal.
        bound: of float32, on ``scaled_gap``. That of float64 is 1e-12, and that of fewer bits eight of their own units.
    """
    row: Row = {"max_abs": math.inf, "max_rel": math.inf, "bit_exact": False, "verdict": "fail"}
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return row | {"reason": f"{found.dtype}{found.shape} where {expected.dtype}{expected.shape} is expected"}
    row |= {"bit_exact": found.tobytes() == expected.tobytes(), "reason": ""}
    if expected.dtype.kind in "fc":
        unit = float(np.finfo(expected.dtype).eps)
        row["bound"] = DOUBLE_BOUND if unit < DOUBLE_BOUND else max(bound, ROUNDINGS * unit)
        wide = np.result_type(expected.dtype, np.float64)  # complex stays complex
        row |= _apart(found.astype(wide), expected.astype(wide))
    else:
        row["bound"] = 0.0
        row |= _exactly(found, expected)
    row["verdict"] = "pass" if row["max_rel"] <= row["bound"] else "fail"
    same = found.argmax(axis=-1) == expected.argmax(axis=-1) if found.ndim and found.size else np.ones(1, bool)
    return row | {"agree_share": float(np.mean(same))}


def _apart(found: Array, expected: Array) -> Row:
    """The largest difference of what is finite; infinite where the rest is not the same."""
    finite = np.isfinite(expected)
    if not np.array_equal(found[~finite], expected[~finite], equal_nan=True):
        return {}
    return {
        "max_abs": _worst(np.abs(found[finite] - expected[finite])),
        "max_rel": scaled_gap(found[finite], expected[finite]),
    }


def _exactly(found: Array, expected: Array) -> Row:
    """Zero if all are equal, else how far integers and bools are apart; no float64 holds a large integer."""
    if np.array_equal(found, expected):
        return {"max_abs": 0.0, "max_rel": 0.0}
    if expected.dtype.kind not in "iub":
        return {}
    above, below = (choose(found, expected).astype(np.uint64) for choose in (np.maximum, np.minimum))
    most = float((above - below).max())  # the difference modulo 2**64, which it is below
    return {"max_abs": most, "max_rel": most / max(float(np.abs(expected.astype(np.float64)).max()), 1.0)}


def median_ulp(found: Array, expected: Array) -> float:
    """The median distance in units in the last place, of the larger of the two numbers in the dtype of the first."""
    larger = np.maximum(np.abs(found), np.abs(expected).astype(found.dtype))
    with np.errstate(all="ignore"):  # what is not finite has no last place
        return float(np.median(np.abs(found.astype(np.float64) - expected) / np.spacing(larger)))
