"""jaxonnxruntime: the graph as a function of JAX's, which XLA compiles for each shape of the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import numpy as np
import onnx
from jaxonnxruntime import call_onnx, config

from harness.runtime import Runtime
from impls.spec import Array

RUNTIME = Runtime(
    packages=("jaxonnxruntime", "jax", "absl", "chex", "onnx"),
    environment={
        "JAX_PLATFORMS": "cpu",
        "NPROC": "{threads}",
        "JAX_ENABLE_X64": "1",
        "JAX_TRACEBACK_FILTERING": "off",  # the harness looks where an error arose
    },
)
# Else it refuses a shape that is computed; here each shape of the inputs has a function of its own, so it is known.
config.update("jaxort_only_allow_initializers_as_static_args", False)


class Session:
    """A model as a function of JAX's, traced anew for each shape that its inputs take."""

    def __init__(self, model: Path, threads: int) -> None:
        self._model = onnx.load(model)
        self._compiled: dict[tuple[Any, ...], Any] = {}

    def run(self, *inputs: Array) -> Sequence[Array]:
        key = tuple((array.shape, array.dtype.name) for array in inputs)
        if key not in self._compiled:
            function, weights = call_onnx.call_onnx_model(self._model, list(inputs))
            self._compiled[key] = jax.jit(lambda *given: function(weights, list(given)))
        return [np.asarray(output) for output in self._compiled[key](*inputs)]


def versions() -> dict[str, str]:
    return {"jaxonnxruntime": version("jaxonnxruntime"), "jax": jax.__version__}
