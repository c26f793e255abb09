"""Layers for NumPy: forward pass, backward pass and ONNX form of each.

A net is a Module whose attributes are layers (or further modules), with one ``forward`` and one ``backward``. Three
rules hold for every module:

- ``backward(dy)`` takes the gradient of the loss by the module's last output and returns the one by its input, and
  so belongs to the ``forward`` just before it. What a layer has to remember in between stands in its attributes.
- Arrays that a layer returns are its own, and its next pass writes over them. Copy what must last longer.
- A parameter ``kernel`` has its gradient beside it, in ``kernel_gradient``; each backward pass writes it anew.

Images have the shape (batch, rows, columns, channels), as everywhere in the project, but in memory the layers lay
them out with the batch innermost, as planes (channels, rows, columns, batch). All that convolution and pooling do
to a pixel they do to that pixel of every example, so each NumPy operation then runs over a long stretch of
neighbours in memory, where (batch, rows, columns, channels) would offer it ten channels at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

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
        for name, part in vars(self).items():
            if isinstance(part, Module):
                yield from part.parameters(f"{path}{name}.")

    def buffer(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array:
        """An array for results, still holding its old contents: the same one until another shape is asked for.

        Fresh memory for every batch would cost more than much of the arithmetic that fills it. Four axes mean
        images, laid out in memory as planes.
        """
        kept = self._buffers.get(name)
        if kept is None or kept.shape != shape or kept.dtype != dtype:
            if len(shape) == 4:
                batch, *square, channels = shape
                kept = planes(np.empty((channels, *square, batch), dtype))
            else:
                kept = np.empty(shape, dtype)
            self._buffers[name] = kept
        return kept


def planes(images: Array) -> Array:
    """Images (batch, rows, columns, channels) seen as planes (channels, rows, columns, batch), and back: a view."""
    return images.swapaxes(0, 3)


# --- ONNX ------------------------------------------------------------------------------------------------------


@dataclass
class Graph:
    """The ONNX graph of a net, as plain data: what its forward pass has written so far."""

    parameters: Mapping[str, Array]
    nodes: list[tuple[str, list[str], str, dict[str, Any]]] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Symbol:
    """Stands for an array in a forward pass that computes nothing and writes a graph.

    ONNX has images with the channels first; ``channels_first`` says how this one lies at present.
    """

    graph: Graph
    name: str
    channels_first: bool = False

    def node(self, operator: str, *inputs: str, channels_first: bool = False, **attributes: Any) -> Symbol:
        """The result of an operator on this array and further inputs, given by their names in the graph."""
        output = f"{operator.lower()}_{len(self.graph.nodes)}"
        self.graph.nodes.append((operator, [self.name, *inputs], output, attributes))
        return Symbol(self.graph, output, channels_first)

    def parameter(self, array: Array, *axes: int) -> str:
        """The name in the graph of a layer's parameter, its axes permuted if any are given."""
        name = next(name for name, value in self.graph.parameters.items() if value is array)
        self.graph.constants[name] = array.transpose(axes) if axes else array
        return name

    def lay(self, channels_first: bool) -> Symbol:
        """The same images with their channels first, or last."""
        if self.channels_first == channels_first:
            return self
        axes = [0, 3, 1, 2] if channels_first else [0, 2, 3, 1]
        return self.node("Transpose", channels_first=channels_first, perm=axes)


# --- layers ----------------------------------------------------------------------------------------------------


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
        np.matmul(self.x.T, dy, out=self.kernel_gradient)
        if "bias" in self.trained:
            np.sum(dy, axis=0, out=self.bias_gradient)

    def backward(self, dy: Array) -> Array:
        self.parameter_gradients(dy)
        dx = self.buffer("dx", self.x.shape, dy.dtype)
        return np.matmul(dy, self.kernel.T, out=dx)

    def to_onnx(self, x: Symbol) -> Symbol:
        return x.node("Gemm", *(x.parameter(getattr(self, name)) for name in self.trained))


