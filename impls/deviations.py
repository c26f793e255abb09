"""What is known to deviate: where an implementation stands farther from NumPy's than the lesson's tolerances allow.

A gate (see ``harness.gates``) uses the lesson's usual bound unless an entry here covers what it compares. An entry says
at which cells it was seen: where one of those is within the usual bound again, the entry fails, and goes. The gaps were
measured on the CPU with seeds 0 to 9 in every mode; a bound is three to ten times the largest. A cell is named in
``seen`` where its gap is at least twice the usual bound, if there is one, so that another machine's rounding does not
hide it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from impls.spec import Dtype

ROUNDING = "https://docs.oracle.com/cd/E19957-01/806-3568/ncg_goldberg.html"
"""Goldberg 1991, What every computer scientist should know about floating-point arithmetic: on cancellation."""

INSTABILITY = "https://arxiv.org/abs/2103.04514"
"""Summers and Dinneen 2021, Nondeterminism and instability in neural network optimization: one bit is enough."""


@dataclass(frozen=True)
class Seen:
    """A cell that deviates: on the CPU, at the lesson's learning rate."""

    framework: str
    mode: str
    seed: int
    profile: Literal["quick", "full"] = "quick"


@dataclass(frozen=True)
class Deviation:
    """One known deviation.

    Args:
        lesson: its name; a variant has entries of its own.
        frameworks: which may deviate, in any mode.
        gate: that it concerns.
        trace_dtype: floating-point type of the comparison.
        quantities: what is compared, as the gate's rows call it.
        bound: the largest gap that passes, in place of the lesson's.
        reason: why no port can do better, with measured figures.
        link: to a paper or documentation of the cause.
        seen: cells at which every one of the quantities exceeds the usual bound.
    """

    lesson: str
    frameworks: tuple[str, ...]
    gate: Literal["G1", "G2", "G3"]
    trace_dtype: Dtype
    quantities: tuple[str, ...]
    bound: float
    reason: str
    link: str
    seen: tuple[Seen, ...]

    @property
    def tolerance(self) -> str:
        """The field of ``Tolerances`` with the usual bound."""
        match self.gate, self.trace_dtype:
            case "G1", "float64":
                return "step_relative"
            case "G1", _:
                return f"step_loss_{self.trace_dtype}"
            case "G2", _:
                return "trajectory_loss" if self.quantities == (LOSS,) else "trajectory_parameter"
        return f"trajectory_loss_{self.trace_dtype}"


LOSS = "loss of 200 steps"

XLA_KERNELS = "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/tf2xla/kernels/"
"""What TensorFlow's operations are in XLA; the accuracies of its iterations stand there as numbers."""

_SATURATED = (
    "the sum over a batch makes the first steps so long that they saturate the sigmoids, and rounding errors grow "
)
_LINEAR_UNIT = Deviation(
    lesson="linear_unit",
    frameworks=("torch", "keras", "jax"),
    gate="G3",
    trace_dtype="float32",
    quantities=(LOSS,),
    bound=2e-4,
    reason="after 200 steps the residuals may be 2e-2 where the outputs are 6, so that rounding an output to float32 "
    "changes its residual by up to 1e-5 of itself and the loss by twice that, in each rounding; largest gap 5.6e-5",
    link=ROUNDING,
    seen=(Seen("torch", "eager", 7), Seen("keras", "graph", 7), Seen("jax", "scan", 7)),
)

_ITERATION = "compiled by XLA, TensorFlow's iteration of Jacobi ends at 1e-6, whatever the dtype"
_EIGEN = Deviation(
    lesson="decompositions",
    frameworks=("keras",),
    gate="G1",
    trace_dtype="float64",
    quantities=("eigen_symmetric",),
    bound=2e-4,
    reason=f"{_ITERATION}; largest gap 3.7e-5",
    link=f"{XLA_KERNELS}xla_self_adjoint_eig_op.cc",
    seen=(Seen("keras", "xla", 0), Seen("keras", "xla", 6)),
)
_SVD = replace(_EIGEN, link=f"{XLA_KERNELS}xla_svd_op.cc")

