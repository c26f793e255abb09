"""Softmax regression from primitives (Zhang et al., Dive into Deep Learning, chapter 4), on 2,000 images of the sample.

Softmax does not change if all logits of an example shift alike. So the largest is subtracted from them first: its
exponential is 1, and nothing overflows, however large the logits. Among ``logits`` some reach a thousand.
"""

import numpy as np

from impls.data import CLASSES, SAMPLES, Images
from impls.spec import CONVEX, Array, FunctionLesson, Line, Panel, Weights, batch_order, data_rng

TRAIN, TEST, BATCH, EPOCHS, RATE, DEVIATION = 2000, 1000, 256, 10, 0.1, 0.01
SCALES = (1.0, 10.0, 400.0)


def inputs(seed: int) -> Weights:
    """The images; w from N(0, 0.01) and b = 0; batches; logits of three scales for the same labels."""
    data = Images("fashion-mnist", flat=True).load(SAMPLES / "fashion-mnist", seed, "float64")
    train = {"x": data.x_train[:TRAIN], "labels": data.y_train[:TRAIN]}
    test = {"x_test": data.x_test[:TEST], "labels_test": data.y_test[:TEST]}
    start = np.random.Generator(np.random.PCG64([seed, 1])).normal(0, DEVIATION, (train["x"].shape[1], CLASSES))
    logits = data_rng(seed).standard_normal((TRAIN, CLASSES)) * np.resize(SCALES, (TRAIN, 1))
    training = {"w": start, "b": np.zeros(CLASSES), "rate": np.array(RATE)}
    return train | test | training | {"order": batch_order(TRAIN, BATCH, EPOCHS, seed), "logits": logits}


def softmax(arrays: Weights) -> Array:
    """A class's probability by its logit's differences from all of the example's: 1 / Σ exp(other - own)."""
    logits = arrays["logits"]
    with np.errstate(over="ignore"):  # 1 / ∞ is the 0 that is meant
        return 1 / np.exp(logits[:, np.newaxis] - logits[:, :, np.newaxis]).sum(axis=2)


def cross_entropy(arrays: Weights) -> Array:
    """log Σ exp(logit) less the label's logit, the sum made two by two."""
    logits, labels = arrays["logits"], arrays["labels"]
    entropy: Array = np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(labels)), labels]
    return entropy


LESSON = FunctionLesson(
    title="Softmax regression from primitives",
    inputs=inputs,
    functions={
        "softmax": ("logits",),
        "cross_entropy": ("logits", "labels"),
        "losses": ("x", "labels", "w", "b", "rate", "order"),
        "accuracy": ("x", "labels", "w", "b", "rate", "order", "x_test", "labels_test"),
    },
    examples=2 * EPOCHS * (TRAIN // BATCH) * BATCH,
    answers={"softmax": softmax, "cross_entropy": cross_entropy},
    target=1e-3,  # float32 rounds logits of a thousand by 6e-5, and a probability by as much of itself
    picture=(
        Panel("Training", "epoch", "cross-entropy", (Line("losses", ("mean of the training images",)),)),
        Panel("Accuracy", "epoch", "share that is right", (Line("accuracy", ("training", "test")),)),
    ),
    tolerances=CONVEX,
)
