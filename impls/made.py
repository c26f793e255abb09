"""Examples that are drawn from a seed or are small enough to stand here: no files to be found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from impls.spec import Array, Dataset, Dtype, data_rng


@dataclass(frozen=True)
class Points:
    """The given numbers: x (n, 1) and y (n, 1)."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    x_test: tuple[float, ...]
    y_test: tuple[float, ...]

    @property
    def source(self) -> None:
        """None: there are no files."""

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:  # noqa: ARG002 - spec.Data has it
        """The points as columns; neither folder nor seed plays a part."""
        return Dataset(*(np.array(v, dtype).reshape(-1, 1) for v in (self.x, self.y, self.x_test, self.y_test)))


@dataclass(frozen=True)
class NoisyParabola:
    """Made points near y = x²: x evenly from ``start`` to ``stop``, both included, y = x² + noise·N(0, 1), all (n, 1).

    The test set has the same x, and y without noise.
    """

    start: float
    stop: float
    examples: int
    noise: float

    @property
    def source(self) -> None:
        """None: there are no files."""

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:  # noqa: ARG002 - spec.Data has it
        """Draw the noise from the seed's stream, in float64; no folder is needed."""
        x = np.linspace(self.start, self.stop, self.examples)[:, np.newaxis]
        y = np.square(x)
        noisy = y + self.noise * data_rng(seed).standard_normal(y.shape)
        return Dataset(*(array.astype(dtype) for array in (x, noisy, x, y)))


@dataclass(frozen=True)
class LinearPoints:
    """Made points near a plane: x ~ N(0, 1) of shape (n, len(weight)), y = x·weight + bias + noise·N(0, 1), (n, 1)."""

    weight: tuple[float, ...]
    bias: float
    noise: float
    train_examples: int
    test_examples: int

    @property
    def source(self) -> None:
        """None: there are no files."""

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:  # noqa: ARG002 - spec.Data has it
        """Draw the training and then the test points from the seed's one stream, in float64; no folder is needed."""
        rng = data_rng(seed)
        parts = [self._draw(rng, n) for n in (self.train_examples, self.test_examples)]
        return Dataset(*(array.astype(dtype) for part in parts for array in part))

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x = rng.standard_normal((n, len(self.weight)))
        # Not a matrix product: its rounding differs from one BLAS to another, and the data must not.
        plane = sum((x[:, i : i + 1] * w for i, w in enumerate(self.weight)), np.full((n, 1), self.bias))
        return x, plane + self.noise * rng.standard_normal((n, 1))
