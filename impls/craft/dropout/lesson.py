"""Dropout (Srivastava et al. 2014): in training a hidden number is dropped with probability p, in evaluation none is.

What is kept is divided by 1 - p (inverted dropout). So the mean of what the next layer is given is the same in
training and in evaluation, where nothing is to be done: there the framework's own dropout hands on what it is given.
All masks are drawn here: frameworks do not share a generator. Without dropout the small net learns its few noisy
examples by heart. ``mean_distances`` are those of a linear layer's mean over ever more masks from its evaluation.
"""

import numpy as np

from impls.spec import Array, FunctionLesson, Line, Panel, Weights, data_rng

TRAIN, TEST, INPUTS, HIDDEN = 24, 200, 6, 48
NOISE, P, RATE, STEPS, PASSES = 0.4, 0.4, 0.1, 200, 1000
LABELS = ("training, without", "test, without", "training, dropout", "test, dropout")


def inputs(seed: int) -> Weights:
    """Examples of y = sin of a sum, with noise in training; weights; masks, true where a number is kept."""
    rng = data_rng(seed)
    x, x_test, v = (rng.standard_normal(shape) for shape in ((TRAIN, INPUTS), (TEST, INPUTS), (INPUTS, 1)))
    y, y_test = (np.sin(part @ (v / np.sqrt(INPUTS))) for part in (x, x_test))
    data = {"x": x, "y": y + NOISE * rng.standard_normal(y.shape), "x_test": x_test, "y_test": y_test, "v": v}
    kernels = {"w1": rng.normal(0, INPUTS**-0.5, (INPUTS, HIDDEN)), "w2": rng.normal(0, HIDDEN**-0.5, (HIDDEN, 1))}
    masks = {"masks": rng.random((STEPS, TRAIN, HIDDEN)) >= P, "many": rng.random((PASSES, TRAIN, INPUTS)) >= P}
    biases = {"b1": rng.normal(0, 0.1, HIDDEN), "b2": rng.normal(0, 0.1, 1)}
    return data | kernels | biases | masks | {"mask": masks["masks"][0], "p": np.array(P), "rate": np.array(RATE)}


def evaluation(arrays: Weights) -> Array:
    """The net as if it had no dropout, one hidden unit after the other."""
    units = zip(arrays["w1"].T, arrays["b1"], arrays["w2"], strict=True)
    return arrays["b2"] + sum(np.tanh(arrays["x"] @ w + b)[:, np.newaxis] * v for w, b, v in units)


NET = ("w1", "b1", "w2", "b2")

LESSON = FunctionLesson(
    title="Dropout",
    inputs=inputs,
    functions={
        "training_pass": ("x", *NET, "p", "mask"),
        "evaluation_pass": ("x", *NET),
        "training_gradients": ("x", "y", *NET, "p", "mask"),
        "evaluation_gradients": ("x", "y", *NET),
        "losses": ("x", "y", "x_test", "y_test", *NET, "p", "rate", "masks"),
        "mean_distances": ("x", "v", "p", "many"),
    },
    examples=TRAIN * (4 + 2 * STEPS + PASSES),
    answers={"evaluation_pass": evaluation},
    target=1e-5,
    picture=(
        Panel("Without dropout and with it", "step", "squared error", (Line("losses", LABELS),)),
        Panel(
            "A linear layer: the mean of masked passes",
            "masks",
            "largest distance from evaluation",
            (Line("mean_distances", ("mean of all so far",)),),
            logarithmic=True,
        ),
    ),
)
