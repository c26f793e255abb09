"""Freezing: of a net of two layers the hidden one stays as it is while the head learns, then both learn.

Over a frozen layer the net is a linear regression on fixed features: its loss ends at their least squares. Only when
the features learn too does it get below. What is frozen has not moved at all, not even by a rounding.
"""

import numpy as np

from impls.spec import Array, FunctionLesson, Line, Panel, Weights, batch_order, data_rng

EXAMPLES, INPUTS, HIDDEN, NOISE = 200, 3, 6, 0.05
BATCH, RATE, FROZEN, THAWED = 20, 0.1, 26, 24


def inputs(seed: int) -> Weights:
    """Examples of y = sin of a sum; weights from N(0, 1 / inputs), in float32's digits; batches of both phases."""
    rng = data_rng(seed)
    x, direction = rng.standard_normal((EXAMPLES, INPUTS)), rng.standard_normal((INPUTS, 1))
    y = np.sin(2 * x @ (direction / np.linalg.norm(direction))) + NOISE * rng.standard_normal((EXAMPLES, 1))
    first = {"w1": rng.normal(0, INPUTS**-0.5, (INPUTS, HIDDEN)), "b1": rng.normal(0, 0.1, HIDDEN)}
    second = {"w2": rng.normal(0, HIDDEN**-0.5, (HIDDEN, 1)), "b2": rng.normal(0, 0.1, 1)}
    start = {name: array.astype(np.float32).astype(np.float64) for name, array in (first | second).items()}
    order = batch_order(EXAMPLES, BATCH, FROZEN + THAWED, seed)
    phases = {"rate": np.array(RATE), "frozen": order[:FROZEN], "thawed": order[FROZEN:]}
    return {"x": x, "y": y} | start | phases


def kept(arrays: Weights) -> Array:
    """The hidden layer as it was at the start."""
    return arrays["w1"]


LESSON = FunctionLesson(
    title="Freezing and unfreezing a layer",
    inputs=inputs,
    functions=dict.fromkeys(
        ("losses", "changes", "kept", "learnt"), ("x", "y", "w1", "b1", "w2", "b2", "rate", "frozen", "thawed")
    ),
    examples=4 * (FROZEN + THAWED) * EXAMPLES,
    answers={"kept": kept},
    target=0.0,  # to the last bit, in float32 as well
    picture=(
        Panel("The head learns, then all", "epoch", "squared error", (Line("losses", ("mean of all examples",)),)),
        Panel("How far each layer has moved", "epoch", "largest change", (Line("changes", ("hidden", "head")),)),
    ),
)
