"""Keras' optimisers where they are not the definition in spec: each class names the rule that it corrects.

A Python float times a tensor takes the tensor's dtype; Keras' own code sends constants through float32, whatever the
variable's dtype.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from impls.spec import SGD, Adam, Optimizer, RMSprop


def new_optimizer(optimizer: Optimizer, *, native: bool) -> keras.Optimizer:
    """The optimiser as its definition has it, or natively: Keras' own, told learning rate and momentum alone."""
    match optimizer:
        case SGD(learning_rate, momentum) if native:
            return keras.optimizers.SGD(learning_rate, momentum=momentum)
        case RMSprop(learning_rate) if native:
            return keras.optimizers.RMSprop(learning_rate)
        case Adam(learning_rate) if native:
            return keras.optimizers.Adam(learning_rate)
        case SGD(learning_rate, momentum):
            return HeavyBallSGD(learning_rate, momentum=momentum)
        case RMSprop(learning_rate, decay, epsilon):
            return EpsilonOutsideRMSprop(learning_rate, rho=decay, epsilon=epsilon)
        case Adam(learning_rate, beta1, beta2, epsilon):
            return EpsilonLastAdam(learning_rate, beta_1=beta1, beta_2=beta2, epsilon=epsilon)


def slot_variables(optimizer: keras.Optimizer) -> dict[str, list[Any]]:
    """What it remembers of the variables, in their order: the moments of first and second order that it has."""
    match optimizer:
        case keras.optimizers.SGD():
            return {"first": optimizer.momentums} if optimizer.momentum else {}
        case keras.optimizers.RMSprop():
            return {"second": optimizer._velocities}
        case keras.optimizers.Adam():
            return {"first": optimizer._momentums, "second": optimizer._velocities}
    raise TypeError(f"{optimizer} is none of this module's")


class HeavyBallSGD(keras.optimizers.SGD):  # type: ignore[misc]
    """Keras' own remembers -rate·gradient where the definition has the gradient."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if self.momentum:
            slot = self.momentums[self._get_variable_index(variable)]
            gradient = self.momentum * slot + gradient
            self.assign(slot, gradient)
        self.assign_sub(variable, learning_rate * gradient)


class EpsilonOutsideRMSprop(keras.optimizers.RMSprop):  # type: ignore[misc]
    """Keras' own adds epsilon inside the root."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        slot = self._velocities[self._get_variable_index(variable)]
        square = self.rho * slot + (1 - self.rho) * keras.ops.square(gradient)
        self.assign(slot, square)
        self.assign_sub(variable, learning_rate * gradient / (keras.ops.sqrt(square) + self.epsilon))


class EpsilonLastAdam(keras.optimizers.Adam):  # type: ignore[misc]
    """Keras' own adds epsilon before the second moment is corrected for its start at 0."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        place = self._get_variable_index(variable)
        first, second = self._momentums[place], self._velocities[place]
        step = keras.ops.cast(self.iterations + 1, variable.dtype)
        m = self.beta_1 * first + (1 - self.beta_1) * gradient
        v = self.beta_2 * second + (1 - self.beta_2) * keras.ops.square(gradient)
        self.assign(first, m)
        self.assign(second, v)
        # A power of a Python float would take Keras' path through float32; exp of a product does not.
        m /= 1 - keras.ops.exp(step * math.log(self.beta_1))
        v /= 1 - keras.ops.exp(step * math.log(self.beta_2))
        self.assign_sub(variable, learning_rate * m / (keras.ops.sqrt(v) + self.epsilon))
