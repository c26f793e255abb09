"""Examples that are drawn from a seed or are small enough to stand here: no files to be found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from impls.spec import Array, Dataset, Dtype, data_rng


class Made:
    """What all of them share."""

    @property
    def source(self) -> None:
        """None: there are no files."""


@dataclass(frozen=True)
class Points(Made):
    """The given numbers: x (n, 1) and y (n, 1)."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    x_test: tuple[float, ...]
    y_test: tuple[float, ...]

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:  # noqa: ARG002 - spec.Data has it
        """The points as columns; neither folder nor seed plays a part."""
        return Dataset(*(np.array(v, dtype).reshape(-1, 1) for v in (self.x, self.y, self.x_test, self.y_test)))


@dataclass(frozen=True)
class NoisyParabola(Made):
    """Made points near y = x²: x evenly from ``start`` to ``stop``, both included, y = x² + noise·N(0, 1), all (n, 1).

    The test set has the same x, and y without noise.
    """

    start: float
    stop: float
    examples: int
    noise: float

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:  # noqa: ARG002 - spec.Data has it
        """Draw the noise from the seed's stream, in float64; no folder is needed."""
        x = np.linspace(self.start, self.stop, self.examples)[:, np.newaxis]
        y = np.square(x)
        noisy = y + self.noise * data_rng(seed).standard_normal(y.shape)
        return Dataset(*(array.astype(dtype) for array in (x, noisy, x, y)))


@dataclass(frozen=True)
class LinearPoints(Made):
    """Made points near a plane: x ~ N(0, 1) of shape (n, len(weight)), y = x·weight + bias + noise·N(0, 1), (n, 1)."""

    weight: tuple[float, ...]
    bias: float
    noise: float
    train_examples: int
    test_examples: int

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


@dataclass(frozen=True)
class Word(Made):
    """One word, and at each of its letters the one that is to be answered.

    x (1, letters, alphabet) is 1 for the letter that stands there and 0 for the others; y (1, letters) are places in
    the alphabet. The one example is the training set and the test set.
    """

    word: str
    target: str
    alphabet: str

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:  # noqa: ARG002 - spec.Data has it
        """The word as arrays; neither folder nor seed plays a part."""
        places, labels = ([self.alphabet.index(letter) for letter in word] for word in (self.word, self.target))
        x, y = np.eye(len(self.alphabet), dtype=dtype)[[places]], np.array([labels], np.int32)
        return Dataset(x, y, x, y)


@dataclass(frozen=True)
class Sequences(Made):
    """Made sequences whose labels ask for a memory of one step: x ~ N(0, 1), (n, steps, inputs).

    y (n, steps) is which of the first ``classes`` inputs was the largest in the step before; 0 in the first step.
    """

    steps: int
    inputs: int
    classes: int
    train_examples: int
    test_examples: int

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:  # noqa: ARG002 - spec.Data has it
        """Draw the training and then the test sequences from the seed's one stream, in float64; no folder is needed."""
        rng = data_rng(seed)
        parts = [self._draw(rng, n) for n in (self.train_examples, self.test_examples)]
        (x_train, y_train), (x_test, y_test) = parts
        return Dataset(x_train.astype(dtype), y_train, x_test.astype(dtype), y_test)

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x = rng.standard_normal((n, self.steps, self.inputs))
        y = np.zeros((n, self.steps), np.int32)
        y[:, 1:] = x[:, :-1, : self.classes].argmax(axis=-1)
        return x, y