DEVIATIONS: tuple[Deviation, ...] = (
    _LINEAR_UNIT,
    replace(_LINEAR_UNIT, lesson="linear_unit-long"),  # the same first 200 steps
    Deviation(
        lesson="linear_regression",
        frameworks=("torch", "keras", "jax"),
        gate="G3",
        trace_dtype="float32",
        quantities=(LOSS,),
        bound=3e-4,
        reason="in the end the residuals are 1e-2 where the outputs are 5, so that rounding an output to float32 "
        "changes its residual by up to 3e-5 of itself and the loss by twice that, in each rounding; largest gap 6.9e-5",
        link=ROUNDING,
        seen=(
            Seen("keras", "graph", 0),  # PyTorch's are seen or not by the vectors that NumPy's BLAS takes
            Seen("keras", "xla", 0),
            Seen("jax", "scan", 0),
            Seen("jax", "jit", 0),
        ),
    ),
    Deviation(
        lesson="loss_surface",
        frameworks=("keras", "jax"),
        gate="G3",
        trace_dtype="float32",
        quantities=("losses",),
        bound=1e-4,
        reason="one path diverges, and each step's rounding, 6e-8, grows with it; XLA rounds elsewhere than NumPy; "
        "largest gap 2.4e-5",
        link=ROUNDING,
        seen=(Seen("keras", "xla", 5), Seen("jax", "scan", 5), Seen("jax", "jit", 5)),
    ),
    Deviation(
        lesson="loss_surface",
        frameworks=("keras", "jax"),
        gate="G3",
        trace_dtype="float32",
        quantities=("too_large",),
        bound=5e-5,
        reason="this is the path that diverges, half as far apart as its losses; largest gap 1.2e-5",
        link=ROUNDING,
        seen=(Seen("keras", "xla", 5), Seen("jax", "scan", 5), Seen("jax", "jit", 5)),  # the one seed of 41
    ),
    Deviation(
        lesson="sigmoid_mlp",
        frameworks=("torch", "keras", "jax"),
        gate="G2",
        trace_dtype="float64",
        quantities=(LOSS,),
        bound=2e-4,
        reason=f"{_SATURATED}on the way back; largest gap 4.3e-7 of seeds 0 to 9, 4.4e-5 of seeds 8 to 39 in PyTorch",
        link=INSTABILITY,
        seen=(
            Seen("torch", "eager", 0),
            Seen("torch", "eager", 8),
            Seen("keras", "graph", 8),
            Seen("keras", "xla", 0),
            Seen("keras", "xla", 8),
            Seen("jax", "scan", 0),
            Seen("jax", "scan", 8),
        ),
    ),
    Deviation(
        lesson="sigmoid_mlp",
        frameworks=("torch", "keras", "jax"),
        gate="G2",
        trace_dtype="float64",
        quantities=("parameter hidden.kernel", "parameter head.kernel"),
        bound=5e-5,
        reason=f"{_SATURATED}on the way back; largest gap 1.5e-7 of seeds 0 to 9, 1.3e-5 of seeds 8 to 39 in PyTorch",
        link=INSTABILITY,
        seen=(Seen("torch", "eager", 8), Seen("keras", "graph", 8), Seen("jax", "scan", 8)),
    ),
    Deviation(
        lesson="probabilities",
        frameworks=("keras",),
        gate="G1",
        trace_dtype="float64",
        quantities=("gelu",),
        bound=3e-7,
        reason="TensorFlow's gelu has the constants of its formula in single precision, whatever the dtype; "
        "largest gap 7.5e-8",
        link="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/ops/nn_ops.py",
        seen=(Seen("keras", "graph", 0), Seen("keras", "xla", 0)),
    ),
    _EIGEN,
    replace(_SVD, quantities=("svd",), bound=4e-4, reason=f"{_ITERATION}; largest gap 7.0e-5"),
    replace(_SVD, quantities=("singular_values",), bound=5e-7, reason=f"{_ITERATION}; largest gap 8.4e-8"),
    replace(
        _SVD,
        quantities=("pseudo_inverse",),
        bound=1e-3,
        reason=f"{_ITERATION}, and the condition of 12 magnifies it; largest gap 2.6e-4",
    ),
    replace(
        _SVD,
        quantities=("least_squares",),
        bound=1e-2,
        reason=f"{_ITERATION}, and the condition of 12 magnifies it; largest gap 2.2e-3",
    ),
    replace(
        _EIGEN,
        lesson="pca",
        quantities=("components", "projection", "reconstructions"),
        reason=f"{_ITERATION}; largest gap 2.6e-5",
        seen=(Seen("keras", "xla", 0),),
    ),
    replace(
        _EIGEN,
        lesson="lda",
        quantities=("directions", "projection"),
        bound=2e-5,
        reason=f"{_ITERATION}; largest gap 2.5e-6",
        seen=(Seen("keras", "xla", 0),),
    ),
)
"""Every known deviation. A lesson of a user's own has none: it states its tolerances itself."""
