"""Recurrence through time for NumPy: a cell that a net calls in a loop of its own, and a layer for whole sequences.

Sequences have the shape (batch, steps, features), as everywhere in the project, but in memory these layers lay them
out with the steps outermost: what a step reads and writes is then one stretch of neighbours, and the steps of all
examples together are the rows of one matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from impls.learners.numpy_layers import Dense, Module
from impls.learners.numpy_onnx import Symbol
from impls.spec import Array


def steps_first(sequences: Array) -> Array:
    """Sequences (batch, steps, features) seen as (steps, batch, features), and back: a view."""
    return sequences.swapaxes(0, 1)


def rows(steps: Array) -> Array:
    """All steps of all examples as the rows of one matrix: a view, where ``steps`` lie in memory as they stand."""
    return steps.reshape(-1, steps.shape[-1])


class RNNCell(Module):
    """One step of a recurrent net: the state h becomes tanh(x·kernel + h·recurrent_kernel + bias).

    A net takes ``initial_state`` of its sequences, calls the cell once for each of their steps, and ``backward`` once
    for each, the last step first; the last of these calls finds the parameters' gradients, for all steps in one
    product each. Of x, ``backward`` gives no gradient: nothing asks for it.
    """

    trained = ("kernel", "recurrent_kernel", "bias")

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.kernel, self.kernel_gradient = np.zeros((2, inputs, hidden))
        self.recurrent_kernel, self.recurrent_kernel_gradient = np.zeros((2, hidden, hidden))
        self.bias, self.bias_gradient = np.zeros((2, hidden))
        self.x = self.h = self.z = self.dh = np.empty((0, 0, 0))
        self.steps: list[tuple[Array, Array, Array, Array]] = []
        self.step = 0

    def initial_state(self, sequences: Any) -> Any:
        """The state before the first step, all zeros, for sequences (batch, steps, inputs), or for their symbol."""
        hidden = len(self.bias)
        if isinstance(sequences, Symbol):  # one row, which is added to any number of rows
            return sequences.constant(f"zeros_{hidden}", np.zeros((1, hidden), self.bias.dtype))
        batch, steps, inputs = sequences.shape
        if self.x.shape != (steps, batch, inputs) or self.x.dtype != sequences.dtype:
            self.x = np.empty((steps, batch, inputs), sequences.dtype)
            self.h = np.zeros((steps + 1, batch, hidden), sequences.dtype)  # the state before each step, and the last
            self.z = np.empty((steps, batch, hidden), sequences.dtype)  # what tanh is applied to, then its gradient
            self.dh = np.empty((batch, hidden), sequences.dtype)
            h = list(self.h)
            self.steps = list(zip(self.x, h[:-1], h[1:], self.z, strict=True))
        self.step = 0
        return self.steps[0][1]

    def forward(self, x: Array, h: Array) -> Array:
        kept_x, kept_h, y, z = self.steps[self.step]
        self.step += 1
        np.copyto(kept_x, x)
        if h is not kept_h:
            np.copyto(kept_h, h)
        np.matmul(kept_x, self.kernel, out=z)
        np.matmul(kept_h, self.recurrent_kernel, out=y)
        np.add(y, z, out=y)
        np.add(y, self.bias, out=y)
        return np.tanh(y, out=y)

    def backward(self, dy: Array) -> Array:
        self.step -= 1
        _, _, y, dz = self.steps[self.step]
        np.square(y, out=dz)
        np.subtract(1, dz, out=dz)  # the derivative of tanh
        np.multiply(dz, dy, out=dz)
        if not self.step:
            self.sum_gradients()
        return np.matmul(dz, self.recurrent_kernel.T, out=self.dh)

    def sum_gradients(self) -> None:
        """The parameters' gradients, which are sums over all steps of all examples, once z holds its gradient."""
        dz = rows(self.z)
        np.matmul(rows(self.x).T, dz, out=self.kernel_gradient)
        np.matmul(rows(self.h[:-1]).T, dz, out=self.recurrent_kernel_gradient)
        np.add.reduce(dz, axis=0, out=self.bias_gradient)

    def to_onnx(self, x: Symbol, h: Symbol) -> Symbol:
        x = x.node("MatMul", x.parameter(self.kernel)).node("Add", x.parameter(self.bias))
        return x.node("Add", h.node("MatMul", x.parameter(self.recurrent_kernel)).name).node("Tanh")


