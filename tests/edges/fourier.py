"""Edges of Fourier transforms."""

import numpy as np
from hypothesis import strategies as st

from edges import INFINITE, NAN, ZERO, axes, bools, floats, integers, mostly, shapes

SPECIAL = (*ZERO, *INFINITE, *NAN)
STACKS, SIDES = (
    st.sampled_from([(), (2,), (3,), (), (2,), (3,), (0,)]),
    st.sampled_from([(2,), (3,), (4,)] * 3 + [(0,)]),
)
LENGTHS = st.sampled_from((3, 4, 7, 12, 1, 2, 3, 4, 7, 12, 1, 0))


@st.composite
def spectra(draw, least=1):
    """A real and an imaginary part; lengths of one, and no powers of two, among them."""
    shape = (*draw(STACKS if least == 1 else SIDES), draw(LENGTHS))
    special = draw(st.sampled_from([(), (), SPECIAL]))
    pairs = st.tuples(floats(shape, special), floats(shape, special))
    whole = st.sampled_from((integers, bools)).flatmap(lambda kind: st.tuples(kind(shape), kind(shape)))
    real, imag = draw(mostly(pairs, whole))
    return {"real": real, "imag": imag}


@st.composite
def signals(draw, special=SPECIAL):
    shape = (*draw(STACKS), draw(LENGTHS))
    some = floats(shape, special)
    return {"signal": draw(mostly(some, integers(shape), bools(shape)))}


@st.composite
def halves(draw):
    """Any length to transform back to: the signal's, and others, for which the spectrum is cut or padded.

    ``None`` means the even length. A spectrum without entries is never drawn: it makes TensorFlow end the process.
    """
    given = draw(spectra().filter(lambda given: given["real"].shape[-1]))
    bins = given["real"].shape[-1]
    even = (None, 2 * bins - 2) if bins > 1 else ()
    return given | {"length": draw(st.sampled_from((*even, 2 * bins - 1, 1, 4, 9)))}


@st.composite
def shifts(draw):
    some = draw(floats(shapes()) | integers(shapes()) | bools(shapes()))
    return {"signal": some, "axes": draw(st.none() | axes(some) | st.permutations(range(some.ndim)).map(tuple))}


@st.composite
def pairs(draw):
    """As many kernels as signals, or one for all. None is infinite: a sum may be, and no NaN."""
    given = draw(signals((*ZERO, *NAN)))
    shape = given["signal"].shape
    special = draw(st.sampled_from([(), (*ZERO, *NAN)]))
    return given | {"kernel": draw(floats(draw(st.sampled_from((shape, shape[-1:]))), special))}


def convolved(signal, kernel):
    """By the definition: the signal turned on by each place, times the kernel's number there."""
    turned = [np.roll(signal, place, axis=-1) * kernel[..., place, np.newaxis] for place in range(signal.shape[-1])]
    return np.sum(turned, axis=0)


EDGES = {
    "fft": spectra(),
    "inverse_fft": spectra(),
    "real_fft": signals(),
    "inverse_real_fft": halves(),
    "fft_2d": spectra(2),
    "fft_shift": shifts(),
    "convolve": pairs(),
}
# Huge and subnormal numbers would only show in which order is summed; most frameworks transform floats alone.
FEWER = frozenset({"huge", "subnormal"})
LEFT_OUT = {
    **dict.fromkeys(("fft", "inverse_fft", "inverse_real_fft", "fft_2d"), FEWER | {"integers", "bools"}),
    "real_fft": FEWER | {"bools"},
    "convolve": FEWER | {"bools", "infinite"},
}
ORACLES = {"convolve": convolved}
