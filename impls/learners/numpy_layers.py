"""Layers for NumPy: forward pass, backward pass and ONNX form of each.

A net is a Module whose attributes are layers (or further modules), with one ``forward`` and one ``backward``. Three
rules hold for every module:

- ``backward(dy)`` takes the gradient of the loss by the module's last output and returns the one by its input, and
  so belongs to the ``forward`` just before it. What a layer has to remember in between stands in its attributes.
- Arrays that a layer returns are its own, and its next pass writes over them. Copy what must last longer.
- A parameter ``kernel`` has its gradient beside it, in ``kernel_gradient``; each backward pass writes it anew.

Layers for images are in ``numpy_images``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from impls.learners.numpy_onnx import Symbol
from impls.spec import Array


class Module:
    """A layer, or a net made of layers."""

    trained: tuple[str, ...] = ()
    forward: Callable[..., Any]
    backward: Callable[..., Any]

    def __init__(self) -> None:
        self._buffers: dict[str, Array] = {}

    def __call__(self, *inputs: Any) -> Any:
        return self.to_onnx(*inputs) if isinstance(inputs[0], Symbol) else self.forward(*inputs)

    def to_onnx(self, *inputs: Any) -> Any:
        """Forward pass over symbols, which writes the ONNX graph: a net's own forward; a layer states its nodes."""
        return self.forward(*inputs)

    def parameters(self, path: str = "") -> Iterator[tuple[str, Module, str]]:
        """Name, layer and attribute of each trained array, in the order in which ``__init__`` names the layers."""
        for attribute in self.trained:
            yield path + attribute, self, attribute
        for name, part in self.parts():
            yield from part.parameters(f"{path}{name}.")

    def parts(self) -> Iterator[tuple[str, Module]]:
        """The modules that this one is made of, each with its name."""
        return ((name, part) for name, part in vars(self).items() if isinstance(part, Module))

    def modules(self, path: str = "") -> Iterator[tuple[str, Module]]:
        """The parts, theirs, and so on, each with its path."""
        for name, part in self.parts():
            yield path + name, part
            yield from part.modules(f"{path}{name}.")

    def buffer(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array:
        """An array for results, still holding its old contents: the same one until another shape is asked for.

        It is zero at first. Fresh memory for every batch would cost more than much of the arithmetic that fills it.
        Four axes mean images, laid out in memory as planes (see ``numpy_images``).
        """
        kept = self._buffers.get(name)
        if kept is None or kept.shape != shape or kept.dtype != dtype:
            if len(shape) == 4:
                batch, *square, channels = shape
                kept = planes(np.zeros((channels, *square, batch), dtype))
            else:
                kept = np.zeros(shape, dtype)
            self._buffers[name] = kept
        return kept


def planes(images: Array) -> Array:
    """Images (batch, rows, columns, channels) seen as planes (channels, rows, columns, batch), and back: a view."""
    return images.swapaxes(0, 3)


class Dense(Module):
    """y = x·kernel + bias for x (batch, in). Its time is that of three matrix products, which are the BLAS's."""

    x: Array

    def __init__(self, inputs: int, outputs: int, bias: bool = True) -> None:
        super().__init__()
        self.trained = ("kernel", "bias") if bias else ("kernel",)
        self.kernel, self.kernel_gradient = np.zeros((2, inputs, outputs))
        if bias:
            self.bias, self.bias_gradient = np.zeros((2, outputs))

    def forward(self, x: Array) -> Array:
        self.x = x
        y = self.buffer("y", (len(x), self.kernel.shape[1]), x.dtype)
        np.matmul(x, self.kernel, out=y)
        return np.add(y, self.bias, out=y) if "bias" in self.trained else y

    def parameter_gradients(self, dy: Array) -> None:
        """The part of ``backward`` that the first layer of a net needs: nothing asks for its input's gradient."""
        # Of one example it is an outer product, and matmul would not give that to the BLAS.
        product = np.matmul if len(dy) > 1 else np.multiply
        product(self.x.T, dy, out=self.kernel_gradient)
        if "bias" in self.trained:
            np.sum(dy, axis=0, out=self.bias_gradient)

    def backward(self, dy: Array) -> Array:
        self.parameter_gradients(dy)
        dx = self.buffer("dx", self.x.shape, dy.dtype)
        return np.matmul(dy, self.kernel.T, out=dx)

    def to_onnx(self, x: Symbol) -> Symbol:
        return x.node("Gemm", *(x.parameter(getattr(self, name)) for name in self.trained))


class ReLU(Module):
    """max(x, 0); its derivative at 0 is 0."""

    def __init__(self) -> None:
        super().__init__()
        self.positive = np.empty(0, bool)

    def forward(self, x: Array) -> Array:
        self.positive = self.buffer("positive", x.shape, bool)
        np.greater(x, 0, out=self.positive)
        return np.maximum(x, 0, out=self.buffer("y", x.shape, x.dtype))

    def backward(self, dy: Array) -> Array:
        return np.multiply(dy, self.positive, out=self.buffer("dx", dy.shape, dy.dtype))

    def to_onnx(self, x: Symbol) -> Symbol:
        return x.node("Relu", channels_first=x.channels_first)


class Sigmoid(Module):
    """1 / (1 + e^-x), computed as ½ + ½·tanh(½x): nothing overflows, and NumPy's tanh is faster than its exponential.

    Far below 0 its error is that of a number near ½, not of one near 0.
    """

    y: Array

    def forward(self, x: Array) -> Array:
        self.y = y = self.buffer("y", x.shape, x.dtype)
        np.multiply(x, 0.5, out=y)
        np.tanh(y, out=y)
        np.multiply(y, 0.5, out=y)
        return np.add(y, 0.5, out=y)

    def backward(self, dy: Array) -> Array:
        dx = np.subtract(1, self.y, out=self.buffer("dx", dy.shape, dy.dtype))  # the derivative is y·(1 - y)
        np.multiply(dx, self.y, out=dx)
        return np.multiply(dx, dy, out=dx)

    def to_onnx(self, x: Symbol) -> Symbol:
        return x.node("Sigmoid", channels_first=x.channels_first)


class Tanh(Module):
    """(e^x - e^-x) / (e^x + e^-x)."""

    y: Array

    def forward(self, x: Array) -> Array:
        self.y = np.tanh(x, out=self.buffer("y", x.shape, x.dtype))
        return self.y

    def backward(self, dy: Array) -> Array:
        dx = np.square(self.y, out=self.buffer("dx", dy.shape, dy.dtype))  # the derivative is 1 - y²
        np.subtract(1, dx, out=dx)
        return np.multiply(dx, dy, out=dx)

    def to_onnx(self, x: Symbol) -> Symbol:
        return x.node("Tanh", channels_first=x.channels_first)


class Identity(Module):
    """What comes in goes out: for a net that leaves out a layer."""

    def forward(self, x: Any) -> Any:
        return x

    def backward(self, dy: Array) -> Array:
        return dy


class Add(Module):
    """The sum of two arrays of one shape, each of which has the sum's gradient."""

    def forward(self, a: Array, b: Array) -> Array:
        return np.add(a, b, out=self.buffer("y", a.shape, a.dtype))

    def backward(self, dy: Array) -> Array:
        return dy

    def to_onnx(self, a: Symbol, b: Symbol) -> Symbol:
        return a.node("Add", b.lay(a.channels_first).name, channels_first=a.channels_first)
