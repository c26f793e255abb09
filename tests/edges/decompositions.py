"""Edges of decompositions.

Whether a matrix is singular depends on the last bit, unless elimination is exact: numbers are few, and powers of two.
An infinite number can hold LAPACK's iterations forever (NumPy's SVD of some 3×3 matrices never returns): where there is
elimination alone, there are infinite ones, and elsewhere NaN.
"""

import numpy as np
import scipy.linalg
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from edges import INFINITE, NAN, PLAIN, ZERO, floats, mostly

EXACT = (0.0, 1.0, -1.0, 2.0, -2.0, 4.0, 0.5, 0.0, 1.0)
SPECIAL = (*ZERO, *NAN)
ELIMINATED = (*SPECIAL, *INFINITE)
# Of like size, so that a matrix of lower rank is not one of the next rank whose least value is small.
ALIKE = tuple(number for number in PLAIN if abs(number) != 1e-3)
SIDES = st.sampled_from([3, 3, 2, 2, 1, 0])


def matrices(rows, columns, elements):
    return npst.arrays(np.float64, (rows, columns), elements=st.sampled_from(elements), fill=st.nothing())


@st.composite
def squares(draw, special=ELIMINATED):
    """Singular ones among them: of up to two rows, or with a row of zeros."""
    side = draw(SIDES)
    square = draw(matrices(side, side, EXACT))
    if side == 3 or draw(st.booleans()):
        square = square + 16 * np.eye(side)[draw(st.permutations(range(side)))]
    if side and draw(st.integers(0, 5)) == 0:
        square[draw(st.integers(0, side - 1))] = 0
    if side and draw(st.integers(0, 5)) == 0:
        square[draw(st.integers(0, side - 1)), draw(st.integers(0, side - 1))] = draw(st.sampled_from(special))
    return square


@st.composite
def symmetric(draw):
    """With repeated eigenvalues among them, and some that are not symmetric: of those one half is read."""
    side = draw(SIDES)
    special = draw(st.sampled_from([(), (), (), SPECIAL]))
    some = draw(floats((side, side), special, ALIKE) | st.just(2 * np.eye(side)))
    return {"symmetric": some if draw(st.integers(0, 4)) == 0 else some + some.T}


@st.composite
def positive(draw):
    """Some of them not positive definite, or not symmetric; none on the border, where rounding decides."""
    side = draw(SIDES)
    some = draw(matrices(side, side, EXACT))
    some = some @ some.T + np.eye(side) * draw(st.sampled_from((1.0, 1.0, 1.0, 0.5, 0.5, 0.0, -8.0)))
    if side:
        some[draw(st.sampled_from([(0, -1), (-1, 0)]))] += draw(
            st.sampled_from((0.0,) * 8 + (1.0, -0.0, np.nan, np.inf))
        )
    halves = (np.tril(some) + np.tril(some, -1).T, (some + some.T) / 2)  # what NumPy reads, and what JAX
    if np.isfinite(some).all():
        assume(all(np.abs(np.linalg.eigvalsh(half)).min(initial=1) > 1e-6 for half in halves))
    return {"positive": some}


@st.composite
def systems(draw):
    square = draw(squares())
    columns = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    return {"square": square, "right": draw(floats((len(square), *columns), draw(st.sampled_from([(), ELIMINATED]))))}


@st.composite
def tall(draw):
    """Also wide ones, and of lower rank."""
    shapes = st.sampled_from([(3, 2), (3, 2), (2, 3), (3, 3), (1, 2), (0, 2), (2, 0)])
    some = draw(mostly(floats(shapes, (), ALIKE), floats(shapes, SPECIAL, ALIKE)))
    if len(some) and draw(st.booleans()):
        some[-1] = 2 * some[0]
    return some


@st.composite
def least_squares(draw):
    some = draw(tall())
    columns = draw(st.sampled_from([(), (1,), (2,)]))
    return {
        "tall": some,
        "right": draw(floats((len(some), *columns), draw(st.sampled_from([(), (), SPECIAL])))),
        "rcond": 1e-10,
    }


SQUARE, TALL = st.builds(dict, square=squares()), st.builds(dict, tall=tall())


def whole(inputs):
    """The same, rounded to integers."""
    return {
        name: np.rint(np.nan_to_num(value, posinf=1, neginf=-1)).astype(int) if np.ndim(value) else value
        for name, value in inputs.items()
    }


def mostly_floats(given):
    return mostly(given, given.map(whole))


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
# Huge and subnormal numbers would only show how each rounds. Bools are to all what integers are, to JAX in float32. NaN
# and infinite numbers each spreads in its own way, or refuses.
UNLIKE = frozenset({"huge", "subnormal", "bools"})
LEFT_OUT = {
    "lu": UNLIKE | {"integers"},
    "cholesky": UNLIKE | {"infinite", "NaN", "-0"},  # no product of a row with itself is -0
    **dict.fromkeys(("qr", "eigen_symmetric", "svd", "singular_values", "pseudo_inverse"), UNLIKE | {"infinite"}),
    **dict.fromkeys(
        ("eigenvalues_general", "solve", "inverse", "determinant", "log_determinant", "least_squares"),
        UNLIKE | {"infinite", "NaN"},
    ),
}
ORACLES = {"lu": lambda square: scipy.linalg.lu(square, check_finite=False)}
