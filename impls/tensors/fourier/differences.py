"""Where frameworks' Fourier transforms do otherwise than NumPy's, by their own design."""

from dataclasses import replace
from typing import Any

import numpy as np

from impls.operations import RAISES, Difference
from impls.tensors.conditions import arrays, bools, no_floats
from impls.tensors.pages import JAX, TORCH, jax, tensorflow, torch

NO_NUMBER = {"real": np.empty((1, 0)), "imag": np.empty((1, 0)), "signal": np.empty((1, 0)), "kernel": np.empty(0)}
NO_SIGNAL = {name: np.empty((0, 1, 1)) for name in ("real", "imag", "signal")} | {"kernel": [1.0], "length": 1}


def no_number(**inputs: Any) -> bool:
    """Whether the last axis is of length 0."""
    return any(array.shape[-1] == 0 for array in arrays(inputs))


def no_number_in_planes(**inputs: Any) -> bool:
    """Whether one of the last two axes is of length 0."""
    return any(0 in array.shape[-2:] for array in arrays(inputs))


def no_signal(**inputs: Any) -> bool:
    """Whether there is an axis of length 0 before the last."""
    return any(0 in array.shape[:-1] for array in arrays(inputs))


WHOLE = Difference(
    operations=("fft", "inverse_fft", "fft_2d"),
    frameworks=("torch", "keras", "jax"),
    where="integers and bools",
    when=no_floats,
    example={"real": [[1]], "imag": [[1]], "length": 1},
    numpy=[[[1.0, 1.0]]],
    theirs=RAISES,
    reason="Complex numbers are made of two arrays of floats; cast first.",
    link={"torch": torch("complex"), "keras": tensorflow("complex"), "jax": jax("lax.complex")},
)
SINGLE = Difference(
    operations=("real_fft",),
    frameworks=("torch",),
    where="integers and bools, in the last digits",
    when=no_floats,
    example={"signal": [[1, 2, 4]]},
    numpy=[[[7.0, 0.0], [-2.0, 3**0.5]]],
    theirs=[[[7.0, 0.0], [-2.0, 1.7320507764816284]]],
    reason="PyTorch takes integers for the default dtype, which is float32.",
    link={"torch": torch("fft.rfft")},
)
SINGLE_BOOLS = replace(
    SINGLE,
    frameworks=("jax",),
    where="bools, in the last digits",
    when=bools,
    example={"signal": [[True, True, False]]},
    numpy=[[[2.0, 0.0], [0.5, -(0.75**0.5)]]],
    theirs=[[[2.0, 0.0], [0.5, float(-np.sqrt(np.float32(0.75)))]]],
    reason="To JAX a bool is no 64-bit number: promoted to floating point it becomes float32.",
    link={"jax": f"{JAX}/type_promotion.html"},
)
DIFFERENCES = (
    SINGLE,
    replace(
        SINGLE,
        operations=("convolve",),
        example={"signal": [[1, 2, 4]], "kernel": [0.1, 0.2, 0.3]},
        numpy=[[1.5, 1.6, 1.1]],
        theirs=[[1.5000000017948232, 1.5999999964103537, 1.100000001794823]],
    ),
    SINGLE_BOOLS,
    replace(
        SINGLE_BOOLS,
        operations=("convolve",),
        example={"signal": [[True, True, False]], "kernel": [0.1, 0.2, 0.3]},
        numpy=[[0.4, 0.3, 0.5]],
        theirs=[[0.39999999910258843, 0.3000000017948231, 0.4999999991025884]],
    ),
    WHOLE,
    replace(WHOLE, operations=("inverse_real_fft",), numpy=[[1.0]]),
    replace(
        WHOLE,
        operations=("real_fft",),
        frameworks=("keras",),
        example={"signal": [[1]]},
        numpy=[[[1.0, 0.0]]],
        reason="TensorFlow's transforms are of floats; cast first.",
        link={"keras": tensorflow("signal/rfft")},
    ),
    replace(
        WHOLE,
        operations=("convolve",),
        frameworks=("keras",),
        example={"signal": [[1]], "kernel": [1]},
        numpy=[[1.0]],
        reason="TensorFlow's transforms are of floats; cast first.",
        link={"keras": tensorflow("signal/rfft")},
    ),
    Difference(
        operations=("fft", "inverse_fft"),
        frameworks=("keras", "jax"),
        where="signals of no number",
        when=no_number,
        example=NO_NUMBER,
        numpy=RAISES,
        theirs=np.empty((1, 0, 2)),
        reason="NumPy asks for at least one data point; XLA and TensorFlow return an empty array for an empty one.",
        link={"keras": tensorflow("signal/fft"), "jax": jax("numpy.fft.fft")},
    ),
    Difference(
        operations=("fft_2d",),
        frameworks=("keras", "jax"),
        where="signals of no number",
        when=no_number_in_planes,
        example=NO_NUMBER,
        numpy=RAISES,
        theirs=np.empty((1, 0, 2)),
        reason="NumPy asks for at least one data point; XLA and TensorFlow return an empty array for an empty one.",
        link={"keras": tensorflow("signal/fft2d"), "jax": jax("numpy.fft.fft2")},
    ),
    Difference(
        operations=("real_fft",),
        frameworks=("keras",),
        where="signals of no number",
        when=no_number,
        example=NO_NUMBER,
        numpy=RAISES,
        theirs=np.empty((1, 0, 2)),
        reason="NumPy asks for at least one data point; TensorFlow returns an empty tensor for an empty one.",
        link={"keras": tensorflow("signal/rfft")},
    ),
    Difference(
        operations=("convolve",),
        frameworks=("keras",),
        where="signals of no number",
        when=no_number,
        example=NO_NUMBER,
        numpy=RAISES,
        theirs=np.empty((1, 0)),
        reason="NumPy asks for at least one data point; TensorFlow returns an empty tensor for an empty one.",
        link={"keras": tensorflow("signal/rfft")},
    ),
    Difference(
        operations=("fft", "inverse_fft", "real_fft", "fft_2d"),
        frameworks=("torch",),
        where="no signals",
        when=no_signal,
        example=NO_SIGNAL,
        numpy=np.empty((0, 1, 1, 2)),
        theirs=RAISES,
        reason="PyTorch's transforms are oneMKL's, which refuses to do none (inconsistent configuration parameters).",
        link={"torch": f"{TORCH}/fft.html"},
    ),
    Difference(
        operations=("inverse_real_fft", "convolve"),
        frameworks=("torch",),
        where="no signals",
        when=no_signal,
        example=NO_SIGNAL,
        numpy=np.empty((0, 1, 1)),
        theirs=RAISES,
        reason="PyTorch's transforms are oneMKL's, which refuses to do none (inconsistent configuration parameters).",
        link={"torch": f"{TORCH}/fft.html"},
    ),
    Difference(
        operations=("inverse_real_fft",),
        frameworks=("keras",),
        where="no signals, of spectra that are to be padded",
        when=lambda **inputs: no_signal(**inputs) and inputs["real"].shape[-1] < (inputs["length"] or 0) // 2 + 1,
        example=NO_SIGNAL | {"length": 2},
        numpy=np.empty((0, 1, 2)),
        theirs=RAISES,
        reason="TensorFlow pads no empty tensor, and then misses the numbers that would have been added.",
        link={"keras": tensorflow("signal/irfft")},
    ),
    Difference(
        operations=("inverse_real_fft",),
        frameworks=("torch", "keras", "jax"),
        where="imaginary parts that are not finite, where they should not count",
        when=lambda **inputs: not np.isfinite(inputs["imag"]).all(),
        example={"real": [[0.0]], "imag": [[np.inf]], "length": 1},
        numpy=[[np.nan]],
        theirs=[[0.0]],
        reason="NumPy's complex array is the sum real + 1j · imag, where 1j · ∞ has the real part 0 · ∞, which is NaN; "
        "the others put the two parts together, and the imaginary part of frequency zero is not used.",
        link={"torch": torch("fft.irfft"), "keras": tensorflow("signal/irfft"), "jax": jax("numpy.fft.irfft")},
    ),
)
