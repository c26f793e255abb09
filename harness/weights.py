"""Weights as files that every framework can take up: safetensors, canonical names and layouts, optimiser included.

A tensor is called like its parameter (``hidden.kernel``); what the optimiser remembers of it ``optimizer/first/NAME``
and ``optimizer/second/NAME``, and the number of its updates ``optimizer/step``. The header says what they belong to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from harness.catalogue import UsageError
from harness.record import write_whole
from impls.spec import Array, NetLesson, Weights, check_fit, slot_names

OPTIMIZER = "optimizer/"
LARGEST_BYTES = 2**31
FIELDS = ("lesson", "framework", "profile", "seed", "epochs")


@dataclass(frozen=True)
class Kept:
    """What a file holds.

    Args:
        weights: by parameter.
        slots: of the optimiser, as ``Learner.slots`` gives them.
        about: ``lesson``, ``framework``, ``profile``, ``seed`` and ``epochs`` (that it has been trained for), as text.
    """

    weights: Weights
    slots: Weights
    about: dict[str, str]


def write_weights(
    path: Path, weights: Mapping[str, Array], slots: Mapping[str, Array], about: Mapping[str, str]
) -> None:
    """Write a file, whole or not at all.

    Raises:
        OSError: the folder cannot be written, or is full.
    """
    arrays = {**weights, **{OPTIMIZER + name: slot for name, slot in slots.items()}}
    content = save({name: np.array(array, order="C") for name, array in arrays.items()}, dict(about))
    write_whole(path, lambda file: file.write(content))


def read_weights(path: Path) -> Kept:
    """Read a file; nothing in it is executed.

    Raises:
        UsageError: it is not there, too large, or no such file.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise UsageError(f"{path} has {path.stat().st_size} bytes; at most {LARGEST_BYTES} are read.")
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}; name a file of safetensors.") from error
    except (SafetensorError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is no file of safetensors that can be read: {error}.") from error
    slots = {name.removeprefix(OPTIMIZER): array for name, array in arrays.items() if name.startswith(OPTIMIZER)}
    weights = {name: array for name, array in arrays.items() if not name.startswith(OPTIMIZER)}
    return Kept(weights, slots, about)


def check_kept(path: Path, kept: Kept, lesson: NetLesson) -> None:
    """Refuse what is not the lesson's.

    Raises:
        UsageError: a parameter or slot is missing, surplus, or of another shape, or a number is none.
    """
    shapes = {parameter.name: np.empty(parameter.shape) for parameter in lesson.parameters}
    try:
        check_fit(kept.weights, shapes)
        if kept.slots:
            named = {
                f"{place}/{name}": shape for place in slot_names(lesson.optimizer) for name, shape in shapes.items()
            }
            check_fit({name: slot for name, slot in kept.slots.items() if name != "step"}, named)
    except ValueError as error:
        raise UsageError(f"{path} does not fit: {error}.") from error
    for name, array in kept.weights.items():
        if not np.isfinite(array).all():
            raise UsageError(
                f"{path}: {name} has numbers that are not finite; export weights of a training that went well."
            )
