"""Robust losses: squared, absolute and Huber (1964) error, and what each makes of outliers.

The points are linear_regression's, but 50 of the 1000 have an error of deviation 20 added to their y. The squared
error's gradient grows with the residual, so that one such point can outweigh its batch; the other two are bounded by 1.
Where |e| has no derivative, at e = 0, all take 0, which is among the values it could have.
"""

import numpy as np

from impls.made import LinearPoints
from impls.spec import CONVEX, Array, FunctionLesson, Line, Panel, Weights, batch_order

TRUTH, NOISE = (2.0, -3.4, 4.2), 0.01
EXAMPLES, OUTLIERS, OUTLIER_DEVIATION = 1000, 50, 20.0
BATCH, EPOCHS, RATE, DELTA = 10, 3, 0.03, 1.0
LABELS = ("squared", "absolute", "Huber")


def inputs(seed: int) -> Weights:
    """The points; the start of w from N(0, 0.01) and b = 0, in one array; batches; y′ from -5 to 5, 0 among them."""
    data = LinearPoints(TRUTH[:2], TRUTH[2], NOISE, EXAMPLES, 0).load(None, seed, "float64")
    rng = np.random.Generator(np.random.PCG64([seed, 3]))  # of no other use
    y = data.y_train[:, 0].copy()
    y[rng.choice(EXAMPLES, OUTLIERS, replace=False)] += OUTLIER_DEVIATION * rng.standard_normal(OUTLIERS)
    training = {"x": data.x_train, "y": y, "start": np.append(rng.normal(0, 0.01, 2), 0), "truth": np.array(TRUTH)}
    numbers = {"rate": np.array(RATE), "delta": np.array(DELTA), "predictions": np.arange(-50, 51) / 10}
    return training | numbers | {"order": batch_order(EXAMPLES, BATCH, EPOCHS, seed)}


def curves(arrays: Weights) -> Array:
    """Huber's loss is the squared error with whatever exceeds delta charged at delta's own rate."""
    e, delta = np.abs(arrays["predictions"]), arrays["delta"]
    within = np.minimum(e, delta)
    return np.stack([e * e / 2, e, within**2 / 2 + delta * (e - within)], axis=1)


def slopes(arrays: Weights) -> Array:
    """The error, its sign, and the error bounded by delta on either side."""
    e, delta = arrays["predictions"], arrays["delta"]
    return np.stack([e, np.sign(e), np.clip(e, -delta, delta)], axis=1)


FIT = ("x", "y", "start", "rate", "order", "delta")

LESSON = FunctionLesson(
    title="Robust losses",
    inputs=inputs,
    functions=dict.fromkeys(("curves", "slopes"), ("predictions", "delta"))
    | dict.fromkeys(("squared_fit", "absolute_fit", "huber_fit"), FIT)
    | {"distances": (*FIT, "truth")},
    examples=6 * EPOCHS * EXAMPLES,
    answers={"curves": curves, "slopes": slopes},
    target=1e-5,
    picture=(
        Panel("Loss where y = 0", "y′", "loss", (Line("curves", LABELS, against="predictions"),)),
        Panel("Its derivative", "y′", "derivative", (Line("slopes", LABELS, against="predictions", points=True),)),
        Panel("Training with each", "update", "largest error in w, b", (Line("distances", LABELS),), logarithmic=True),
    ),
    tolerances=CONVEX,
)
