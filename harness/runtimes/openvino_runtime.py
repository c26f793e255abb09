"""OpenVINO on the CPU. It would compute in bfloat16 where the processor can, so it is told float32."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openvino

from harness.runtime import Runtime
from impls.spec import Array

RUNTIME = Runtime(packages=("openvino",))


class Session:
    """A model compiled by OpenVINO."""

    def __init__(self, model: Path, threads: int) -> None:
        how = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
        self._model = openvino.Core().compile_model(str(model), "CPU", how)

    def run(self, *inputs: Array) -> Sequence[Array]:
        found = self._model(list(inputs))
        return [found[output] for output in self._model.outputs]


def versions() -> dict[str, str]:
    return {"openvino": openvino.__version__.split("-")[0]}
