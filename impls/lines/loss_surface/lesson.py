"""The loss as a surface over bias and weight, and the way down it (Godoy, Deep Learning with PyTorch, chapter 0).

The surface is a valley: its curvature, the second derivative, is about 2.57 across and 0.14 along. A step across
overshoots from the rate 1/2.57 on, and from 2/2.57 = 0.78 on it ends farther off than it began: 0.8 diverges. With 0.5
the distance along shrinks by 0.93 a step, with 0.001 hardly at all. Standardised x makes the valley a bowl of curvature
2 all round, where one rate serves both directions: 0.5 arrives in its first step, and 0.8 converges as well.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from impls.spec import CONVEX, Array, FunctionLesson, Line, Panel, Surface, Weights, data_rng

EXAMPLES, TRAIN, EPOCHS = 100, 80, 200
RATES = {"too_small": 0.001, "right": 0.5, "too_large": 0.8, "standardised": 0.8}


def inputs(seed: int) -> Weights:
    """Points near y = 1 + 2x, shuffled and split; the start (b, w); the grid; the rate of each path and epoch."""
    rng = data_rng(seed)
    x = rng.uniform(0, 1, EXAMPLES)
    y = 1 + 2 * x + 0.1 * rng.standard_normal(EXAMPLES)
    train, test = np.split(rng.permutation(EXAMPLES), [TRAIN])
    points = {"x": x[train], "y": y[train], "x_test": x[test], "y_test": y[test], "start": rng.standard_normal(2)}
    rates = np.repeat(np.array(list(RATES.values()))[:, np.newaxis], EPOCHS, axis=1)
    return points | {"b": np.linspace(-3, 3, 101), "w": np.linspace(-3, 3, 101), "rates": rates}


def path(name: str, arrays: Weights) -> Array:
    """Steps from the least-squares solution: each leaves 1 - rate·curvature of the distance along each of two axes."""
    x, rate = arrays["x"], RATES[name]
    design = np.stack([np.ones_like(x), (x - x.mean()) / x.std() if name == "standardised" else x], axis=1)
    solution = np.linalg.lstsq(design, arrays["y"])[0]
    curvatures, axes = np.linalg.eigh(2 * design.T @ design / len(x))
    left = (1 - rate * curvatures) ** np.arange(EPOCHS + 1)[:, np.newaxis]
    return solution + left * ((arrays["start"] - solution) @ axes) @ axes.T


TRAINING, GRID = ("x", "y", "start", "rates"), ("x", "y", "b", "w")
LABELS = {name: f"{name.replace('_', ' ').capitalize()}: rate {rate}" for name, rate in RATES.items()}
PATHS = [Panel(LABELS[name], "bias b", "weight w", Surface("surface", "b", "w", (name,))) for name in RATES]
PATHS[-1] = replace(PATHS[-1], content=Surface("standardised_surface", "b", "w", ("standardised",)))
LOSSES = Line("losses", tuple(LABELS.values()))

LESSON = FunctionLesson(
    title="Loss surface",
    inputs=inputs,
    functions=dict.fromkeys(("surface", "standardised_surface"), GRID)
    | dict.fromkeys((*RATES, "losses"), TRAINING)
    | {"held_out_loss": (*TRAINING, "x_test", "y_test")},
    examples=TRAIN * (2 * 101 * 101 + (2 * len(RATES) + 1) * EPOCHS),
    answers={name: partial(path, name) for name in RATES if name != "too_large"},
    target=1e-5,
    picture=(*PATHS, Panel("Losses", "epoch", "mean squared error", (LOSSES,), logarithmic=True)),
    tolerances=CONVEX,
)
