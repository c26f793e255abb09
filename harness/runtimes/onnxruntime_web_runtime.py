"""ONNX Runtime's build for browsers, WebAssembly, under Node.js: a process that arrays are sent to through pipes."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from harness.runtime import RefusedError, Runtime, node_folder
from impls.spec import Array

RUNTIME = Runtime(packages=(), node_packages=("onnxruntime-web",))
PROGRAM = Path(__file__).with_name("onnxruntime_web.cjs")


class Session:
    """A model in a Node.js process of its own, which ends with this one."""

    def __init__(self, model: Path, threads: int) -> None:
        words = [shutil.which("node") or "node", str(PROGRAM), str(model.resolve()), str(threads)]
        self._process = subprocess.Popen(words, cwd=node_folder(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._answer()  # that it is ready

    def run(self, *inputs: Array) -> Sequence[Array]:
        about = [{"type": x.dtype.name, "shape": x.shape, "length": x.nbytes} for x in inputs]
        there = self._pipe(self._process.stdin)
        there.write(f"{json.dumps(about)}\n".encode())
        for x in inputs:
            there.write(np.ascontiguousarray(x).data)
        there.flush()
        return [self._array(**each) for each in self._answer()]

    def _array(self, type: str, shape: list[int], length: int) -> Array:  # noqa: A002  # JavaScript's name
        content = self._pipe(self._process.stdout).read(length)
        return np.frombuffer(content, type).reshape(shape) if math.prod(shape) else np.empty(shape, type)

    def _answer(self) -> Any:
        line = self._pipe(self._process.stdout).readline()
        answer = json.loads(line) if line else {"error": "Node.js ended without an answer"}
        if "refused" in answer:
            raise RefusedError(answer["refused"])
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def versions() -> dict[str, str]:
    ask = "console.log(process.versions.node, require('onnxruntime-web').env.versions.web)"
    words = [shutil.which("node") or "node", "-e", ask]
    found = subprocess.run(words, cwd=node_folder(), capture_output=True, text=True, check=True).stdout.split()
    return dict(zip(("node", "onnxruntime-web"), found, strict=True))
