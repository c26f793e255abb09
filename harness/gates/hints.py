"""What a difference looks like: patterns that ports have been seen to leave, each told from the numbers alone.

A hint is a guess, to be read after the place of the difference, which is none. Each function takes what was found and
what was expected, and returns a clause, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from scipy.special import erf, expit, log_softmax, softmax

from harness.gates.hints_images import CLOSE, windows
from harness.parity import scaled_gap
from impls.spec import Array

SINGLE = 1e-5  # relative; what rounding to float32 leaves

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "nothing": lambda v: v,
    "ReLU": lambda v: np.maximum(v, 0),
    "leaky ReLU (slope 0.01, PyTorch's and JAX's default)": lambda v: np.where(v > 0, v, 0.01 * v),
    "leaky ReLU (slope 0.3, the default of Keras' layer)": lambda v: np.where(v > 0, v, 0.3 * v),
    "leaky ReLU (slope 0.2, the default of keras.ops)": lambda v: np.where(v > 0, v, 0.2 * v),
    "ELU": lambda v: np.where(v > 0, v, np.expm1(np.minimum(v, 0))),
    "tanh": np.tanh,
    "sigmoid": expit,
    "SiLU": lambda v: v * expit(v),
    "GELU, exact": lambda v: v * (1 + erf(v / np.sqrt(2))) / 2,
    "GELU by tanh": lambda v: v * (1 + np.tanh(np.sqrt(2 / np.pi) * (v + 0.044715 * v**3))) / 2,
    "softmax": partial(softmax, axis=-1),
    "the logarithm of softmax": partial(log_softmax, axis=-1),
}

OF_TRAJECTORY = (
    "each step that was looked at is right by itself, so look at the epoch: the order of the batches, a batch left "
    "out, or a state that one step leaves to the next (running means, a reused buffer, a count in Python)"
)
OF_LATER = "as it should be in the steps before: a bound that is first reached here, or a state"
OF_COMPILED = (
    "called uncompiled just before, the net gave what it should: it behaves otherwise when compiled, or from one call "
    "to the next"
)


def close(found: Array, expected: Array, relative: float = CLOSE) -> bool:
    """Whether two arrays are the same but for rounding."""
    return scaled_gap(found, expected) <= relative


def ratio(found: Array, expected: Array) -> float | None:
    """The number that the expected is to be multiplied with to give the found; None if there is no such number."""
    length = float(np.vdot(expected, expected))
    if found.shape != expected.shape or not length or not np.isfinite(found).all():
        return None
    factor = float(np.vdot(found, expected)) / length
    return factor if factor and close(found, factor * expected) else None


def activated(found: Array, expected: Array) -> bool:
    """Whether one of two arrays is an activation of the other, which changes it."""
    if found.shape != expected.shape or close(found, expected):
        return False
    sides = ((found, expected), (expected, found))
    return any(close(a, activation(b)) for a, b in sides for activation in ACTIVATIONS.values())


def of_shape(
    name: str, found: list[int] | None, expected: list[int] | None, others: Sequence[str], *, untrained: bool = False
) -> str:
    """Of a parameter's shape; None where one side has no such parameter, or the net has it untrained.

    ``others`` are the names of parameters that the lesson does not know.
    """
    if found is None and untrained:
        return "it is there, but not trained: frozen, or not of the framework's kind for parameters"
    if found is None:
        why = "its layer was made without a bias" if name.endswith("bias") else "its layer is missing, or never called"
        return f"the net has no {name}" + (f", but {', '.join(others)}" if others else f"; {why}")
    if expected is None:
        return f"the lesson has no {name}; a trained parameter too many"
    if found == expected[::-1]:
        return (
            f"{found} is {expected} transposed, in the canonical layout (in, out): exchange the layer's two sizes, or, "
            "where the net makes its array itself, lay it as the framework's own layers do"
        )
    return f"{found}, where the lesson has {expected}"


def of_values(found: Array, expected: Array) -> str:
    """Of a parameter's values, or of any numbers."""
    if found.shape != expected.shape:
        return f"shape {found.shape}, expected {expected.shape}"
    if not np.isfinite(found).all():
        return "not all of them are finite"
    if close(found, expected, SINGLE):
        return "as if it had been rounded to float32 on the way"
    if not found.any():
        return "all of it is zero"
    if (factor := ratio(found, expected)) is not None:
        return f"{factor:.6g} times what it should be"
    return ""


def of_output(bias: Array | None = None) -> Callable[[Array, Array], str]:
    """Of what a layer, perhaps with a bias, makes of equal inputs."""

    def hint(found: Array, expected: Array) -> str:
        if found.shape != expected.shape:
            return f"shape {found.shape}, expected {expected.shape}: padding or stride"
        if bias is not None and bias.any() and close(found + bias, expected):
            return "its bias is not added"
        if said := of_values(found, expected):
            return said
        same = np.isclose(found, expected, rtol=1e-9, atol=1e-12)
        if found.ndim == 4 and same[:, 2:-2, 2:-2].all():
            return "only the borders differ: padding"
        return _dropped(found, expected)

    return hint


