"""Two nets' outputs on the same examples: how far apart. NumPy alone."""

from __future__ import annotations

import numpy as np

from harness.gates.verify import DISAGREE_BOUND, scaled_gap
from harness.record import Row
from impls.spec import Array, NetLesson


def parity(lesson: NetLesson, found: Array, expected: Array) -> Row:
    """How far one's outputs on the test set are from another's, and how many predictions they share."""
    bound, relative = lesson.tolerances.onnx, scaled_gap(found, expected)
    if found.shape != expected.shape:
        return {"examples": len(expected), "max_rel": relative, "agree_share": 0.0, "bound": bound, "verdict": "fail"}
    if expected.shape[-1] > 1:
        agree = float(np.mean(found.argmax(axis=-1) == expected.argmax(axis=-1)))
    else:
        agree = float(np.mean(np.abs(found - expected) <= bound * np.abs(expected).max()))
    passed = relative <= bound and 1 - agree <= DISAGREE_BOUND
    return {
        "examples": len(expected),
        "max_abs": float(np.abs(found - expected).max()),
        "max_rel": relative,
        "agree_share": agree,
        "bound": bound,
        "verdict": "pass" if passed else "fail",
    }
