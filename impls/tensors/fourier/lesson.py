"""Fourier transforms, and convolution by them; each row is a signal, but where both axes are transformed.

What is not finite spoils its signal: how far it spreads depends on the order of the sums, so it is said of all of it.
"""

from collections.abc import Callable

import numpy as np

from impls.operations import Operation, in_one, operation_lesson
from impls.spec import Array, Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Numbers from N(0, 1) in ``size`` rows, half as long again, so that no length is a power of two."""
    rng = data_rng(seed)
    real, imag, signal = rng.normal(0, 1, (3, size, 3 * size // 2))
    return {"real": real, "imag": imag, "signal": signal, "kernel": rng.normal(0, 1, 3 * size // 2)}


def by_signal(axes: int) -> Callable[..., Array]:
    """Puts a result into one array; NaN for all of a signal, its last ``axes``, in which something is not finite."""

    def canonical(*parts: Array) -> Array:
        found = in_one(*parts)
        return np.where(np.isfinite(found).all(axis=tuple(range(-axes, 0)), keepdims=True), found, np.nan)

    return canonical


COMPLEX = ("real", "imag")
REAL_ROW, ROW, PLANE = map(by_signal, (1, 2, 3))  # the last axis has real and imaginary part

LESSON = operation_lesson(
    title="Fourier transforms",
    inputs=inputs,
    sizes=(64, 512),
    operations={
        "fft": Operation("discrete Fourier transform of each row (FFT)", COMPLEX, canonical=ROW),
        "inverse_fft": Operation("inverse Fourier transform of each row (ifft)", COMPLEX, canonical=ROW),
        "real_fft": Operation("transform of real rows, without the half that mirrors", ("signal",), canonical=ROW),
        "inverse_real_fft": Operation("real rows from half a spectrum", COMPLEX, {"length": None}, canonical=REAL_ROW),
        "fft_2d": Operation("two-dimensional Fourier transform (fft2)", COMPLEX, canonical=PLANE),
        "fft_shift": Operation("frequency zero moved to the middle (fftshift)", ("signal",), {"axes": -1}, exact=True),
        "convolve": Operation("circular convolution of each row by FFT", ("signal", "kernel"), canonical=REAL_ROW),
    },
)
