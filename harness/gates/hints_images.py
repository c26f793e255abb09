"""What a difference between images looks like: where zeros were put around them, and how they were pooled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from harness.parity import scaled_gap
from impls.spec import Array

CLOSE = 1e-6  # relative; a pattern holds if it explains all but that
EXAMPLES = 4  # are enough to tell a padding
STRIDES = (1, 2, 3)


def without_border(found: Array, expected: Array) -> tuple[Array, Array]:
    """Two batches of images; where one is larger, less zeros around it, if so both have one shape.

    Where they can be cut off in several ways, in that which brings it nearest to the other.
    """
    if not found.ndim == expected.ndim == 4 or found.size == expected.size:
        return found, expected
    small, large = sorted((found, expected), key=np.size)
    (height, width), most = small.shape[1:3], np.subtract(large.shape, small.shape)[1:3]
    every = (large[:, i : i + height, j : j + width] for i, j in product(*(range(n + 1) for n in most)))
    whole = [part for part in every if np.count_nonzero(part) == np.count_nonzero(large)]
    cut = min(whole, key=lambda part: scaled_gap(part, small), default=large)
    return (cut, expected) if large is found else (found, cut)


def windows(images: Array) -> Iterator[tuple[str, Array]]:
    """The windows (examples, height, width, channels, size, size) of images that a pooling looks at, and its name."""
    for size in (2, 3):
        if images.ndim == 4 and min(images.shape[1:3]) >= size:
            every = sliding_window_view(images, (size, size), (1, 2))
            for stride in (1, size):
                yield f"pool {size} of stride {stride}", every[:, ::stride, ::stride]


def of_convolution(x: Array, kernel: Array, bias: Array | None) -> Callable[[Array, Array], str]:
    """Of what a convolution (height, width, in, out), perhaps with a bias, makes of equal images: how it pads."""

    def hint(found: Array, expected: Array) -> str:
        sides = [_padding(x, kernel, bias, y) for y in (found, expected)]
        return f"{sides[0]}, where the reference has {sides[1]}" if all(sides) and sides[0] != sides[1] else ""

    return hint


def _padding(x: Array, kernel: Array, bias: Array | None, y: Array) -> str:
    """What of zeros before and after rows and columns, and which stride, makes y of x; nothing if none does."""
    x, y, size = x[:EXAMPLES], y[:EXAMPLES], kernel.shape[0]
    if x.ndim != 4 or y.ndim != 4 or kernel.shape[1] != size or kernel.shape[2] != x.shape[3]:
        return ""
    both = sorted(product(range(size), repeat=2), key=lambda pads: abs(pads[0] - pads[1]))  # even ones first
    for stride, (before, after) in product(STRIDES, both):
        wide = np.pad(x, ((0, 0), (before, after), (before, after), (0, 0)))
        if tuple((n - size) // stride + 1 for n in wide.shape[1:3]) != y.shape[1:3]:
            continue
        parts = sliding_window_view(wide, (size, size), (1, 2))[:, ::stride, ::stride]
        made = np.tensordot(parts, kernel, axes=((4, 5, 3), (0, 1, 2))) + (0 if bias is None else bias)
        if scaled_gap(made, y) <= CLOSE:
            return f"stride {stride} and a padding of {before} before and {after} after"
    return ""
