"""Edges of automatic derivatives."""

from hypothesis import strategies as st

from edges import INFINITE, NAN, ZERO, bools, floats, integers

# Numbers whose sums of products are exact, halves to be rounded among them, and so small that 1 - tanh² of them keeps
# its digits: what differed otherwise would be roundings.
MILD = (0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.25, 0.25, -0.75, 0.125)
SPECIAL = (*ZERO, *INFINITE, *NAN)


def numbers(shape, special=SPECIAL):
    return floats(shape, special, MILD)


@st.composite
def matrix_and(draw, *vectors, special=SPECIAL, empty=True):
    """w (rows, columns), and vectors as long as its rows (``back``) or its columns (any other)."""
    rows, columns = draw(st.sampled_from([(2, 3), (2, 3), (3, 1), (1, 3), (2, 2)] + [(0, 2), (2, 0)] * empty))
    lengths = {name: rows if name == "back" else columns for name in vectors}
    arrays = {name: draw(numbers(length, special)) for name, length in lengths.items()}
    return {"w": draw(numbers((rows, columns), special))} | arrays


def usual(*vectors):
    """Numbers of every kind, or, so that they are not lost among them, finite ones alone."""
    return matrix_and(*vectors) | matrix_and(*vectors, special=ZERO, empty=False)


EDGES = {
    "gradient": usual("x")
    | st.fixed_dictionaries({"w": numbers((2, 3), ()), "x": integers((3,), -2, 2) | bools((3,))}),
    "gradients_of_several": usual("x"),
    "vector_jacobian": usual("x", "back"),
    "jacobian_vector": usual("x", "along"),
    "jacobian": usual("x"),
    "hessian": usual("x"),
    "hessian_vector": usual("x", "along"),
    "second_derivative": st.fixed_dictionaries({"points": st.sampled_from([3, 3, 1, 0]).flatmap(numbers)}),
    "stopped_gradient": usual("x"),
    "accumulated_gradient": usual("x", "again"),
    "reset_gradient": usual("x", "again"),
    "custom_gradient": usual("x"),
}
# Huge and subnormal numbers would only show in which order is summed. Floats alone have derivatives: what is said to
# other numbers is tried on ``gradient``, where all frameworks refuse them.
LEFT_OUT = dict.fromkeys(EDGES, frozenset({"huge", "subnormal", "integers", "bools"}))
