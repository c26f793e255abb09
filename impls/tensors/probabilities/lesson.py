"""Probabilities: what turns scores into them, what compares them, and the functions that nets bend their numbers by."""

from impls.operations import Operation, operation_lesson, unsigned_zeros
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Scores from N(0, 5²) for half as many classes as rows, labels and targets; rows of p and q are distributions."""
    rng = data_rng(seed)
    classes = size // 2
    return {
        "x": rng.normal(0, 5, (size, classes)),
        "labels": rng.integers(0, classes, size),
        "targets": rng.integers(0, 2, (size, classes)).astype(float),
        "p": rng.dirichlet([5.0] * classes, size),
        "q": rng.dirichlet([5.0] * classes, size),
    }


X = ("x",)

LESSON = operation_lesson(
    title="Probabilities",
    inputs=inputs,
    sizes=(64, 512),
    operations={
        "softmax": Operation("exponentials, divided by their sum along an axis", X, {"axis": 0}),
        "log_softmax": Operation("the logarithm of the softmax, without overflow", X, {"axis": -1}),
        "sigmoid": Operation("1 / (1 + exp(-x)), the logistic function (expit)", X),
        "log_sigmoid": Operation("the logarithm of the sigmoid, without overflow", X),
        "softplus": Operation("log(1 + exp(x)), without overflow", X),
        "relu": Operation("the number itself, or 0 where it is negative (ReLU)", X, {}, unsigned_zeros, exact=True),
        "gelu": Operation("x times the normal distribution at x, exact or by tanh", X, {"approximate": False}),
        "one_hot": Operation("a 1 at the label's place among zeros", ("labels",), {"classes": 256}, exact=True),
        "top_k": Operation("the k largest of each row and their indices, of equals the first", X, {"k": 5}, exact=True),
        "cross_entropy": Operation("-log softmax at the label, from logits (mean)", ("x", "labels")),
        "binary_cross_entropy": Operation("-log sigmoid at the target, from logits (mean)", ("x", "targets")),
        "kl_divergence": Operation("Σ p log(p / q) of each row (Kullback-Leibler, relative entropy)", ("p", "q")),
        "entropy": Operation("-Σ p log p of each row, in nats", ("p",)),
    },
)
