"""Random numbers by Keras' own generator: initial weights from a lesson's distributions, and shuffled epochs."""

from __future__ import annotations

from collections.abc import Iterable

import keras
from keras import initializers, ops

from impls.spec import Array, Constant, Normal, Parameter, Uniform, Weights


def drawn(parameters: Iterable[Parameter], seed: int) -> Weights:
    """A value for each parameter, in its canonical layout."""
    generator, found = keras.random.SeedGenerator(seed), {}
    for parameter in parameters:
        match parameter.initial:
            case Normal(deviation):
                initializer = initializers.RandomNormal(stddev=deviation, seed=generator)
            case Uniform(bound):
                initializer = initializers.RandomUniform(-bound, bound, seed=generator)
            case Constant(value):
                initializer = initializers.Constant(value)
        found[parameter.name] = ops.convert_to_numpy(initializer(parameter.shape))
    return found


def shuffled(examples: int, epochs: int, seed: int) -> Array:
    """The examples' indices (epochs, examples), in a new order for each epoch."""
    generator, indices = keras.random.SeedGenerator(seed), ops.arange(examples)
    orders = [keras.random.shuffle(indices, seed=generator) for _ in range(epochs)]
    order: Array = ops.convert_to_numpy(ops.stack(orders))
    return order