def between(before: Array | None) -> Callable[[Array, Array], str]:
    """Of what goes into a layer, from what the last one gave (equal on both sides): the functions in between."""

    def hint(found: Array, expected: Array) -> str:
        if found.size == expected.size and found.shape != expected.shape:
            return f"shape {found.shape}, expected {expected.shape}"
        if said := of_values(found, expected):
            return said
        if said := _dropped(found, expected):
            return said
        if before is not None and (names := _functions(before, found, expected)):
            return f"it looks like {names[0]}, where the reference has {names[1]}"
        return _order(found, expected)

    return hint


def of_loss(found: Array, expected: Array) -> str:
    """Of the loss of equal outputs."""
    factor = ratio(found, expected)
    if factor is None:
        return ""
    for times in (factor, 1 / factor):
        if abs(times - 2) < CLOSE:
            return f"{factor:.6g} times what it should be: the factor ½ of a squared error"
        if times > 2 and abs(times - round(times)) < CLOSE * times:
            return f"{factor:.6g} times what it should be: the reduction, sum where the other has the mean"
    share = f"{factor:.6g} times what it should be: " if abs(factor - 1) > 1e-3 else ""
    return f"{share}smoothing, a penalty, or another loss"


def of_gradient(weight: Array | None) -> Callable[[Array, Array], str]:
    """Of a parameter's gradient, where outputs and loss are equal."""

    def hint(found: Array, expected: Array) -> str:
        if found.shape == expected.shape and not found.any():
            return "it is zero: the parameter is frozen or detached"
        if weight is not None and (added := ratio(found - expected, weight)) is not None:
            return f"weight decay: {added:.3g} times the weight is added to it"
        return of_values(found, expected)

    return hint


def of_slot(found: Array, expected: Array) -> str:
    """Of what the optimiser remembers of equal gradients."""
    if (factor := ratio(found, expected)) is not None:
        return f"{factor:.6g} times what it should be: the optimiser's momentum, dampening or decay"
    return of_values(found, expected) or "something is added to the gradient: weight decay, or clipping"


def of_update(before: Array | None) -> Callable[[Array, Array], str]:
    """Of a new parameter, where gradient and memory are equal; ``before`` is what it was."""

    def hint(found: Array, expected: Array) -> str:
        if before is None:
            return ""
        change, right = found - before, expected - before
        if not change.any():
            return "it does not change: it is not among what the optimiser updates"
        if (factor := ratio(change, right)) is not None:
            return f"its change is {factor:.6g} times what it should be: the learning rate, or a correction"
        decayed = ratio(change - right, before)
        if decayed is not None:
            return f"weight decay: {-decayed:.3g} of the weight goes in each step"
        if close(change, right, SINGLE):
            return "as if the change had been computed in float32"
        if (np.sign(change) == np.sign(right)).all():
            return "each change is too long or too short by its own factor: epsilon, its value or its place"
        return ""

    return hint


def _dropped(found: Array, expected: Array) -> str:
    """Dropout leaves some numbers and makes the others zero, or scales what it leaves."""
    if found.shape != expected.shape:
        return ""
    zero = (found == 0) & (expected != 0)
    if not 0.02 < zero.mean() < 0.98:
        return ""
    left = found[~zero & (expected != 0)] / expected[~zero & (expected != 0)]
    if len(left) and np.ptp(left) < CLOSE * abs(left[0]) < abs(left[0] - 1):  # what is only cut off is no dropout's
        return f"{zero.mean():.0%} of it is zero and the rest {left[0]:.3g} times as large: dropout at work"
    return ""


def _functions(before: Array, found: Array, expected: Array) -> tuple[str, str] | None:
    """The names of the two functions that make of ``before`` what was found, and what was expected."""
    names: dict[str, str] = {}
    for name, value in _candidates(before, expected.shape):
        flat = [value.ravel()] + ([value.transpose(0, 3, 1, 2).ravel()] if value.ndim == 4 else [])
        for side, array in (("found", found), ("expected", expected)):
            if side not in names and any(close(array.ravel(), each) for each in flat):
                names[side] = name
    return (names["found"], names["expected"]) if len(set(names.values())) == 2 else None


def _candidates(before: Array, shape: tuple[int, ...]) -> Iterator[tuple[str, Array]]:
    """Activations of ``before``, before or after its pooling over windows of 2 and 3, as many as ``shape`` holds."""
    for name, activation in ACTIVATIONS.items():
        if before.size == np.prod(shape):
            yield name, activation(before)
    for pool, parts in windows(before):
        if parts[..., 0, 0].size == np.prod(shape):
            for name, activation in ACTIVATIONS.items():
                yield f"max-{pool} and {name}", activation(parts.max(axis=(-1, -2)))
                yield f"average-{pool} and {name}", activation(parts.mean(axis=(-1, -2)))
                yield f"{name} and average-{pool}", activation(parts).mean(axis=(-1, -2))


def _order(found: Array, expected: Array) -> str:
    """The same numbers in another order: of each example, since a batch is never mixed."""
    if found.shape != expected.shape or found.ndim < 2:
        return ""
    a, b = (np.sort(array.reshape(len(array), -1)) for array in (found, expected))
    if not close(a, b):
        return ""
    return f"the same {a.shape[1]} numbers in another order: a flatten of channels first, or axes exchanged"
