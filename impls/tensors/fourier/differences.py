"""Where frameworks' Fourier transforms do otherwise than NumPy's, by their own design."""

from typing import Any

import numpy as np

from impls.operations import RAISES, Difference

NUMPY = "https://numpy.org/doc/stable/reference/generated/numpy.fft.fft.html"
NO_NUMBER = {"real": np.empty((1, 0)), "imag": np.empty((1, 0)), "signal": np.empty((1, 0)), "kernel": np.empty(0)}
NO_SIGNAL = {name: np.empty((0, 1, 1)) for name in ("real", "imag", "signal")} | {"kernel": [1.0], "length": 1}


def arrays(inputs: dict[str, Any]) -> list[Any]:
    """The inputs without the arguments."""
    return [value for value in inputs.values() if isinstance(value, np.ndarray)]


def no_number(**inputs: Any) -> bool:
    """Whether there is an axis of length 0 among the last two."""
    return any(0 in array.shape[-2:] for array in arrays(inputs))


def no_signal(**inputs: Any) -> bool:
    """Whether there is an axis of length 0 before the last."""
    return any(0 in array.shape[:-1] for array in arrays(inputs))


DIFFERENCES = (
    Difference(
        ("fft", "inverse_fft", "fft_2d"),
        ("keras", "jax"),
        "signals of no number",
        no_number,
        NO_NUMBER,
        RAISES,
        np.empty((1, 0, 2)),
        "NumPy asks for at least one data point; XLA and TensorFlow return an empty array for an empty one.",
        NUMPY,
    ),
    Difference(
        ("real_fft",),
        ("keras",),
        "signals of no number",
        no_number,
        NO_NUMBER,
        RAISES,
        np.empty((1, 0, 2)),
        "NumPy asks for at least one data point; TensorFlow returns an empty tensor for an empty one.",
        "https://www.tensorflow.org/api_docs/python/tf/signal/rfft",
    ),
    Difference(
        ("convolve",),
        ("keras",),
        "signals of no number",
        no_number,
        NO_NUMBER,
        RAISES,
        np.empty((1, 0)),
        "NumPy asks for at least one data point; TensorFlow returns an empty tensor for an empty one.",
        "https://www.tensorflow.org/api_docs/python/tf/signal/rfft",
    ),
    Difference(
        ("fft", "inverse_fft", "real_fft", "fft_2d"),
        ("torch",),
        "no signals",
        no_signal,
        NO_SIGNAL,
        np.empty((0, 1, 1, 2)),
        RAISES,
        "PyTorch's transforms are oneMKL's, which refuses to do none (inconsistent configuration parameters).",
        "https://docs.pytorch.org/docs/stable/fft.html",
    ),
    Difference(
        ("inverse_real_fft", "convolve"),
        ("torch",),
        "no signals",
        no_signal,
        NO_SIGNAL,
        np.empty((0, 1, 1)),
        RAISES,
        "PyTorch's transforms are oneMKL's, which refuses to do none (inconsistent configuration parameters).",
        "https://docs.pytorch.org/docs/stable/fft.html",
    ),
    Difference(
        ("inverse_real_fft",),
        ("keras",),
        "no signals, of spectra that are to be padded",
        lambda **inputs: no_signal(**inputs) and inputs["real"].shape[-1] < (inputs["length"] or 0) // 2 + 1,
        NO_SIGNAL | {"length": 2},
        np.empty((0, 1, 2)),
        RAISES,
        "TensorFlow pads no empty tensor, and then misses the numbers that would have been added.",
        "https://www.tensorflow.org/api_docs/python/tf/signal/irfft",
    ),
    Difference(
        ("inverse_real_fft",),
        ("torch", "keras", "jax"),
        "imaginary parts that are not finite, where they should not count",
        lambda **inputs: not np.isfinite(inputs["imag"]).all(),
        {"real": [[0.0]], "imag": [[np.inf]], "length": 1},
        [[np.nan]],
        [[0.0]],
        "A complex array is a sum in NumPy, real + 1j · imag, where 1j · ∞ has the real part 0 · ∞, which is NaN; the "
        "others put the parts together, and the one of frequency zero plays no part.",
        "https://numpy.org/doc/stable/reference/generated/numpy.fft.irfft.html",
    ),
)
