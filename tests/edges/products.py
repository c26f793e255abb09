"""Edges of products: shapes that fit and shapes that do not, kinds of numbers mixed, and what no number is left of."""

from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from edges import INFINITE, NAN, ZERO, bools, floats, integers, shapes

SUMMED = (*ZERO, *INFINITE, *NAN)  # where many numbers are added, huge and subnormal ones would only show rounding


def anything(shape):
    return floats(shape) | integers(shape) | bools(shape)


def summed(shape):
    return floats(shape, SUMMED) | floats(shape, ()) | integers(shape) | bools(shape)


@st.composite
def elementwise(draw, first, second, numbers=anything):
    """Arrays of shapes that fit each other by broadcasting, now and then of others."""
    fitting = npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3, min_side=0)
    sides = draw(fitting.map(lambda found: found.input_shapes) | st.tuples(shapes(), shapes()))
    return {first: draw(numbers(sides[0])), second: draw(numbers(sides[1]))}


@st.composite
def products(draw, first, second, *, vectors=False, most=0):
    """Two matrices or vectors whose inner sides are the same, or seldom not; both may be stacked."""
    rows, inner, columns = (draw(st.integers(0, 3)) for _ in range(3))
    other = draw(st.sampled_from([inner] * 9 + [inner + 1]))
    stack = tuple(draw(st.lists(st.integers(0, 3), min_size=min(most, 1), max_size=most)))
    left, right = ((inner,), (other,)) if vectors else ((*stack, rows, inner), (*stack, other, columns))
    return {first: draw(summed(left)), second: draw(summed(right))}


@st.composite
def sums(draw, choices, name):
    """Arrays (2 axes and 3) and how they are summed, of these choices; sides 2 and 3 tell the axes apart."""
    chosen, left, right = draw(st.sampled_from(choices))
    empty = draw(st.sampled_from([False, False, True]))
    left, right = (tuple(0 if empty and side == 2 else side for side in shape) for shape in (left, right))
    return {"left": draw(summed(left)), "right": draw(summed(right)), name: chosen}


EXPRESSIONS = [
    ("ij,jk->ik", (3, 2), (2, 3)),
    ("ij,jk->ki", (3, 2), (2, 1)),
    ("ij,kj->", (3, 2), (1, 2)),
    ("ij,ij->j", (3, 2), (3, 2)),
    ("ii,ij->ij", (3, 3), (3, 2)),
    ("bij,bjk->bik", (2, 3, 2), (2, 2, 1)),
    ("...i,i->...", (3, 2), (2,)),
    ("i,jk->kij", (2,), (3, 1)),
    ("ij,jk", (3, 2), (2, 3)),
    ("ij,jk->ik", (3, 2), (3, 2)),
]
AXES = [
    (0, (3,), (2,)),
    (1, (1, 3), (3, 2)),
    (2, (1, 3, 2), (3, 2)),
    (((0,), (1,)), (3, 2), (1, 3)),
    (((-1,), (0,)), (3, 2), (2, 3)),
    (((0, 2), (1, 0)), (3, 1, 2), (2, 3)),
    (1, (3, 2), (3, 2)),
]


@st.composite
def spatial(draw):
    front = npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3, min_side=0)
    sides = [(*shape, draw(st.sampled_from([3, 3, 3, 3, 4]))) for shape in draw(front).input_shapes]
    return {"s": draw(summed(sides[0])), "t": draw(summed(sides[1]))}


def matrices(least=1, most=3):
    return anything(shapes(least, most))


EDGES = {
    "add_broadcast": elementwise("x", "row"),
    "multiply_broadcast": elementwise("x", "column"),
    **dict.fromkeys(("divide", "floor_divide", "remainder"), elementwise("x", "y")),
    "matmul": products("a", "b"),
    "matmul_batched": products("left", "right", most=2),
    "dot": products("u", "v", vectors=True),
    "outer": st.fixed_dictionaries({"u": matrices(1, 1), "row": matrices(1, 1)}),
    "einsum": sums(EXPRESSIONS, "expression"),
    "tensordot": sums(AXES, "axes"),
    "kronecker": st.fixed_dictionaries({"p": matrices(), "q": matrices()}),
    "cross": spatial(),
}
