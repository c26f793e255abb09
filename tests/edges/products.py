"""Edges of products: shapes that fit and shapes that do not, kinds of numbers mixed, and what no number is left of."""

from hypothesis import strategies as st

from edges import INFINITE, NAN, PLAIN, SPECIAL, SUBNORMAL, ZERO, bools, floats, integers, shapes

# What fits by broadcasting.
FITTING = [
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((2, 3), (2, 1)),
    ((3,), (2, 3)),
    ((2, 1, 3), (4, 1)),
    ((0, 3), (3,)),
    ((2, 0), (1,)),
]
SUMMED = (*ZERO, *SUBNORMAL, *INFINITE, *NAN)  # huge ones would only show in which order is summed
UNEVEN = (2.5, -0.75, 3.25, 7.0, -5.125, 0.3, 11.5, -1.7)  # few of which divide another without a remainder


def of_one_kind(first, second, special=SPECIAL, plain=PLAIN):
    """Two arrays, mostly of one kind, and mostly of floats."""
    pairs = [(floats, floats)] * 6 + [(integers, integers)] * 2 + [(bools, bools), (floats, integers), (bools, floats)]
    return st.sampled_from(pairs).flatmap(
        lambda kinds: st.tuples(
            *(
                floats(shape, special, plain) if kind is floats else kind(shape)
                for kind, shape in zip(kinds, (first, second), strict=True)
            )
        )
    )


@st.composite
def elementwise(draw, first, second, plain=PLAIN):
    """Arrays of shapes that fit each other by broadcasting, now and then of others."""
    x, y = draw(of_one_kind(*draw(st.sampled_from(FITTING * 3 + [((2, 3), (2,))])), plain=plain))
    return {first: x, second: y}


@st.composite
def products(draw, first, second, *, vectors=False, stacked=False):
    """Two matrices or vectors whose inner sides are the same, or seldom not; both may be stacked."""
    rows, inner, columns = draw(st.sampled_from([(2, 3, 4), (2, 3, 4), (3, 1, 2), (0, 2, 3), (2, 0, 3), (1, 3, 0)]))
    other = draw(st.sampled_from([inner] * 9 + [inner + 1]))
    stack = draw(st.sampled_from([(2,), (2,), (1, 3), (0,)])) if stacked else ()
    left, right = ((inner,), (other,)) if vectors else ((*stack, rows, inner), (*stack, other, columns))
    x, y = draw(of_one_kind(left, right, SUMMED))
    return {first: x, second: y}


@st.composite
def sums(draw, choices, name):
    """Arrays (2 axes and 3) and how they are summed, of these choices; sides 2 and 3 tell the axes apart."""
    chosen, left, right = draw(st.sampled_from(choices))
    empty = draw(st.sampled_from([False, False, True]))
    left, right = (tuple(0 if empty and side == 2 else side for side in shape) for shape in (left, right))
    x, y = draw(of_one_kind(left, right, SUMMED))
    return {"left": x, "right": y, name: chosen}


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
    front = [((), ()), ((2,), (2,)), ((2,), (1,)), ((2, 2), (1, 2)), ((0,), (1,)), ((2,), ())]
    sides = [(*shape, draw(st.sampled_from([3] * 9 + [4]))) for shape in draw(st.sampled_from(front))]
    x, y = draw(of_one_kind(*sides, SUMMED))
    return {"s": x, "t": y}


@st.composite
def two(draw, first, second, least=1, most=3):
    """Arrays of any two shapes."""
    x, y = draw(of_one_kind(draw(shapes(least, most)), draw(shapes(least, most))))
    return {first: x, second: y}


EDGES = {
    "add_broadcast": elementwise("x", "row"),
    "multiply_broadcast": elementwise("x", "column"),
    **dict.fromkeys(("divide", "floor_divide"), elementwise("x", "y")),
    "remainder": elementwise("x", "y", UNEVEN),
    "matmul": products("a", "b"),
    "matmul_batched": products("left", "right", stacked=True),
    "dot": products("u", "v", vectors=True),
    "outer": two("u", "row", 1, 1),
    "einsum": sums(EXPRESSIONS, "expression"),
    "tensordot": sums(AXES, "axes"),
    "kronecker": two("p", "q"),
    "cross": spatial(),
}

LEFT_OUT = dict.fromkeys(("matmul", "matmul_batched", "dot", "einsum", "tensordot", "cross"), frozenset({"huge"}))
