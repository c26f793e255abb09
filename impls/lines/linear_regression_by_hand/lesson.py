"""Linear regression from primitives: linear_regression without a layer, a loss or an optimiser of the framework.

Data, start and batches are that lesson's for the same seed, and so are the parameters at the end (Zhang et al., Dive
into Deep Learning, chapter 3). With a learning rate of 10 each update overshoots more than the last: ``diverge``.
"""

import numpy as np

from impls.made import LinearPoints
from impls.spec import CONVEX, Array, FunctionLesson, Line, Panel, Weights, batch_order

WEIGHT, BIAS, NOISE = (2.0, -3.4), 4.2, 0.01
EXAMPLES, BATCH, EPOCHS, RATE = 1000, 10, 3, 0.03
LARGE, LONGER = 10.0, 4  # float32 overflows in the first epoch, float64 in the fourth


def inputs(seed: int) -> Weights:
    """The points; w from N(0, 0.01) and b = 0; two learning rates; the examples of each batch, and of more epochs."""
    data = LinearPoints(WEIGHT, BIAS, NOISE, EXAMPLES, 0).load(None, seed, "float64")
    start = np.random.Generator(np.random.PCG64([seed, 1])).normal(0, 0.01, (2, 1))  # as spec.initial_weights draws
    training = {"rate": np.array(RATE), "order": batch_order(EXAMPLES, BATCH, EPOCHS, seed)}
    divergence = {"large": np.array(LARGE), "longer": batch_order(EXAMPLES, BATCH, LONGER, seed)}
    return {"x": data.x_train, "y": data.y_train, "w": start, "b": np.zeros(1)} | training | divergence


def least_squares(arrays: Weights) -> Array:
    """The w and b of least error on all points, found without descent."""
    design = np.concatenate([arrays["x"], np.ones((EXAMPLES, 1))], axis=1)
    solution: Array = np.linalg.lstsq(design, arrays["y"][:, 0])[0]
    return solution


TRAINING = ("x", "y", "w", "b", "rate", "order")

LESSON = FunctionLesson(
    title="Linear regression from primitives",
    inputs=inputs,
    functions={
        "parameters": TRAINING,
        "losses": TRAINING,
        "diverge": ("x", "y", "w", "b", "large", "longer"),
    },
    examples=(2 * EPOCHS + LONGER) * EXAMPLES,
    answers={"parameters": least_squares},
    target=0.002,  # the last updates still jump about the answer: the noise is 0.01, the batch 10
    picture=(
        Panel("Learning rate 0.03", "epoch", "half mean squared error", (Line("losses", ("loss",)),), logarithmic=True),
        Panel("Learning rate 10", "update", "half mean squared error", (Line("diverge", ("loss",)),), logarithmic=True),
    ),
    tolerances=CONVEX,
)
