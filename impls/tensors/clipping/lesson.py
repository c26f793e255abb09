"""Clipping and rounding: numbers kept within bounds, and made whole."""

from impls.operations import Operation, operation_lesson
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Numbers from N(0, 2²) in a square of ``size`` rows, and bounds for each column, the lower one below."""
    rng = data_rng(seed)
    low = rng.normal(-1, 0.5, size)
    return {"x": rng.normal(0, 2, (size, size)), "low": low, "high": low + rng.uniform(0, 3, size)}


LESSON = operation_lesson(
    title="Clipping and rounding",
    inputs=inputs,
    sizes=(64, 1024),
    operations={
        "clip": Operation(
            "each number kept between two bounds (clamp)", ("x",), {"low": -1.0, "high": 1.5}, exact=True
        ),
        "clip_below": Operation("each number raised to a lower bound", ("x",), {"low": 0.0}, exact=True),
        "clip_columns": Operation("each column kept between bounds of its own", ("x", "low", "high"), exact=True),
        "floor": Operation("the next whole number below", ("x",), exact=True),
        "ceil": Operation("the next whole number above", ("x",), exact=True),
        "round_half_even": Operation("the nearest whole number, of two the even one", ("x",), exact=True),
        "truncate": Operation("the whole part, towards zero", ("x",), exact=True),
        "sign": Operation("the sign: -1, 0 or 1 (signum)", ("x",), exact=True),
        "absolute": Operation("the absolute value", ("x",), exact=True),
    },
)
