"""Layers for images in NumPy: convolution, pooling, and what joins or flattens their results.

Images have the shape (batch, rows, columns, channels), as everywhere in the project, but in memory these layers lay
them out with the batch innermost, as planes (channels, rows, columns, batch). All that convolution and pooling do
to a pixel they do to that pixel of every example, so each NumPy operation then runs over a long stretch of
neighbours in memory, where (batch, rows, columns, channels) would offer it ten channels at a time.
"""

from __future__ import annotations

from itertools import accumulate, pairwise, product

import numpy as np

from impls.learners.numpy_layers import Module, planes
from impls.learners.numpy_onnx import Symbol
from impls.spec import Array


def framed(layer: Module, name: str, images: Array, border: int) -> Array:
    """Images laid out as planes, with a border of zeros: a buffer of the layer, or the same array if it is so already.

    The buffer was zero at first, and only its inside is ever written.
    """
    if not border and planes(images).flags.c_contiguous:
        return images
    batch, rows, columns, channels = images.shape
    frame = layer.buffer(name, (batch, rows + 2 * border, columns + 2 * border, channels), images.dtype)
    np.copyto(inside(frame, border), images)
    return frame


def inside(frame: Array, border: int) -> Array:
    """Images without their border: a view."""
    _, rows, columns, _ = frame.shape
    return frame[:, border : rows - border, border : columns - border]


class Conv2D(Module):
    """Convolution of a square kernel with images that get a border of ``padding`` zeros, wherever it fits in whole.

    Each output pixel is the product of the kernel with a window of the input. With the windows written out as the
    columns of one matrix, (size·size·in) high and as wide as there are output pixels in the batch, output, kernel
    gradient and input gradient are one matrix product each. But an input pixel stands in size·size windows, and with
    many channels that matrix outgrows the processor's cache. So the kernel is cut into bands, one for each of its
    rows. The matrix then holds the windows of one band only, at each of its positions from the top of the image to
    the bottom; those of the next band are the same columns from one image row on, a view. Output and input gradient
    are sums over the bands. Where channels are few, a band is too thin for the BLAS, and the whole kernel is one.
    """

    trained = ("kernel", "bias")
    windows: list[Array]

    def __init__(self, inputs: int, outputs: int, size: int, padding: int = 0) -> None:
        super().__init__()
        self.kernel, self.kernel_gradient = np.zeros((2, size, size, inputs, outputs))
        self.bias, self.bias_gradient = np.zeros((2, outputs))
        self.padding = padding
        self.bands = size if size * inputs >= 64 else 1

    def forward(self, x: Array) -> Array:
        size, _, _, outputs = self.kernel.shape
        image = planes(framed(self, "x", x, self.padding))
        _, rows, columns, batch = image.shape
        rows, columns, height = rows - size + 1, columns - size + 1, size // self.bands
        matrix = self._matrix(image, height, columns)
        step = columns * batch  # from an image row to the next
        self.windows = [matrix[:, i * step : (i + rows) * step] for i in range(self.bands)]
        y = self.buffer("y", (batch, rows, columns, outputs), x.dtype)
        y_rows = planes(y).reshape(outputs, -1)
        part = self.buffer("part", y_rows.shape, x.dtype)
        for i, (kernel, windows) in enumerate(zip(self._by_bands(self.kernel), self.windows, strict=True)):
            np.matmul(kernel.T, windows, out=part if i else y_rows)
            np.add(y_rows, part if i else self.bias[:, np.newaxis], out=y_rows)
        return y

    def parameter_gradients(self, dy: Array) -> None:
        """The part of ``backward`` that the first layer of a net needs: nothing asks for its input's gradient."""
        dy_rows = planes(framed(self, "dy", dy, 0)).reshape(len(self.bias), -1)
        for windows, gradient in zip(self.windows, self._by_bands(self.kernel_gradient), strict=True):
            np.matmul(windows, dy_rows.T, out=gradient)
        np.sum(dy_rows, axis=1, out=self.bias_gradient)

    def backward(self, dy: Array) -> Array:
        dy = framed(self, "dy", dy, 0)
        self.parameter_gradients(dy)
        size, _, channels, outputs = self.kernel.shape
        batch, rows, columns, _ = dy.shape
        dx = self.buffer("dx", (batch, rows + size - 1, columns + size - 1, channels), dy.dtype)
        if size == 1:
            np.matmul(self.kernel[0, 0], planes(dy).reshape(outputs, -1), out=planes(dx).reshape(channels, -1))
            return inside(dx, self.padding)
        height = size // self.bands
        dwindows = self.buffer("dwindows", (height, size, channels, rows, columns, batch), dy.dtype)
        dx.fill(0)
        for band, kernel in enumerate(self._by_bands(self.kernel)):
            np.matmul(kernel, planes(dy).reshape(outputs, -1), out=dwindows.reshape(len(kernel), -1))
            for i, j in product(range(height), range(size)):  # a pixel's gradient: the sum over its windows
                planes(dx)[:, band + i : band + i + rows, j : j + columns] += dwindows[i, j]
        return inside(dx, self.padding)

    def to_onnx(self, x: Symbol) -> Symbol:
        kernel, bias = x.parameter(self.kernel, 3, 2, 0, 1), x.parameter(self.bias)
        pads = [self.padding] * 4
        return x.lay(channels_first=True).node("Conv", kernel, bias, channels_first=True, pads=pads)

    def _by_bands(self, kernel: Array) -> Array:
        return kernel.reshape(self.bands, -1, len(self.bias))

    def _matrix(self, image: Array, height: int, columns: int) -> Array:
        """A column for each position of a band of so many rows, (height·size·in) high; of a pixel, the image itself."""
        size, _, channels, _ = self.kernel.shape
        if size == 1:
            return image.reshape(channels, -1)
        rows, batch = image.shape[1] - height + 1, image.shape[3]
        matrix = self.buffer("windows", (height, size, channels, rows, columns, batch), image.dtype)
        for i, j in product(range(height), range(size)):
            matrix[i, j] = image[:, i : i + rows, j : j + columns]
        return matrix.reshape(height * size * channels, -1)


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


