"""Two nets' outputs on the same examples: how far apart. NumPy alone."""

from __future__ import annotations

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


def median_ulp(found: Array, expected: Array) -> float:
    """The median distance in units in the last place, of the larger of the two numbers in the dtype of the first."""
    larger = np.maximum(np.abs(found), np.abs(expected).astype(found.dtype))
    with np.errstate(all="ignore"):  # what is not finite has no last place
        return float(np.median(np.abs(found.astype(np.float64) - expected) / np.spacing(larger)))
