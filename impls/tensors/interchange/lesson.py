"""Interchange: numbers of another kind, the bits behind them, and the ways to NumPy and back.

Which of these ways copy and which share memory stands at each of them (``shares``).
"""

import numpy as np

from impls.operations import EVERYWHERE, Operation, operation_lesson
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Numbers from N(0, 3²), some of them whole, some 0, in half as many columns as rows."""
    rng = data_rng(seed)
    x = rng.normal(0, 3, (size, size // 2))
    return {"x": np.where(rng.uniform(0, 1, x.shape) < 0.3, np.round(x), x)}


X = ("x",)
WAY = {"uncompiled": EVERYWHERE, "exact": True}

LESSON = operation_lesson(
    title="Interchange",
    inputs=inputs,
    sizes=(64, 1024),
    operations={
        "to_float32": Operation("numbers of single precision (cast, astype)", X, exact=True),
        "to_integer": Operation("whole numbers of 32 bits, cut off towards zero", X, exact=True),
        "to_bool": Operation("whether it is another number than 0", X, exact=True),
        "bits": Operation("the 32 bits of single precision, read as an integer (view, bitcast)", X, exact=True),
        "from_numpy_copied": Operation(
            "a NumPy array as a tensor, copied",
            X,
            shares={"numpy": False, "torch": False, "keras": False, "jax": False},
            **WAY,
        ),
        "from_numpy_shared": Operation(
            "a NumPy array as a tensor, its memory if possible",
            X,
            shares={"numpy": True, "torch": True, "keras": False, "jax": True},  # TensorFlow copies
            **WAY,
        ),
        "to_numpy": Operation(
            "a tensor as a NumPy array, from the device if need be",
            X,
            shares={"numpy": True, "torch": True, "keras": False, "jax": True},
            **WAY,
        ),
        "through_dlpack": Operation(
            "an array handed on as it lies in memory (DLPack)",
            X,
            shares={"numpy": True, "torch": True, "keras": True, "jax": False},  # JAX: of a copy for NumPy
            **WAY,
        ),
    },
)