class RNN(Module):
    """A cell run over whole sequences (batch, steps, inputs), from the state 0; all its states are the output.

    The inputs' products do not wait for the state, so they are one product for all steps; in the loop over time
    remain one product, one sum and one tanh a step, and as many operations backward.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.cell = RNNCell(inputs, hidden)

    def forward(self, x: Array) -> Array:
        cell = self.cell
        cell.initial_state(x)
        np.copyto(cell.x, steps_first(x))
        z = rows(cell.z)
        np.matmul(rows(cell.x), cell.kernel, out=z)
        np.add(z, cell.bias, out=z)
        recurrent_kernel = cell.recurrent_kernel
        for _, h, y, z in cell.steps:
            np.matmul(h, recurrent_kernel, out=y)
            np.add(y, z, out=y)
            np.tanh(y, out=y)
        return steps_first(cell.h[1:])

    def parameter_gradients(self, dy: Array) -> None:
        """The part of ``backward`` that the first layer of a net needs: nothing asks for its input's gradient."""
        cell, dh = self.cell, self.cell.dh
        np.square(cell.h[1:], out=cell.z)
        np.subtract(1, cell.z, out=cell.z)  # the derivative of tanh
        dh.fill(0)  # nothing comes after the last step
        recurrent_kernel = cell.recurrent_kernel.T
        for dy_step, dz in zip(steps_first(dy)[::-1], cell.z[::-1], strict=True):
            np.add(dh, dy_step, out=dh)
            np.multiply(dz, dh, out=dz)
            np.matmul(dz, recurrent_kernel, out=dh)
        cell.sum_gradients()

    def backward(self, dy: Array) -> Array:
        self.parameter_gradients(dy)
        dx = self.buffer("dx", self.cell.x.shape, dy.dtype)
        np.matmul(rows(self.cell.z), self.cell.kernel.T, out=rows(dx))
        return steps_first(dx)

    def to_onnx(self, x: Symbol) -> Symbol:
        """ONNX's own operator: sequences with the steps first, kernels (1, hidden, in), two biases in one row."""
        cell = self.cell
        kernel, recurrent_kernel, bias = (x.parameter(getattr(cell, name)) for name in cell.trained)
        constants = x.graph.constants
        constants[kernel], constants[recurrent_kernel] = cell.kernel.T[np.newaxis], cell.recurrent_kernel.T[np.newaxis]
        constants[bias] = np.concatenate([cell.bias, np.zeros_like(cell.bias)])[np.newaxis]
        y = x.node("Transpose", perm=[1, 0, 2])
        y = y.node("RNN", kernel, recurrent_kernel, bias, hidden_size=len(cell.bias))  # (steps, 1, batch, hidden)
        return y.node("Squeeze", x.constant("axis_1", np.array([1])).name).node("Transpose", perm=[1, 0, 2])


class Layers(Module):
    """Layers one after another; their names are their positions."""

    def __init__(self, *layers: Any) -> None:
        super().__init__()
        self.layers = layers

    def parts(self) -> Iterator[tuple[str, Module]]:
        """The layers."""
        return ((str(place), layer) for place, layer in enumerate(self.layers))

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def parameter_gradients(self, dy: Array) -> None:
        """The part of ``backward`` that a net needs whose first layer is the first of these."""
        first, *later = self.layers
        for layer in reversed(later):
            dy = layer.backward(dy)
        first.parameter_gradients(dy)

    def backward(self, dy: Any) -> Any:
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy


class Stack(Module):
    """Steps (batch, features) as sequences (batch, steps, features)."""

    def forward(self, *steps: Array) -> Array:
        return steps_first(np.stack(steps, out=self.buffer("y", (len(steps), *steps[0].shape), steps[0].dtype)))

    def to_onnx(self, *steps: Symbol) -> Symbol:
        axis = steps[0].constant("axis_1", np.array([1])).name
        first, *others = (step.node("Unsqueeze", axis) for step in steps)
        return first.node("Concat", *(step.name for step in others), axis=1)


class SequenceDense(Dense):
    """The same dense layer at each step of sequences (batch, steps, in)."""

    def forward(self, x: Array) -> Array:
        return self._sequences(super().forward(rows(steps_first(x))), x)

    def backward(self, dy: Array) -> Array:
        return self._sequences(super().backward(rows(steps_first(dy))), dy)

    def _sequences(self, y: Array, like: Array) -> Array:
        batch, steps, _ = like.shape
        return steps_first(y.reshape(steps, batch, -1))

    def to_onnx(self, x: Symbol) -> Symbol:
        return x.node("MatMul", x.parameter(self.kernel)).node("Add", x.parameter(self.bias))
