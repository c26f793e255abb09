"""The optimisers in NumPy: the changes of all parameters at once, in memory that is there already."""

from __future__ import annotations

import numpy as np

from impls.spec import SGD, Adam, Array, Optimizer, RMSprop


def change_of(optimizer: Optimizer, step: int, gradient: Array, slots: Array, spare: Array) -> Array:
    """What is to be subtracted from the parameters; SGD's gradient has the rate in it already.

    Args:
        optimizer: with its constants.
        step: which update it is, from 1.
        gradient: of all parameters, (n,).
        slots: the moments of first and second order, (2, n), which are changed.
        spare: (n,), to be written over.
    """
    first: Array = slots[0]
    second: Array = slots[1]
    change = spare
    match optimizer:
        case SGD(_, momentum):
            if not momentum:
                return gradient
            first *= momentum
            first += gradient
            return first
        case RMSprop(learning_rate, decay, epsilon):
            second *= decay
            np.square(gradient, out=change)
            change *= 1 - decay
            second += change
            np.sqrt(second, out=change)
            change += epsilon
            np.divide(gradient, change, out=change)
            change *= learning_rate
        case Adam(learning_rate, beta1, beta2, epsilon):
            np.square(gradient, out=change)
            change *= 1 - beta2
            second *= beta2
            second += change
            np.multiply(gradient, 1 - beta1, out=change)
            first *= beta1
            first += change
            np.multiply(second, 1 / (1 - beta2**step), out=change)
            np.sqrt(change, out=change)
            change += epsilon
            np.divide(first, change, out=change)
            change *= learning_rate / (1 - beta1**step)
    return change
