"""Grid search: the error of every slope on a grid, and the best of them (Sung Kim, PyTorch Zero to All, lecture 2)."""

from dataclasses import replace

import numpy as np

from impls.spec import CONVEX, Array, FunctionLesson, Line, Panel, Weights

X, Y = (1.0, 2.0, 3.0), (2.0, 4.0, 6.0)
TENTHS = 41  # w = 0.0, 0.1 … 4.0


def inputs(seed: int) -> Weights:
    """Nothing is drawn: these points and this grid are the lesson's."""
    del seed
    return {"x": np.array(X), "y": np.array(Y), "w": np.arange(TENTHS) / 10}


def parabola(arrays: Weights) -> Array:
    """The error at w where y = 2x: mean(x²)·(w - 2)², which is 56/3 at w = 0."""
    error: Array = np.mean(arrays["x"] ** 2) * (arrays["w"] - 2) ** 2
    return error


LESSON = FunctionLesson(
    title="Grid search",
    inputs=inputs,
    functions={"errors": ("x", "y", "w"), "best": ("x", "y", "w")},
    examples=2 * TENTHS * len(X),
    answers={"errors": parabola, "best": lambda _: np.array(2.0)},
    target=1e-5,
    picture=(
        Panel(
            "Error of ŷ = w·x on the points (1, 2), (2, 4), (3, 6)",
            "slope w",
            "mean squared error",
            (Line("errors", ("each w of the grid",), against="w", points=True),),
        ),
    ),
    tolerances=replace(CONVEX, trajectory_loss_float32=1e-6),  # a few roundings, none of which is carried on
)
