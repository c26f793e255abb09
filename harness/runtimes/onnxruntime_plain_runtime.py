"""ONNX Runtime on the CPU, which carries out the graph as it is written: no operator is fused or folded away."""

from __future__ import annotations

import onnxruntime

from harness.runtime import Runtime
from harness.runtimes.onnxruntime_runtime import Session as Optimised
from harness.runtimes.onnxruntime_runtime import versions as versions

RUNTIME = Runtime(packages=("onnxruntime",))


class Session(Optimised):
    """A model in ONNX Runtime without its optimisations."""

    level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
