"""Automatic derivatives: gradients, Jacobians and Hessians of one small function.

It is φ(z) = z·tanh z for each number of z = w @ x. ``_outputs`` has these, and ``_loss`` their sum. NumPy derives
nothing itself: its derivatives are φ′ and φ″ by hand, and the chain rule.
"""

from impls.operations import Operation, operation_lesson
from impls.spec import Weights, data_rng


def inputs(seed: int, size: int) -> Weights:
    """A matrix of three quarters as many rows as columns, so that the numbers of w @ x are near N(0, 1.5²)."""
    rng, rows = data_rng(seed), 3 * size // 4
    return {
        "w": rng.normal(0, 1.5 * size**-0.5, (rows, size)),
        "x": rng.standard_normal(size),
        "again": rng.standard_normal(size),
        "along": rng.standard_normal(size),
        "back": rng.standard_normal(rows),
        "points": rng.uniform(-3, 3, size),
    }


LESSON = operation_lesson(
    title="Automatic derivatives",
    inputs=inputs,
    sizes=(64, 256),
    operations={
        "gradient": Operation("gradient of a scalar function of a vector (grad, backward)", ("w", "x")),
        "gradients_of_several": Operation("gradients of one loss by two arrays at once", ("w", "x")),
        "vector_jacobian": Operation("a vector times the Jacobian: reverse mode (vjp, pullback)", ("w", "x", "back")),
        "jacobian_vector": Operation(
            "the Jacobian times a vector: forward mode, a directional derivative (jvp)", ("w", "x", "along")
        ),
        "jacobian": Operation("all derivatives of a vector function: the Jacobian matrix", ("w", "x")),
        "hessian": Operation("all second derivatives of a scalar function: the Hessian matrix", ("w", "x")),
        "hessian_vector": Operation("the Hessian times a vector, without the matrix (hvp)", ("w", "x", "along")),
        "second_derivative": Operation("second derivative of a scalar function at each of many points", ("points",)),
        "stopped_gradient": Operation("a part taken as a constant (detach, stop_gradient)", ("w", "x")),
        "accumulated_gradient": Operation("gradients of two losses summed (two backward passes)", ("w", "x", "again")),
        "reset_gradient": Operation("gradients forgotten before the next loss (zero_grad)", ("w", "x", "again")),
        "custom_gradient": Operation("a backward pass of one's own (straight-through rounding)", ("w", "x")),
    },
)
