"""Two nets' outputs on the same examples: how far apart. NumPy alone."""

from __future__ import annotations

import math

import numpy as np

from harness.gates.verify import DISAGREE_BOUND, scaled_gap
from harness.record import Row
from impls.spec import Array, NetLesson


def parity(lesson: NetLesson, found: Array, expected: Array) -> Row:
    """How far one's outputs on the test set are from another's, and how many predictions they share.

    Of the predictions that differ the margins are told, least and greatest: by how much the expected outputs' largest
    is above their second. A net without classes has none.
    """
    bound, relative = lesson.tolerances.onnx, scaled_gap(found, expected)
    if found.shape != expected.shape:
        return {"examples": len(expected), "max_rel": relative, "agree_share": 0.0, "bound": bound, "verdict": "fail"}
    classes = expected.shape[-1] > 1
    if classes:
        same = found.argmax(axis=-1) == expected.argmax(axis=-1)
    else:
        same = np.abs(found - expected) <= bound * np.abs(expected).max()
    agree = float(np.mean(same))
    passed = relative <= bound and 1 - agree <= DISAGREE_BOUND
    row = {
        "examples": len(expected),
        "max_abs": float(np.abs(found - expected).max()),
        "max_rel": relative,
        "median_ulp": median_ulp(found, expected),
        "bit_exact": found.tobytes() == expected.tobytes(),
        "agree_share": agree,
        "disagree": int(np.sum(~same)),
        "bound": bound,
        "verdict": "pass" if passed else "fail",
    }
    if classes and not same.all():
        second, first = np.moveaxis(np.sort(expected[~same], axis=-1)[..., -2:], -1, 0)
        row |= {"least_margin": float(np.min(first - second)), "greatest_margin": float(np.max(first - second))}
    return row


def distance(found: Array, expected: Array, bound: float) -> Row:
    """How far any array is from what it should be, which may have infinities and NaN, in the same places.

    Numbers of fewer bits have a wider bound, eight of their own units; integers and bools must be equal.
    """
    row: Row = {"max_abs": math.inf, "max_rel": math.inf, "bit_exact": False, "verdict": "fail"}
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return row | {"reason": f"{found.dtype}{found.shape} where {expected.dtype}{expected.shape} is expected"}
    exact = found.tobytes() == expected.tobytes()
    bound = max(bound, 8 * float(np.finfo(expected.dtype).eps)) if expected.dtype.kind == "f" else 0.0
    found, expected = found.astype(np.float64), expected.astype(np.float64)
    finite = np.isfinite(expected)
    if np.array_equal(np.where(finite, 0, found), np.where(finite, 0, expected), equal_nan=True):
        absolute, relative = (
            np.abs(found[finite] - expected[finite]).max(initial=0),
            scaled_gap(found[finite], expected[finite]),
        )
        row = {"max_abs": float(absolute), "max_rel": relative, "bit_exact": exact}
        row["verdict"] = "pass" if relative <= bound else "fail"
    same = found.argmax(axis=-1) == expected.argmax(axis=-1) if found.ndim and found.size else np.ones(1, bool)
    return row | {"agree_share": float(np.mean(same)), "bound": bound, "reason": ""}


def median_ulp(found: Array, expected: Array) -> float:
    """The median distance in units in the last place, of the larger of the two numbers in the dtype of the first."""
    larger = np.maximum(np.abs(found), np.abs(expected).astype(found.dtype))
    with np.errstate(all="ignore"):  # what is not finite has no last place
        return float(np.median(np.abs(found.astype(np.float64) - expected) / np.spacing(larger)))
