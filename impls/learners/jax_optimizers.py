"""Optax' optimisers as their definitions have them, and what they remember."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import optax

from impls.spec import SGD, Adam, Array, Optimizer, RMSprop, slot_names

# What Optax calls the moments of first and second order.
MEMORY: dict[type, dict[str, str]] = {
    SGD: {"first": "trace"},
    RMSprop: {"second": "nu"},
    Adam: {"first": "mu", "second": "nu"},
}


def new_optimizer(optimizer: Optimizer, *, native: bool) -> optax.GradientTransformation:
    """The optimiser as its definition has it, or natively: Optax' own, told learning rate and momentum alone."""
    match optimizer:
        case SGD(learning_rate, momentum):
            return optax.sgd(learning_rate, momentum or None)  # None: no memory is kept
        case RMSprop(learning_rate) if native:
            return optax.rmsprop(learning_rate)
        case RMSprop(learning_rate, decay, epsilon):
            return optax.rmsprop(learning_rate, decay, eps=epsilon, eps_in_sqrt=False)
        case Adam(learning_rate) if native:
            return optax.adam(learning_rate)
        case Adam(learning_rate, beta1, beta2, epsilon):
            return optax.adam(learning_rate, beta1, beta2, epsilon)


def slots_of(optimizer: Optimizer, memory: Any) -> dict[str, Any]:
    """The native slots in an optimiser's state, under the names that ``impls.spec`` gives them."""
    kept = {place: optax.tree.get(memory, MEMORY[type(optimizer)][place]) for place in slot_names(optimizer)}
    counted = {"step": optax.tree.get(memory, "count")} if isinstance(optimizer, Adam) else {}
    return {f"{place}/{name}": slot for place, slots in kept.items() for name, slot in slots.items()} | counted


def with_slots(optimizer: Optimizer, memory: Any, slots: Mapping[str, Array]) -> Any:
    """The optimiser's state with these slots; floats take the dtype that it has."""
    filled: dict[str, Any] = {}
    for place in slot_names(optimizer):
        word = MEMORY[type(optimizer)][place]
        blank = optax.tree.get(memory, word)
        filled[word] = {name: jnp.array(slots[f"{place}/{name}"], slot.dtype) for name, slot in blank.items()}
    if "step" in slots:
        filled["count"] = jnp.array(slots["step"], jnp.int32)
    return optax.tree.set(memory, **filled)
