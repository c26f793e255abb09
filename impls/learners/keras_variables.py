"""The variables and layers of a Keras net by the names that a lesson gives them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras

CANONICAL = {"gamma": "scale", "beta": "bias"}  # what Keras' normalisations call otherwise than the others


def named_variables(owner: Any, kind: str = "trainable_variables", path: str = "") -> dict[str, Any]:
    """The variables of a layer, or of a container of layers, by their path of attributes and positions.

    Those that Keras lists as this kind, the trained ones or ``non_trainable_variables``. Its own paths are no use here:
    they are made of layer names, which nets leave to Keras to number.
    """
    found: dict[str, Any] = {}
    for name, child in members(owner):
        if not str(name).startswith("_"):
            found |= named_variables(child, kind, f"{path}{name}.")
    if not isinstance(owner, keras.Layer):
        return found
    named = {id(variable) for variable in found.values()}
    own = [variable for variable in getattr(owner, kind) if id(variable) not in named]
    return {f"{path}{CANONICAL.get(variable.name, variable.name)}": variable for variable in own} | found


def named_layers(owner: Any, path: str = "") -> dict[int, str]:
    """The path of every layer in a net, by the layer's ``id``."""
    found: dict[int, str] = {}
    for name, child in members(owner):
        if not str(name).startswith("_"):
            found |= {id(child): f"{path}{name}"} if isinstance(child, keras.Layer) else {}
            found |= named_layers(child, f"{path}{name}.")
    return found


def members(owner: Any) -> Iterable[tuple[Any, Any]]:
    """What an object holds, named as PyTorch names it: by attribute, or by position in a list or a Sequential."""
    match owner:
        case keras.Sequential():
            return enumerate(owner.layers)
        case keras.Layer():
            attributes: dict[str, Any] = vars(owner)
            return [*attributes.items(), *attributes.get("_modules", {}).items()]  # PyTorch keeps layers in the latter
        case dict():
            return owner.items()
        case list() | tuple():
            return enumerate(owner)
    return ()
