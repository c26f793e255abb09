"""Where frameworks go from scores to probabilities otherwise than NumPy's formulas."""

import numpy as np

from impls.operations import RAISES, Array, Difference

TORCH = "https://docs.pytorch.org/docs/stable/generated"
TF = "https://www.tensorflow.org/api_docs/python/tf"
JAX = "https://docs.jax.dev/en/latest/_autosummary"
OPTAX = "https://optax.readthedocs.io/en/latest/api/losses.html"
LOG_2 = float(np.log(2))

OUTSIDE = "Indices outside of the classes are encoded as zeros."
FLOATS_ONLY = "The activations of PyTorch and TensorFlow are for floating point alone."
SHARP = "https://docs.jax.dev/en/latest/notebooks/Common_Gotchas_in_JAX.html#miscellaneous-divergences-from-numpy"


def whole(x: Array) -> bool:
    """Whether it is of integers."""
    return x.dtype.kind != "f"


def subnormal(x: Array) -> bool:
    """Whether there is a number too small for a full mantissa."""
    return not whole(x) and bool(np.any((x != 0) & (np.abs(x) < np.finfo(x.dtype).tiny)))


def tied(x: Array) -> bool:
    """Whether a row has equal numbers."""
    return bool(np.any(np.diff(np.sort(x, axis=-1), axis=-1) == 0))


def zeros_of_both_signs(x: Array) -> bool:
    """Whether there are a 0 and a -0."""
    return len(set(np.signbit(x[x == 0].astype(float)))) == 2


def clipped(shares: Array) -> bool:
    """Whether a share is below the smallest that Keras reckons with."""
    return bool(np.any(shares < 1e-7))


