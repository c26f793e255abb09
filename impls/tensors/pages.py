"""Where the frameworks' documentation has a function, and what is documented once for many."""

JAX = "https://docs.jax.dev/en/latest"
KERAS = "https://keras.io/api"
TORCH = "https://docs.pytorch.org/docs/stable"
TENSORFLOW = "https://www.tensorflow.org"
XLA = "https://openxla.org/xla/operation_semantics"
SIMPLIFIER = "https://github.com/openxla/xla/blob/main/xla/hlo/transforms/simplifiers/algebraic_simplifier.cc"

JAX_NOTES = f"{JAX}/notebooks/Common_Gotchas_in_JAX.html"

NAN_LOST = "TensorFlow has XLA compile extremes for the CPU in a faster way, which loses NaN; JAX does not."
LOSES_NAN = {"keras": "https://github.com/tensorflow/tensorflow/issues/116992"}
FLUSHED = "XLA's and TensorFlow's kernels on the CPU flush subnormal numbers (denormals) to zero."
FLUSHES = {
    "keras": "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/kernel_tests/denormal_test.py",
    "jax": f"{JAX_NOTES}#miscellaneous-divergences-from-numpy",
}


def jax(name: str) -> str:
    """The page of a function, such as ``numpy.take`` or ``lax.top_k``."""
    return f"{JAX}/_autosummary/jax.{name}.html"


def keras(name: str, chapter: str = "numpy") -> str:
    """The place of a function of ``keras.ops`` on the page of its chapter."""
    return f"{KERAS}/ops/{chapter}/#{name}-function"


def tensorflow(name: str) -> str:
    """The page of a function, such as ``linalg/svd``."""
    return f"{TENSORFLOW}/api_docs/python/tf/{name}"


def torch(name: str) -> str:
    """The page of a function, such as ``nn.functional.pad``."""
    return f"{TORCH}/generated/torch.{name}.html"
