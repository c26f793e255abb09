"""IREE: the graph compiled to the processor's own code, by LLVM, for each shape of its inputs.

With every dimension known it compiles what it refuses with a free one, such as recurrence.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import iree.compiler as compiler
import iree.runtime as runtime
import numpy as np
import onnx
from iree.compiler import ir
from iree.compiler.extras import onnx_importer

from harness.runtime import Runtime, fixed
from impls.spec import Array

RUNTIME = Runtime(packages=("iree.compiler", "iree.runtime", "onnx"))
HOW = ("--iree-llvmcpu-target-cpu=host", "--iree-input-demote-f64-to-f32=false")


class Session:
    """A model compiled by IREE, anew for each shape that its inputs take, on one core for each thread."""

    def __init__(self, model: Path, threads: int) -> None:
        self._model = onnx.load(model)
        self._compiled: dict[tuple[Any, ...], Any] = {}
        runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
        self._config = runtime.Config("local-task")

    def run(self, *inputs: Array) -> Sequence[Array]:
        shapes = tuple(array.shape for array in inputs)
        if shapes not in self._compiled:
            self._compiled[shapes] = self._compile(shapes)
        found = self._compiled[shapes].main_graph(*inputs)
        return [np.asarray(output) for output in (found if isinstance(found, list | tuple) else [found])]

    def _compile(self, shapes: Sequence[tuple[int, ...]]) -> Any:
        mlir = _as_mlir(fixed(self._model, shapes))
        code = compiler.compile_str(mlir, target_backends=["llvm-cpu"], extra_args=HOW)
        context = runtime.SystemContext(config=self._config)
        context.add_vm_module(runtime.VmModule.copy_buffer(context.instance, code))
        (module,) = [bound for name, bound in context.modules.items() if name not in ("hal",)]
        return module


def _as_mlir(model: onnx.ModelProto) -> str:
    """The graph in the language that IREE compiles, under the name ``main_graph``."""
    model.graph.name = "main_graph"
    about = onnx_importer.ModelInfo(onnx.shape_inference.infer_shapes(model))
    module = about.create_module(context=ir.Context()).operation
    onnx_importer.NodeImporter.define_function(about.main_graph, module).import_all()
    return str(module.get_asm())


def versions() -> dict[str, str]:
    return {f"iree-base-{part}": version(f"iree-base-{part}") for part in ("compiler", "runtime")}
