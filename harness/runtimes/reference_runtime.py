"""ONNX's own reference evaluator: each operator as the standard defines it, in NumPy. Not made to be fast."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator
from onnx.reference.ops import op_loop

from harness.runtime import Runtime, inputs_of
from impls.spec import Array

RUNTIME = Runtime(packages=("onnx",), environment={"OPENBLAS_NUM_THREADS": "{threads}"})


class Loop(op_loop.Loop):  # type: ignore[misc]  # the package states no types
    """The evaluator's own, but that what each turn gives is stacked along an axis of its own, as the standard says.

    It puts them one below the other along the first axis that they have.
    """

    def __init__(self, node: onnx.NodeProto, how: dict[str, Any]) -> None:
        super().__init__(node, how)
        turn = vars(self)["_run_body"]  # the evaluator gives each operator with a graph such a function

        def noted(*inputs: Any, **others: Any) -> Any:
            outputs = turn(*inputs, **others)
            self._shapes = [np.shape(array) for array in outputs[len(outputs) - self.K :]]
            return outputs

        self._run_body = noted

    def _run(self, *inputs: Any, **others: Any) -> Any:
        outputs = super()._run(*inputs, **others)
        stacked = zip(outputs[self.N :], self._shapes, strict=False)
        return (*outputs[: self.N], *(array.reshape(-1, *shape) for array, shape in stacked))


class Session:
    """A model in the reference evaluator."""

    def __init__(self, model: Path, threads: int) -> None:
        loaded = onnx.load(model)
        self._session = ReferenceEvaluator(loaded, new_ops=[Loop])
        self._names = [value.name for value in inputs_of(loaded)]

    def run(self, *inputs: Array) -> Sequence[Array]:
        outputs: list[Array] = self._session.run(None, dict(zip(self._names, inputs, strict=True)))
        return outputs


def versions() -> dict[str, str]:
    return {"onnx": onnx.__version__}