class Conv2D(Module):
    """Convolution of a square kernel with images, only where it fits in whole ("valid"), at every position.

    Each output pixel is the product of the kernel with a window of the input. The windows are written out as the
    columns of one matrix, (size·size·in) high and as wide as there are output pixels in the batch, so that output,
    kernel gradient and input gradient are one matrix product each. Its price is memory: an input pixel stands in
    size·size windows. The products are narrow (10 or 20 output channels), which keeps the BLAS below its best.
    """

    trained = ("kernel", "bias")
    shape: tuple[int, ...]
    columns: Array

    def __init__(self, inputs: int, outputs: int, size: int) -> None:
        super().__init__()
        self.kernel, self.kernel_gradient = np.zeros((2, size, size, inputs, outputs))
        self.bias, self.bias_gradient = np.zeros((2, outputs))

    def forward(self, x: Array) -> Array:
        size, _, _, outputs = self.kernel.shape
        batch, rows, columns, channels = self.shape = x.shape
        rows, columns = rows - size + 1, columns - size + 1
        image = self.buffer("x", x.shape, x.dtype)
        np.copyto(image, x)  # into planes, if it came otherwise
        windows = self.buffer("windows", (size, size, channels, rows, columns, batch), x.dtype)
        for i, j in product(range(size), repeat=2):
            windows[i, j] = planes(image)[:, i : i + rows, j : j + columns]
        self.columns = windows.reshape(size * size * channels, -1)
        y = self.buffer("y", (batch, rows, columns, outputs), x.dtype)
        y_rows = planes(y).reshape(outputs, -1)
        np.matmul(self.kernel.reshape(-1, outputs).T, self.columns, out=y_rows)
        np.add(y_rows, self.bias[:, np.newaxis], out=y_rows)
        return y

    def parameter_gradients(self, dy: Array) -> None:
        """The part of ``backward`` that the first layer of a net needs: nothing asks for its input's gradient."""
        outputs = len(self.bias)
        dy_rows = planes(dy).reshape(outputs, -1)
        np.matmul(self.columns, dy_rows.T, out=self.kernel_gradient.reshape(-1, outputs))
        np.sum(dy_rows, axis=1, out=self.bias_gradient)

    def backward(self, dy: Array) -> Array:
        self.parameter_gradients(dy)
        size, _, channels, outputs = self.kernel.shape
        batch, rows, columns, _ = dy.shape
        dcolumns = self.buffer("dcolumns", self.columns.shape, dy.dtype)
        np.matmul(self.kernel.reshape(-1, outputs), planes(dy).reshape(outputs, -1), out=dcolumns)
        dwindows = dcolumns.reshape(size, size, channels, rows, columns, batch)
        dx = self.buffer("dx", self.shape, dy.dtype)
        dx.fill(0)
        for i, j in product(range(size), repeat=2):  # a pixel's gradient is the sum over the windows it stands in
            planes(dx)[:, i : i + rows, j : j + columns] += dwindows[i, j]
        return dx

    def to_onnx(self, x: Symbol) -> Symbol:
        kernel, bias = x.parameter(self.kernel, 3, 2, 0, 1), x.parameter(self.bias)
        return x.lay(channels_first=True).node("Conv", kernel, bias, channels_first=True)


class MaxPool2D(Module):
    """The largest value of each square of size·size pixels; rows and columns that fill no square are left out.

    The largest of a square is the largest of its rows' largest values, so the columns are pooled first and then
    the rows. Where a square has several largest values, the first in reading order alone gets the gradient.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.columns, self.rows = _MaxPool1D(2, size), _MaxPool1D(1, size)

    def forward(self, x: Array) -> Array:
        y: Array = self.rows.forward(self.columns.forward(x))
        return y

    def backward(self, dy: Array) -> Array:
        dx: Array = self.columns.backward(self.rows.backward(dy))
        return dx

    def to_onnx(self, x: Symbol) -> Symbol:
        square = [self.size, self.size]
        return x.lay(channels_first=True).node("MaxPool", channels_first=True, kernel_shape=square, strides=square)


class _MaxPool1D(Module):
    """The largest of each ``size`` neighbours along one axis. Memory traffic is all its time."""

    def __init__(self, axis: int, size: int) -> None:
        super().__init__()
        if size < 2:
            raise ValueError(f"a max-pool takes the largest of two values or more, not of {size}")
        self.axis, self.size = axis, size
        self.shape: tuple[int, ...] = ()
        self.larger: list[Array] = []

    def forward(self, x: Array) -> Array:
        self.shape = x.shape
        pooled = list(x.shape)
        pooled[self.axis] //= self.size
        y = self.buffer("y", tuple(pooled), x.dtype)
        largest, *others = self._neighbours(x)
        self.larger = [self.buffer(f"larger{k}", y.shape, bool) for k in range(1, self.size)]
        for other, larger in zip(others, self.larger, strict=True):
            np.greater(other, largest, out=larger)  # an equal one that comes later is not larger
            largest = np.maximum(largest, other, out=y)
        return y

    def backward(self, dy: Array) -> Array:
        dx = self.buffer("dx", self.shape, dy.dtype)
        dx[self._along(self.shape[self.axis] // self.size * self.size, None)] = 0
        first, *others = self._neighbours(dx)
        for other, larger in zip(reversed(others), reversed(self.larger), strict=True):
            np.multiply(dy, larger, out=other)
            dy = np.subtract(dy, other, out=first)  # goes to one that comes before
        return dx

    def _neighbours(self, x: Array) -> list[Array]:
        """The first of each group, the second of each, and so on."""
        end = x.shape[self.axis] // self.size * self.size
        return [x[self._along(k, end, self.size)] for k in range(self.size)]

    def _along(self, *bounds: int | None) -> tuple[slice, ...]:
        return (*[slice(None)] * self.axis, slice(*bounds))


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
    """1 / (1 + e^-x), computed as ½ + ½·tanh(½x): no exponential overflows, and NumPy's tanh is the fastest of its kind.

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


class Flatten(Module):
    """Images as vectors (batch, rows·columns·channels)."""

    def __init__(self) -> None:
        super().__init__()
        self.shape: tuple[int, ...] = ()

    def forward(self, x: Array) -> Array:
        batch, rows, columns, channels = self.shape = x.shape
        y = self.buffer("y", (batch, rows * columns * channels), x.dtype)
        np.copyto(y.reshape(x.shape), x)
        return y

    def backward(self, dy: Array) -> Array:
        return dy.reshape(self.shape)

    def to_onnx(self, x: Symbol) -> Symbol:
        return x.lay(channels_first=False).node("Flatten", axis=1)
