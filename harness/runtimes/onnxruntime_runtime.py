"""ONNX Runtime on the CPU, with all that it does to make a graph faster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnxruntime

from harness.runtime import Runtime
from impls.spec import Array

RUNTIME = Runtime(packages=("onnxruntime",))


class Session:
    """A model in ONNX Runtime."""

    level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL

    def __init__(self, model: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.graph_optimization_level = self.level
        options.log_severity_level = 3  # errors, which are raised as well; not what it thinks of a model
        self._session = onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])
        self._names = [value.name for value in self._session.get_inputs()]

    def run(self, *inputs: Array) -> Sequence[Array]:
        outputs: list[Array] = self._session.run(None, dict(zip(self._names, inputs, strict=True)))
        return outputs


def versions() -> dict[str, str]:
    return {"onnxruntime": onnxruntime.__version__}
