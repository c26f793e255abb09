"""tract, written in Rust. It takes a model with every dimension fixed, so each shape of the inputs has its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
import onnx
import tract

from harness.runtime import Runtime, fixed
from impls.spec import Array

RUNTIME = Runtime(packages=("tract", "onnx"))


class Session:
    """A model in tract, prepared anew for each shape that its inputs take. It runs on one thread."""

    def __init__(self, model: Path, threads: int) -> None:
        self._model = onnx.load(model)
        self._prepared: dict[tuple[Any, ...], Any] = {}

    def run(self, *inputs: Array) -> Sequence[Array]:
        shapes = tuple(array.shape for array in inputs)
        if shapes not in self._prepared:
            self._prepared[shapes] = self._prepare(shapes)
        return [output.to_numpy() for output in self._prepared[shapes].run([np.ascontiguousarray(x) for x in inputs])]

    def _prepare(self, shapes: Sequence[tuple[int, ...]]) -> Any:
        with NamedTemporaryFile(suffix=".onnx") as file:
            file.write(fixed(self._model, shapes).SerializeToString())
            file.flush()
            return tract.onnx().load(file.name).into_model().into_runnable()


def versions() -> dict[str, str]:
    return {"tract": tract.version()}
