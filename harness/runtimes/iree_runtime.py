"""IREE: the graph compiled to the processor's own code, by LLVM, before it is run."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import iree.compiler as compiler
import iree.runtime as runtime
import numpy as np
import onnx
from iree.compiler import ir
from iree.compiler.extras import onnx_importer

from harness.runtime import Runtime
from impls.spec import Array

RUNTIME = Runtime(packages=("iree.compiler", "iree.runtime", "onnx"))


class Session:
    """A model compiled by IREE, on one core for each thread."""

    def __init__(self, model: Path, threads: int) -> None:
        target = ["--iree-llvmcpu-target-cpu=host"]
        code = compiler.compile_str(_as_mlir(onnx.load(model)), target_backends=["llvm-cpu"], extra_args=target)
        runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
        context = runtime.SystemContext(config=runtime.Config("local-task"))
        context.add_vm_module(runtime.VmModule.copy_buffer(context.instance, code))
        (module,) = [bound for name, bound in context.modules.items() if name not in ("hal",)]
        self._module = module

    def run(self, *inputs: Array) -> Sequence[Array]:
        found = self._module.main_graph(*inputs)
        return [np.asarray(output) for output in (found if isinstance(found, list | tuple) else [found])]


def _as_mlir(model: onnx.ModelProto) -> str:
    """The graph in the language that IREE compiles, under the name ``main_graph``."""
    model.graph.name = "main_graph"
    about = onnx_importer.ModelInfo(onnx.shape_inference.infer_shapes(model))
    module = about.create_module(context=ir.Context()).operation
    onnx_importer.NodeImporter.define_function(about.main_graph, module).import_all()
    return str(module.get_asm())


def versions() -> dict[str, str]:
    return {f"iree-base-{part}": version(f"iree-base-{part}") for part in ("compiler", "runtime")}
