"""ONNX Runtime on the CPU, which carries out the graph as it is written: no operator is fused or folded away."""

from __future__ import annotations

import onnxruntime

from harness.runtime import Runtime
from harness.runtimes import onnxruntime_runtime
from harness.runtimes.onnxruntime_runtime import versions as versions

RUNTIME = Runtime(packages=("onnxruntime",))


class Session(onnxruntime_runtime.Session):
    """A model in ONNX Runtime without its optimisations."""

    level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
