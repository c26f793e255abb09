"""Random numbers by JAX's own generator: initial weights from a lesson's distributions, and shuffled epochs."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
from jax.nn import initializers

from impls.spec import Array, Constant, Normal, Parameter, Uniform, Weights


def drawn(parameters: Sequence[Parameter], seed: int) -> Weights:
    """A value for each parameter, in its canonical layout."""
    keys, found = jax.random.split(jax.random.key(seed), len(parameters)), {}
    for parameter, key in zip(parameters, keys, strict=True):
        match parameter.initial:
            case Normal(deviation):
                found[parameter.name] = initializers.normal(deviation)(key, parameter.shape)
            case Uniform(bound):
                found[parameter.name] = jax.random.uniform(key, parameter.shape, minval=-bound, maxval=bound)
            case Constant(value):
                found[parameter.name] = initializers.constant(value)(key, parameter.shape)
    return {name: np.array(array) for name, array in found.items()}


def shuffled(examples: int, epochs: int, seed: int) -> Array:
    """The examples' indices (epochs, examples), in a new order for each epoch."""
    keys = jax.random.split(jax.random.key(seed), epochs)
    return np.array(jax.vmap(lambda key: jax.random.permutation(key, examples))(keys))
