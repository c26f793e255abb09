"""Edges of decompositions.

Whether a matrix is singular depends on the last bit, unless elimination is exact: numbers are few, and powers of two.
An infinite number can hold LAPACK's iterations forever (NumPy's SVD of some 3×3 matrices never returns): where there is
elimination alone, there are infinite ones, and elsewhere NaN.
"""

import numpy as np
import scipy.linalg
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from edges import INFINITE, NAN, PLAIN, ZERO, floats

EXACT = (0.0, 1.0, -1.0, 2.0, -2.0, 4.0, 0.5, 0.0, 1.0)
SPECIAL = (*ZERO, *NAN)
ELIMINATED = (*SPECIAL, *INFINITE)


def matrices(rows, columns, elements):
    return npst.arrays(np.float64, (rows, columns), elements=st.sampled_from(elements))


@st.composite
def squares(draw, special=ELIMINATED):
    """Singular ones among them: of up to two rows, or with a row of zeros."""
    side = draw(st.integers(0, 3))
    square = draw(matrices(side, side, EXACT))
    if side == 3:
        square = square + 16 * np.eye(3)[draw(st.permutations(range(3)))]
    if side and draw(st.integers(0, 2)) == 0:
        square[draw(st.integers(0, side - 1))] = 0
    if side and draw(st.integers(0, 3)) == 0:
        square[draw(st.integers(0, side - 1)), draw(st.integers(0, side - 1))] = draw(st.sampled_from(special))
    return square


@st.composite
def symmetric(draw):
    """With repeated eigenvalues among them, and some that are not symmetric: of those one half is read."""
    side = draw(st.integers(0, 3))
    special = draw(st.sampled_from([(), (), SPECIAL]))
    some = draw(matrices(side, side, (*PLAIN, *PLAIN, *special)) | st.just(2 * np.eye(side)))
    return {"symmetric": some + some.T if draw(st.booleans()) else some}


@st.composite
def positive(draw):
    """Some of them not positive definite, or not symmetric."""
    side = draw(st.integers(0, 3))
    some = draw(matrices(side, side, EXACT))
    some = some @ some.T + np.eye(side) * draw(st.sampled_from((1.0, 1.0, 0.5, 0.0, -8.0)))
    if side:
        some[draw(st.sampled_from([(0, -1), (-1, 0)]))] += draw(st.sampled_from((0.0, 0.0, 0.0, 1.0, np.nan, np.inf)))
    return {"positive": some}


@st.composite
def systems(draw):
    square = draw(squares())
    columns = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    return {"square": square, "right": draw(floats((len(square), *columns), ELIMINATED))}


@st.composite
def tall(draw):
    """Also wide ones, and of lower rank."""
    some = draw(matrices(*(draw(st.integers(0, 3)) for _ in range(2)), (*PLAIN, *PLAIN, *PLAIN, *SPECIAL)))
    if len(some) and draw(st.booleans()):
        some[-1] = 2 * some[0]
    return some


@st.composite
def least_squares(draw):
    some = draw(tall())
    columns = draw(st.sampled_from([(), (1,), (2,)]))
    return {"tall": some, "right": draw(floats((len(some), *columns), SPECIAL)), "rcond": 1e-10}


SQUARE, TALL = st.builds(dict, square=squares()), st.builds(dict, tall=tall())


def whole(inputs):
    """The same, rounded to integers."""
    return {
        name: np.rint(np.nan_to_num(value, posinf=1, neginf=-1)).astype(int) if np.ndim(value) else value
        for name, value in inputs.items()
    }


def mostly_floats(given):
    return st.one_of(*[given] * 7, given.map(whole))


FLOATS = {
    "lu": SQUARE,
    "qr": TALL,
    "cholesky": positive(),
    "eigen_symmetric": symmetric(),
    "eigenvalues_general": st.builds(dict, square=squares(SPECIAL)),
    "svd": TALL,
    "singular_values": TALL,
    "solve": systems(),
    "inverse": SQUARE,
    "determinant": SQUARE,
    "log_determinant": SQUARE,
    "pseudo_inverse": st.builds(dict, tall=tall(), rtol=st.sampled_from((1e-10, 0.3))),
    "least_squares": least_squares(),
}
EDGES = {operation: mostly_floats(given) for operation, given in FLOATS.items()}
# Huge and subnormal numbers would only show how each rounds; bools are to all what integers are, to JAX in float32.
LEFT_OUT = {operation: {"huge", "subnormal", "bools", "infinite"} for operation in EDGES}
ORACLES = {"lu": lambda square: scipy.linalg.lu(square, check_finite=False)}
