"""Gradient descent (Cauchy 1847) on all points at once, the derivative by hand (PyTorch Zero to All, lecture 2)."""

import numpy as np

from impls.spec import CONVEX, Array, FunctionLesson, Line, Panel, Weights

X, Y = (1.0, 2.0, 3.0), (2.0, 4.0, 6.0)
START, RATE, EPOCHS, UNSEEN = 1.0, 0.01, 100, 4.0


def inputs(seed: int) -> Weights:
    """Nothing is drawn: points, start and rates are the lesson's. There is one rate for each epoch."""
    del seed
    points = {"x": np.array(X), "y": np.array(Y)}
    return points | {"w": np.array(START), "rates": np.full(EPOCHS, RATE), "unseen": np.array(UNSEEN)}


def weights(arrays: Weights) -> Array:
    """Where y = 2x, an epoch multiplies the distance w - 2 by 1 - 2·rate·mean(x²)."""
    factors = 1 - 2 * arrays["rates"] * np.mean(arrays["x"] ** 2)
    return 2 + (arrays["w"] - 2) * np.append(1, np.cumprod(factors))


TRAINING = ("x", "y", "w", "rates")

LESSON = FunctionLesson(
    title="Gradient descent",
    inputs=inputs,
    functions={
        "slope": ("x", "y", "w"),
        "weights": TRAINING,
        "losses": TRAINING,
        "prediction": (*TRAINING, "unseen"),
    },
    examples=len(X) * (1 + 3 * EPOCHS),
    answers={
        "slope": lambda a: 2 * np.mean(a["x"] ** 2) * (a["w"] - 2),
        "weights": weights,
        "losses": lambda a: np.mean(a["x"] ** 2) * (weights(a) - 2) ** 2,
        "prediction": lambda a: weights(a)[-1] * a["unseen"],  # 7.9998: on its way to 8
    },
    target=1e-5,
    picture=(
        Panel("The weight nears 2", "epoch", "w", (Line("weights", ("w",)),)),
        Panel(
            "The loss falls by the same factor each epoch",
            "epoch",
            "mean squared error",
            (Line("losses", ("loss",)),),
            logarithmic=True,
        ),
    ),
    tolerances=CONVEX,
)