DIFFERENCES = (
    Difference(
        operations=("softmax", "log_softmax"),
        frameworks=("torch", "keras", "jax"),
        where="no elements along the axis",
        when=lambda x, axis: x.shape[axis] == 0,
        example={"x": [], "axis": 0},
        numpy=RAISES,
        theirs=[],
        reason="NumPy has no maximum of nothing, which its formula needs; the others give as little as they are given.",
        link="https://numpy.org/doc/stable/reference/generated/numpy.max.html",
    ),
    Difference(
        operations=("softmax",),
        frameworks=("torch", "keras"),
        where="integers",
        when=lambda x, **_: whole(x),
        example={"x": [5], "axis": 0},
        numpy=[1.0],
        theirs=RAISES,
        reason=FLOATS_ONLY,
        link=f"{TORCH}/torch.nn.functional.softmax.html",
    ),
    Difference(
        operations=("log_softmax",),
        frameworks=("torch", "keras"),
        where="integers",
        when=lambda x, **_: whole(x),
        example={"x": [5], "axis": 0},
        numpy=[0.0],
        theirs=RAISES,
        reason=FLOATS_ONLY,
        link=f"{TORCH}/torch.nn.functional.log_softmax.html",
    ),
    Difference(
        operations=("sigmoid",),
        frameworks=("torch",),
        where="integers, in the last digits",
        when=whole,
        example={"x": [1]},
        numpy=[1 / (1 + np.exp(-1))],
        theirs=[0.7310585975646973],
        reason="PyTorch takes integers for the default dtype, which is float32.",
        link=f"{TORCH}/torch.sigmoid.html",
    ),
    Difference(
        operations=("sigmoid",),
        frameworks=("keras", "jax"),
        where="integers",
        when=whole,
        example={"x": [1]},
        numpy=[1 / (1 + np.exp(-1))],
        theirs=RAISES,
        reason="The logistic functions of TensorFlow and XLA are for floating point alone.",
        link=f"{JAX}/jax.lax.logistic.html",
    ),
    Difference(
        operations=("log_sigmoid",),
        frameworks=("torch", "keras"),
        where="integers",
        when=whole,
        example={"x": [0]},
        numpy=[-LOG_2],
        theirs=RAISES,
        reason=FLOATS_ONLY,
        link=f"{TORCH}/torch.nn.functional.logsigmoid.html",
    ),
    Difference(
        operations=("softplus",),
        frameworks=("torch", "keras"),
        where="integers",
        when=whole,
        example={"x": [0]},
        numpy=[LOG_2],
        theirs=RAISES,
        reason=FLOATS_ONLY,
        link=f"{TORCH}/torch.nn.functional.softplus.html",
    ),
    Difference(
        operations=("softplus",),
        frameworks=("torch",),
        where="numbers little above 20, in the tenth digit",
        when=lambda x: bool(np.any((x > 20) & (x < 20.1))),
        example={"x": [20.001]},
        numpy=[20.001 + np.log1p(np.exp(-20.001))],
        theirs=[20.001],
        reason="Above its threshold, which is 20 unless another is given, PyTorch's softplus is the number itself.",
        link=f"{TORCH}/torch.nn.Softplus.html",
    ),
    Difference(
        operations=("relu",),
        frameworks=("keras", "jax"),
        where="subnormal numbers",
        when=subnormal,
        example={"x": [5e-324] * 4},
        numpy=[5e-324] * 4,
        theirs=[0.0] * 4,
        reason="JAX documents flush-to-zero semantics for subnormals, and TensorFlow's CPU kernels have them too.",
        link=SHARP,
    ),
    Difference(
        operations=("gelu",),
        frameworks=("torch", "keras"),
        where="integers",
        when=lambda x, **_: whole(x),
        example={"x": [0], "approximate": False},
        numpy=[0.0],
        theirs=RAISES,
        reason=FLOATS_ONLY,
        link=f"{TORCH}/torch.nn.functional.gelu.html",
    ),
    Difference(
        operations=("gelu",),
        frameworks=("keras",),
        where="floats, in the eighth digit",
        when=lambda x, **_: not whole(x) and bool(np.any((x != 0) & np.isfinite(x))),
        example={"x": [1.0], "approximate": False},
        numpy=[0.841344746068543],
        theirs=[0.8413447419273903],
        reason="TensorFlow's gelu has the constants of its formula in single precision, whatever the dtype of x.",
        link=f"{TF}/nn/gelu",
    ),
    Difference(
        operations=("one_hot",),
        frameworks=("torch",),
        where="labels below 0, which NumPy counts from the end",
        when=lambda labels, **_: bool(np.any(labels < 0)),
        example={"labels": [-1], "classes": 3},
        numpy=[[0, 0, 1]],
        theirs=RAISES,
        reason="PyTorch's one_hot wants class values that are not negative.",
        link=f"{TORCH}/torch.nn.functional.one_hot.html",
    ),
    Difference(
        operations=("one_hot",),
        frameworks=("keras", "jax"),
        where="labels below 0, which NumPy counts from the end",
        when=lambda labels, **_: bool(np.any(labels < 0)),
        example={"labels": [-1], "classes": 3},
        numpy=[[0, 0, 1]],
        theirs=[[0, 0, 0]],
        reason=OUTSIDE,
        link=f"{JAX}/jax.nn.one_hot.html",
    ),
    Difference(
        operations=("one_hot",),
        frameworks=("keras", "jax"),
        where="labels beyond the last class",
        when=lambda labels, classes: bool(np.any(labels >= classes)),
        example={"labels": [3], "classes": 3},
        numpy=RAISES,
        theirs=[[0, 0, 0]],
        reason=OUTSIDE,
        link=f"{JAX}/jax.nn.one_hot.html",
    ),
    Difference(
        operations=("top_k",),
        frameworks=("torch", "keras", "jax"),
        where="NaN",
        when=lambda x, **_: bool(np.isnan(x).any()),
        example={"x": [np.nan, 1.0, np.inf], "k": 2},
        numpy=[[np.inf, 2.0], [1.0, 1.0]],
        theirs=[[np.nan, 0.0], [np.inf, 2.0]],
        reason="NaN is the greatest to PyTorch and JAX, and TensorFlow compares with it; NumPy sorts it to the end.",
        link=f"{TORCH}/torch.topk.html",
    ),
    Difference(
        operations=("top_k",),
        frameworks=("torch", "keras", "jax"),
        where="a k larger than the row",
        when=lambda x, k: k > x.shape[-1],
        example={"x": [7.0], "k": 2},
        numpy=[[7.0, 0.0]],
        theirs=RAISES,
        reason="A slice of NumPy's ends where the row does; the others want a k that the row has.",
        link=f"{JAX}/jax.lax.top_k.html",
    ),
    Difference(
        operations=("top_k",),
        frameworks=("torch",),
        where="equal numbers, in their indices",
        when=lambda x, **_: tied(x),
        example={"x": [1.0, 1.0, 1.0, 1.0], "k": 2},
        numpy=[[1.0, 0.0], [1.0, 1.0]],
        theirs=[[1.0, 2.0], [1.0, 3.0]],
        reason="Which of equal elements PyTorch's topk returns is not determined; the others return the first.",
        link=f"{TORCH}/torch.topk.html",
    ),
    Difference(
        operations=("top_k",),
        frameworks=("jax",),
        where="0 and -0",
        when=lambda x, **_: zeros_of_both_signs(x),
        example={"x": [-0.0, 0.0], "k": 1},
        numpy=[[-0.0, 0.0]],
        theirs=[[0.0, 1.0]],
        reason="XLA sorts floats in a total order, in which -0 comes before 0.",
        link="https://openxla.org/xla/operation_semantics#sort",
    ),
    Difference(
        operations=("cross_entropy",),
        frameworks=("torch", "keras"),
        where="labels below 0, which NumPy counts from the end",
        when=lambda labels, **_: bool(np.any(labels < 0)),
        example={"x": [[0.0, 0.0]], "labels": [-1]},
        numpy=LOG_2,
        theirs=RAISES,
        reason="Labels are class indices from 0 on, and anything else is an error.",
        link=f"{TORCH}/torch.nn.functional.cross_entropy.html",
    ),
    Difference(
        operations=("cross_entropy",),
        frameworks=("torch",),
        where="the label -100",
        when=lambda labels, **_: bool(np.any(labels == -100)),
        example={"x": [[0.0, 0.0], [1.0, 2.0]], "labels": [0, -100]},
        numpy=RAISES,
        theirs=LOG_2,
        reason="PyTorch leaves out rows whose label is ignore_index, which is -100 unless another is given.",
        link=f"{TORCH}/torch.nn.functional.cross_entropy.html",
    ),
    Difference(
        operations=("cross_entropy",),
        frameworks=("jax",),
        where="labels that there is no class for",
        when=lambda x, labels: bool(np.any((labels >= x.shape[1]) | (labels < -x.shape[1]))),
        example={"x": [[0.0, 0.0]], "labels": [2]},
        numpy=RAISES,
        theirs=np.nan,
        reason="What JAX gathers from beyond an array's bounds is filled with NaN.",
        link=f"{JAX}/jax.numpy.take_along_axis.html",
    ),
    Difference(
        operations=("cross_entropy",),
        frameworks=("torch", "jax"),
        where="no classes",
        when=lambda x, **_: x.shape[1] == 0,
        example={"x": np.empty((0, 0)), "labels": np.empty(0, int)},
        numpy=RAISES,
        theirs=np.nan,
        reason="NumPy has no maximum of nothing, which its formula needs; a mean of no rows is NaN.",
        link="https://numpy.org/doc/stable/reference/generated/numpy.max.html",
    ),
    Difference(
        operations=("cross_entropy",),
        frameworks=("jax",),
        where="an infinite logit",
        when=lambda x, **_: bool(np.isposinf(x).any()),
        example={"x": [[np.inf, 0.0]], "labels": [1]},
        numpy=np.nan,
        theirs=np.inf,
        reason="Optax subtracts the label's logit from the logsumexp, which is infinite; a softmax of infinity is NaN.",
        link=OPTAX,
    ),
    Difference(
        operations=("binary_cross_entropy",),
        frameworks=("torch", "keras"),
        where="targets that are no floats",
        when=lambda targets, **_: whole(targets),
        example={"x": [0.0], "targets": [1]},
        numpy=LOG_2,
        theirs=RAISES,
        reason="Targets are probabilities to PyTorch and TensorFlow, and want the dtype of the logits.",
        link=f"{TORCH}/torch.nn.functional.binary_cross_entropy_with_logits.html",
    ),
    Difference(
        operations=("binary_cross_entropy",),
        frameworks=("torch",),
        where="infinite logits",
        when=lambda x, **_: bool(np.isinf(x).any()),
        example={"x": [-np.inf], "targets": [1.0]},
        numpy=np.inf,
        theirs=np.nan,
        reason="PyTorch multiplies the logit by 1 - target, and 0 times infinity is NaN.",
        link=f"{TORCH}/torch.nn.BCEWithLogitsLoss.html",
    ),
    Difference(
        operations=("binary_cross_entropy",),
        frameworks=("keras",),
        where="infinite logits",
        when=lambda x, **_: bool(np.isinf(x).any()),
        example={"x": [np.inf], "targets": [0.0]},
        numpy=np.inf,
        theirs=np.nan,
        reason="TensorFlow's formula is max(x, 0) - x * z + log(1 + exp(-|x|)), and 0 times infinity is NaN.",
        link=f"{TF}/nn/sigmoid_cross_entropy_with_logits",
    ),
    Difference(
        operations=("kl_divergence",),
        frameworks=("keras",),
        where="shares near 0",
        when=lambda p, q: clipped(p) or clipped(q),
        example={"p": [0.5, 0.5], "q": [1.0, 0.0]},
        numpy=np.inf,
        theirs=float(np.log(0.5) + 0.5 * np.log(1e7)),
        reason="Keras clips probabilities to its epsilon, 1e-7, and 1.",
        link="https://keras.io/api/losses/probabilistic_losses/#kldivergence-class",
    ),
    Difference(
        operations=("kl_divergence",),
        frameworks=("torch",),
        where="shares that are 0 in both",
        when=lambda p, q: bool(np.any((p == 0) & (q == 0))),
        example={"p": [0.0, 1.0], "q": [0.0, 1.0]},
        numpy=0.0,
        theirs=np.nan,
        reason="PyTorch's kl_div takes log-probabilities, and 0 times the logarithm of 0 is NaN.",
        link=f"{TORCH}/torch.nn.functional.kl_div.html",
    ),
    Difference(
        operations=("kl_divergence",),
        frameworks=("jax",),
        where="NaN",
        when=lambda p, q: bool(np.isnan(p).any() or np.isnan(q).any()),
        example={"p": [0.5], "q": [np.nan]},
        numpy=np.nan,
        theirs=np.inf,
        reason="JAX's rel_entr is infinite wherever the two are not both positive, or p 0, and NaN is neither.",
        link=f"{JAX}/jax.scipy.special.rel_entr.html",
    ),
)
