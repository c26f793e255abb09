"""Gradient clipping and weight decay: what bounds an update, and two ways to hold the weights small.

The largest y has lost its decimal point and is a hundred times as large. So is its gradient, and each time that its
batch comes round all is thrown far away. Clipping by value bounds each number of a gradient, clipping by norm (Pascanu,
Mikolov and Bengio 2013) all of them together, so that it keeps its direction.

A penalty of ½·penalty·Σw² in the loss adds penalty·w to the gradient, which is what weight decay in the optimiser does:
for SGD the two are one, for Adam they are not (Loshchilov and Hutter 2019). The intercept b is not penalised.
"""

import numpy as np

from impls.made import LinearPoints
from impls.spec import CONVEX, Array, FunctionLesson, Line, Panel, Weights, batch_order

TRUTH, NOISE, EXAMPLES, SLIP = (3.0, 3.6, 4.2), 0.1, 200, 100.0
BATCH, EPOCHS, RATE, LIMIT, PENALTY = 10, 8, 0.05, 2.0, 0.2


def inputs(seed: int) -> Weights:
    """Points near a plane, their y as it should be and with the slip; w and b start from N(0, 0.1²)."""
    data = LinearPoints(TRUTH[:2], TRUTH[2], NOISE, EXAMPLES, 0).load(None, seed, "float64")
    y = data.y_train[:, 0]
    slip = np.where(y == y.max(), SLIP * y, y)
    rng = np.random.Generator(np.random.PCG64([seed, 3]))  # of no other use
    # b has an axis: torch.compile (2.13) forgets what is added in place to a number without one.
    start = {"w": rng.normal(0, 0.1, 2), "b": rng.normal(0, 0.1, 1), "truth": np.array(TRUTH)}
    numbers = {"rate": np.array(RATE), "limit": np.array(LIMIT), "penalty": np.array(PENALTY)}
    order = batch_order(EXAMPLES, BATCH, EPOCHS, seed)
    return {"x": data.x_train, "y": y, "slip": slip} | start | numbers | {"order": order}


def norms(arrays: Weights) -> Array:
    """Twice the error, times the length of (x, 1)."""
    error = arrays["x"] @ arrays["w"] + arrays["b"] - arrays["slip"]
    return np.abs(2 * error) * np.sqrt(1 + (arrays["x"] ** 2).sum(axis=1))


def penalised(arrays: Weights) -> Array:
    """Each update is a matrix and a shift: (w, b) less rate times its gradient, which is linear in it."""
    path, rate = [np.append(arrays["w"], arrays["b"])], arrays["rate"]
    for rows in arrays["order"].reshape(-1, BATCH):
        design = np.column_stack([arrays["x"][rows], np.ones(BATCH)])
        curvature = 2 * design.T @ design / BATCH + np.diag([arrays["penalty"]] * 2 + [0])
        path.append((np.eye(3) - rate * curvature) @ path[-1] + rate * 2 * design.T @ arrays["y"][rows] / BATCH)
    return np.array(path)


CLIPPED = ("plain", "clipped by value", "clipped by norm")
PENALISED = Line("penalised", ("w₁ by penalty", "w₂ by penalty", "b by penalty"))
DECAYED = Line("decayed", ("w₁ by decay", "w₂ by decay", "b by decay"))
CLIPPING = ("x", "slip", "w", "b", "rate", "limit", "order", "truth")
DECAY = ("x", "y", "w", "b", "rate", "penalty", "order")

LESSON = FunctionLesson(
    title="Gradient clipping and weight decay",
    inputs=inputs,
    functions={"norms": ("x", "slip", "w", "b"), "distances": CLIPPING, "penalised": DECAY, "decayed": DECAY},
    examples=EXAMPLES + 5 * EPOCHS * EXAMPLES,
    answers={"norms": norms, "penalised": penalised, "decayed": penalised},
    target=1e-2,  # float32 rounds a norm of ten thousand by 1e-3
    picture=(
        Panel("Each example's own gradient", "example", "norm", (Line("norms", ("at the start",), points=True),), True),
        Panel("Training with one bad example", "update", "largest error in w, b", (Line("distances", CLIPPED),), True),
        Panel("Penalty in the loss, decay in the optimiser", "update", "parameter", (PENALISED, DECAYED)),
    ),
    tolerances=CONVEX,
)
