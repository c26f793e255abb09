"""Linear discriminant analysis: the directions in which three kinds of iris lie farthest apart (Fisher 1936).

Of all directions w they are those in which the scatter between the classes' means is largest beside that within the
classes, wᵀBw / wᵀWw: eigenvectors of W⁻¹B, of which one less than there are classes has an eigenvalue that is not 0.
Each is as long as makes the variance within classes 1 along it, so that the nearest mean is the likeliest class. Signs
are free: of each direction the number farthest from 0 is positive.
"""

import numpy as np

from impls.data import read_table
from impls.spec import Array, FunctionLesson, Panel, Points, Weights

FILE, SHA256 = "iris/iris.csv", "3a6fc062ef64e75ac2e711cf140609279c55c7d9e17c794fc15ddc46c77287a0"
CLASSES = ("setosa", "versicolor", "virginica")
RIGHT = 147  # of 150 flowers, as by scikit-learn's


def inputs(seed: int) -> Weights:  # noqa: ARG001 - the data are what they are
    """Length and width of sepals and petals of 150 flowers in cm, 50 of each kind."""
    table = read_table(FILE, SHA256)
    return {"x": table[:, :-1], "y": table[:, -1].astype(np.int64), "classes": np.arange(len(CLASSES))}


def class_means(arrays: Weights) -> Array:
    """Of each class by itself."""
    return np.stack([arrays["x"][arrays["y"] == label].mean(axis=0) for label in arrays["classes"]])


def within_scatter(arrays: Weights) -> Array:
    """What the covariances of the classes add up to."""
    classes = [arrays["x"][arrays["y"] == label] for label in arrays["classes"]]
    return np.sum([(len(rows) - 1) * np.cov(rows.T) for rows in classes], axis=0)


def between_scatter(arrays: Weights) -> Array:
    """What the scatter of all has more than that within the classes."""
    return (len(arrays["x"]) - 1) * np.cov(arrays["x"].T) - within_scatter(arrays)


FUNCTIONS = ("class_means", "within_scatter", "between_scatter", "directions", "projection", "accuracy")

LESSON = FunctionLesson(
    title="Linear discriminant analysis",
    inputs=inputs,
    functions=dict.fromkeys(FUNCTIONS, ("x", "y", "classes")),
    examples=150 * len(FUNCTIONS),
    answers={
        "class_means": class_means,
        "within_scatter": within_scatter,
        "between_scatter": between_scatter,
        "accuracy": lambda arrays: np.array(RIGHT / len(arrays["y"])),
    },
    target=5e-3,
    picture=(
        Panel("Two of the four measurements", "sepal length, cm", "sepal width, cm", Points("x", "y", CLASSES)),
        Panel("Projected", "along the first direction", "along the second", Points("projection", "y", CLASSES)),
    ),
)
