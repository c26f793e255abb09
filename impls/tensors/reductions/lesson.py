"""Reductions: what becomes of the numbers along an axis: sums, means, extremes, and the same step by step."""

from impls.operations import Operation, operation_lesson, unsigned_zeros
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Numbers from N(1, 1) in half as many columns as rows, and truth values, of which few rows are all alike."""
    rng = data_rng(seed)
    shape = (size, size // 2)
    true = rng.uniform(0, 1, shape) < rng.choice((0.0, 0.5 / size, 0.5, 1 - 0.5 / size, 1.0), (size, 1))
    return {"x": rng.normal(1, 1, shape), "true": true}


ROWS, COLUMNS = {"axis": -1}, {"axis": 0}

LESSON = operation_lesson(
    title="Reductions",
    inputs=inputs,
    sizes=(64, 512),
    operations={
        "sum": Operation("the sum along an axis, which may be kept", ("x",), {"axis": 0, "keepdims": True}),
        "mean": Operation("the mean along an axis (average)", ("x",), ROWS),
        "product": Operation("the product along an axis (prod)", ("x",), COLUMNS),
        "variance": Operation("the mean squared distance from the mean (var, of the population)", ("x",), ROWS),
        "deviation_sample": Operation("the standard deviation of a sample, by n - 1 (std, ddof=1)", ("x",), COLUMNS),
        "maximum": Operation("the largest along an axis (max, amax)", ("x",), ROWS, unsigned_zeros, exact=True),
        "minimum": Operation("the smallest along an axis (min, amin)", ("x",), COLUMNS, unsigned_zeros, exact=True),
        "cumulative_sum": Operation("running sums along an axis (cumsum)", ("x",), COLUMNS),
        "cumulative_product": Operation("running products along an axis (cumprod)", ("x",), ROWS),
        "median": Operation("the middle value along an axis, or the mean of the two", ("x",), ROWS),
        "quantile": Operation("what a share of the values lies below (percentile)", ("x",), {"q": 0.75, "axis": 0}),
        "any": Operation("whether one of those along an axis is true", ("true",), ROWS, exact=True),
        "all": Operation("whether all along an axis are true", ("true",), ROWS, exact=True),
        "logsumexp": Operation("the logarithm of the sum of exponentials, without overflow", ("x",), ROWS),
    },
)
