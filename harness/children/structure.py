"""What a net is, and what it really starts from, before anything is learnt."""

from __future__ import annotations

import hashlib
import math
import re

import numpy as np

from harness.record import Row
from impls.spec import Array, Learner, NetLesson, Weights

FEW = 2  # examples that operations are counted with: a mean over the batch may not like one alone


def parameters(learner: Learner) -> dict[str, list[int]]:
    """The shapes of the parameters that the net really has, by name."""
    return {name: list(array.shape) for name, array in learner.weights().items()}


def structure(learner: Learner, lesson: NetLesson, weights: Weights, order: Array, x: Array) -> Row:
    """What a net is and really starts from; for the figures see ``trace``.

    Args:
        learner: of the net; it ends with these weights.
        lesson: of the net.
        weights: to be loaded.
        order: indices of the first batches, (steps, batch).
        x: some examples, (n, *input shape).
    """
    learner.load(weights)
    initial = {
        name: {"mean": float(w.mean()), "deviation": float(w.std()), "gap": float(np.abs(w - weights[name]).max())}
        for name, w in learner.weights().items()
    }
    placed = learner.get(learner.put(order)).astype(np.int32)
    return {
        "parameters": parameters(learner),
        "initial": initial,
        "order_sha256": hashlib.sha256(placed.tobytes()).hexdigest(),
        "flop_per_example": flop_per_example(lesson, learner.inner(learner.put(x)), len(x)),
    }


def flop_per_example(lesson: NetLesson, inner: Weights, examples: int) -> float | None:
    """The operations of a net's products, a multiplication and an addition counting two.

    Args:
        lesson: whose parameters the net has.
        inner: what passed its sub-modules (see ``Learner.inner``).
        examples: how many it passed for.

    Returns:
        For each kernel two operations for each of its numbers, at each position that its sub-module puts out in all its
        calls. None where a sub-module with a kernel was not called: a net may write its product out.
    """
    total = 0
    for parameter in lesson.parameters:
        if parameter.name.endswith("kernel"):
            if not (positions := _positions(parameter.name.rpartition(".")[0], inner)):
                return None
            total += 2 * math.prod(parameter.shape) * positions
    return total / examples


def _positions(module: str, inner: Weights) -> int:
    """How many vectors come out of a sub-module; 0 if it was not heard."""
    # Not every framework calls the cell of its recurrent layer, and Keras does so once more to learn its shape. What
    # goes into the layer has as many steps; of PyTorch's layers on top of each other the inner ends are not heard.
    layer = module.removesuffix(".cell")
    for end in ("input", "output") if layer != module else ("output",):
        notes = re.compile(rf"{re.escape(layer)}( call \d+)? {end}")
        if heard := [array for note, array in inner.items() if notes.fullmatch(note)]:
            return sum(math.prod(array.shape[:-1]) for array in heard)
    return 0
