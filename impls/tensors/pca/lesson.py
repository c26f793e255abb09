"""Principal component analysis: a thousand pictures of clothing by the few directions in which they differ most.

The components are the eigenvectors of the covariance, that of the largest eigenvalue first; an eigenvalue is the
variance along its component. A picture is the mean and so much of each component, and a few of them do for what it
shows. Signs are free: of each component the pixel farthest from 0 is positive.

Pixels are averaged in squares of four. What is compared is well conditioned: as many components as have eigenvalues far
enough apart, and pictures rebuilt, which depend on what the components kept span together and not on each.
"""

import numpy as np

from impls.data import FILES, read_sample
from impls.spec import Array, FunctionLesson, Line, Panel, Pictures, Weights

SOURCE, EXAMPLES, SIDE = "fashion-mnist", 1000, 14
LEADING, FEW, SOME, MANY = 12, 5, 20, 50
SHOWN = (0, 1, 2, 7, 8, 9)  # kinds of clothing


def pooled(images: Array) -> Array:
    """Images (n, 28, 28) of bytes as numbers from 0 to 1, (n, 14, 14)."""
    return (images / 255).reshape(-1, SIDE, 2, SIDE, 2).mean(axis=(2, 4))


def inputs(seed: int) -> Weights:  # noqa: ARG001 - the data are what they are
    """The first training images of Fashion-MNIST, and of some kinds the first test image, which has no part in them."""
    test, labels = (read_sample(SOURCE, name) for name in FILES[2:])
    shown = [int(np.argmax(labels == label)) for label in SHOWN]
    kept = {"leading": LEADING, "few": FEW, "some": SOME, "many": MANY}
    return {
        "x": pooled(read_sample(SOURCE, FILES[0])[:EXAMPLES]),
        "pictures": pooled(test[shown]),
        "number": np.arange(1.0, MANY + 1),
        **{name: np.arange(count) for name, count in kept.items()},
    }


def explained(arrays: Weights) -> Array:
    """The singular values of the centred pictures, squared."""
    flat = arrays["x"].reshape(EXAMPLES, -1)
    variances = np.linalg.svdvals(flat - flat.mean(axis=0)) ** 2
    shares = variances[:MANY] / variances.sum()
    return np.stack([shares, shares.cumsum()], axis=1)


LESSON = FunctionLesson(
    title="Principal component analysis",
    inputs=inputs,
    functions={
        "mean": ("x",),
        "components": ("x", "leading"),
        "explained": ("x", "many"),
        "projection": ("x", "leading"),
        "reconstructions": ("x", "pictures", "few", "some", "many"),
    },
    examples=5 * EXAMPLES,
    answers={"explained": explained},
    target=1e-5,
    picture=(
        Panel(
            "Variance explained",
            "components",
            "share of the variance",
            (Line("explained", ("by each", "by all so far"), "number"),),
        ),
        Panel(f"The first {LEADING} components", "", "", Pictures({"components": ("",)}, across=4)),
        Panel(
            f"Test pictures rebuilt of {FEW}, {SOME} and {MANY} components",
            "",
            "",
            Pictures({"pictures": ("original",), "reconstructions": (f"{FEW}", f"{SOME}", f"{MANY}")}),
        ),
    ),
)
