"""Stochastic gradient descent (Robbins and Monro 1951): one point at a time, in order, the derivative by hand."""

import numpy as np

from impls.spec import CONVEX, Array, FunctionLesson, Line, Panel, Weights

X, Y = (1.0, 2.0, 3.0), (2.0, 4.0, 6.0)
START, RATE, EPOCHS, UNSEEN = 1.0, 0.01, 100, 4.0


def inputs(seed: int) -> Weights:
    """Nothing is drawn: points, start and rates are the lesson's. There is one rate for each epoch."""
    del seed
    points = {"x": np.array(X), "y": np.array(Y)}
    return points | {"w": np.array(START), "rates": np.full(EPOCHS, RATE), "unseen": np.array(UNSEEN)}


def updates(arrays: Weights) -> Array:
    """Where y = 2x, an update multiplies the distance w - 2 by 1 - 2·rate·x² of its own x."""
    factors = 1 - 2 * arrays["rates"][:, np.newaxis] * arrays["x"] ** 2
    return 2 + (arrays["w"] - 2) * np.append(1, np.cumprod(factors))


TRAINING = ("x", "y", "w", "rates")

LESSON = FunctionLesson(
    title="Stochastic gradient descent",
    inputs=inputs,
    functions={
        "slope": ("x", "y", "w"),
        "updates": TRAINING,
        "weights": TRAINING,
        "losses": TRAINING,
        "prediction": (*TRAINING, "unseen"),
    },
    examples=len(X) * (1 + 4 * EPOCHS),
    answers={
        "slope": lambda a: 2 * a["x"] ** 2 * (a["w"] - 2),
        "updates": updates,
        "weights": lambda a: updates(a)[:: len(X)],
        "losses": lambda a: np.mean(a["x"] ** 2) * (updates(a)[:: len(X)] - 2) ** 2,
        "prediction": lambda _: np.array(8.0),
    },
    target=1e-5,
    picture=(
        Panel("Three updates an epoch", "update", "w", (Line("updates", ("w",), points=True),)),
        Panel("The weight nears 2", "epoch", "w", (Line("weights", ("w",)),)),
        Panel(
            "The loss after each epoch", "epoch", "mean squared error", (Line("losses", ("loss",)),), logarithmic=True
        ),
    ),
    tolerances=CONVEX,
)
