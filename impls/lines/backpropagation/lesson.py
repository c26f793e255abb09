"""Backpropagation (Rumelhart, Hinton and Williams 1986): the derivative comes from the graph of the operations.

The rule is stochastic_gradient_descent's, and so is each of its weights. A framework adds each new gradient to those
before it until told to reset them: ``accumulated`` shows what becomes of the weight if nobody does.
"""

import numpy as np

from impls.spec import CONVEX, Array, FunctionLesson, Line, Panel, Weights

X, Y = (1.0, 2.0, 3.0), (2.0, 4.0, 6.0)
START, RATE, EPOCHS = 1.0, 0.01, 100


def inputs(seed: int) -> Weights:
    """Nothing is drawn: points, start and rates are the lesson's. There is one rate for each epoch."""
    del seed
    return {"x": np.array(X), "y": np.array(Y), "w": np.array(START), "rates": np.full(EPOCHS, RATE)}


def updates(arrays: Weights) -> Array:
    """Where y = 2x, an update multiplies the distance w - 2 by 1 - 2·rate·x² of its own x."""
    factors = 1 - 2 * arrays["rates"][:, np.newaxis] * arrays["x"] ** 2
    return 2 + (arrays["w"] - 2) * np.append(1, np.cumprod(factors))


def weights(arrays: Weights) -> Array:
    """The weight that each epoch begins with, and the last."""
    return updates(arrays)[:: len(X)]


def gradients(arrays: Weights) -> Array:
    """2x²·(w - 2) for each update's x and w, in both columns."""
    return np.outer(2 * np.tile(arrays["x"] ** 2, EPOCHS) * (updates(arrays)[:-1] - 2), np.ones(2))


def accumulated(arrays: Weights) -> Array:
    """Each update is a matrix times (w - 2, sum of gradients). Its determinant is 1: the swing about 2 never ends."""
    a, b, c = (np.array([[1 - RATE * s, -RATE], [s, 1]]) for s in 2 * arrays["x"] ** 2)
    powers = np.array([np.linalg.matrix_power(c @ b @ a, epoch) for epoch in range(EPOCHS + 1)])
    return 2 + (arrays["w"] - 2) * powers[:, 0, 0]


RESET, HAND = Line("weights", ("reset for each update",)), Line("by_hand", ("derivative by hand",), points=True)

LESSON = FunctionLesson(
    title="Backpropagation",
    inputs=inputs,
    functions=dict.fromkeys(("weights", "by_hand", "gradients", "accumulated"), ("x", "y", "w", "rates")),
    examples=4 * EPOCHS * len(X),
    answers={"weights": weights, "by_hand": weights, "gradients": gradients, "accumulated": accumulated},
    target=2e-5,
    picture=(
        Panel("Automatic derivative, and by hand", "epoch", "weight w", (RESET, HAND)),
        Panel("Both derivatives", "update", "derivative", (Line("gradients", ("automatic", "by hand"), points=True),)),
        Panel("Never reset", "epoch", "weight w", (RESET, Line("accumulated", ("summed over all updates",)))),
    ),
    tolerances=CONVEX,
)
