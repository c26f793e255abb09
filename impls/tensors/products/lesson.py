"""Products: arithmetic between arrays that are stretched to one shape, and the products of vectors and matrices."""

from impls.operations import Operation, operation_lesson
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """Numbers from N(0, 1), no two sides alike so that a wrong axis shows; divisors are at least ½ away from 0."""
    rng = data_rng(seed)
    half, quarter, few = size // 2, size // 4, size // 32
    shapes = {
        "x": (size, half),
        "row": (half,),
        "column": (size, 1),
        "a": (size, half),
        "b": (half, size - quarter),
        "left": (8, quarter, half),
        "right": (8, half, size // 8),
        "u": (size,),
        "v": (size,),
        "p": (few, half // 8),
        "q": (half // 8, few),
        "s": (size, 3),
        "t": (size, 3),
    }
    found = {name: rng.normal(0, 1, shape) for name, shape in shapes.items()}
    return found | {"y": rng.choice((-1, 1), (size, half)) * rng.uniform(0.5, 2, (size, half))}


PAIR, BATCH = ("x", "y"), ("left", "right")

LESSON = operation_lesson(
    title="Products",
    inputs=inputs,
    sizes=(64, 512),
    operations={
        "add_broadcast": Operation("a row added to each row of a matrix (broadcasting)", ("x", "row"), exact=True),
        "multiply_broadcast": Operation("each row times its own number (broadcasting)", ("x", "column"), exact=True),
        # Not exact: where all divisors are one number, XLA multiplies by its reciprocal.
        "divide": Operation("true division, element-wise", PAIR),
        "floor_divide": Operation("division rounded down to a whole number, element-wise (//)", PAIR),
        "remainder": Operation("what a floor division leaves, with the divisor's sign (%, modulo)", PAIR, exact=True),
        "matmul": Operation("matrix multiplication: the product of two matrices (@)", ("a", "b")),
        "matmul_batched": Operation("batched matrix multiplication: stacks of matrices, pair by pair (bmm)", BATCH),
        "dot": Operation("the inner product of two vectors", ("u", "v")),
        "outer": Operation("the product of each element of one vector with each of another", ("u", "row"), exact=True),
        "einsum": Operation("a sum of products in index notation (Einstein's)", BATCH, {"expression": "bij,bjk->ki"}),
        "tensordot": Operation("a sum of products over pairs of axes", BATCH, {"axes": ((2,), (1,))}),
        "kronecker": Operation("a matrix times each element of another, as blocks (kron)", ("p", "q"), exact=True),
        "cross": Operation("the cross product of vectors in space, along the last axis", ("s", "t")),
    },
)