class AveragePool2D(Module):
    """The mean of each window of size·size pixels, one at every position, of images with a border of ``padding`` zeros.

    The zeros count. The sum over a window is the sum over its columns of the sums over its rows. A pixel's gradient
    is the mean of dy over the windows it stands in: the same operation with the border that undoes this one's.
    """

    def __init__(self, size: int, padding: int = 0) -> None:
        super().__init__()
        if not 0 <= padding < size:
            raise ValueError(f"a border of {padding} leaves windows of {size} that have no pixel of the image")
        self.size, self.padding = size, padding

    def forward(self, x: Array) -> Array:
        return self._mean("y", framed(self, "x", x, self.padding))

    def backward(self, dy: Array) -> Array:
        return self._mean("dx", framed(self, "dy", dy, self.size - 1 - self.padding))

    def to_onnx(self, x: Symbol) -> Symbol:
        settings = {"kernel_shape": [self.size] * 2, "pads": [self.padding] * 4, "count_include_pad": 1}
        return x.lay(channels_first=True).node("AveragePool", channels_first=True, **settings)

    def _mean(self, name: str, x: Array) -> Array:
        batch, rows, columns, channels = x.shape
        rows, columns = rows - self.size + 1, columns - self.size + 1
        sums = self.buffer(f"{name}_columns", (batch, rows, x.shape[2], channels), x.dtype)
        y = self.buffer(name, (batch, rows, columns, channels), x.dtype)
        np.copyto(sums, x[:, :rows])
        for i in range(1, self.size):
            np.add(sums, x[:, i : i + rows], out=sums)
        np.copyto(y, sums[:, :, :columns])
        for j in range(1, self.size):
            np.add(y, sums[:, :, j : j + columns], out=y)
        return np.divide(y, self.size**2, out=y)


class Concatenate(Module):
    """Images of the same size side by side in their channels, which in memory are one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: list[slice] = []

    def forward(self, *parts: Array) -> Array:
        *square, _ = parts[0].shape
        ends = list(accumulate((part.shape[3] for part in parts), initial=0))
        self.channels = [slice(*pair) for pair in pairwise(ends)]
        y = self.buffer("y", (*square, ends[-1]), parts[0].dtype)
        for part, channels in zip(parts, self.channels, strict=True):
            np.copyto(y[..., channels], part)
        return y

    def backward(self, dy: Array) -> list[Array]:
        """The gradient of each part, a view."""
        return [dy[..., channels] for channels in self.channels]

    def to_onnx(self, *parts: Symbol) -> Symbol:
        first, *others = [part.lay(channels_first=True) for part in parts]
        return first.node("Concat", *[other.name for other in others], channels_first=True, axis=1)


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
        return framed(self, "dx", dy.reshape(self.shape), 0)

    def to_onnx(self, x: Symbol) -> Symbol:
        return x.lay(channels_first=False).node("Flatten", axis=1)
