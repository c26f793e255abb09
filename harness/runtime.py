"""What can run ONNX models, found by the names of files as learners are: ``runtimes/NAME_runtime.py``.

Such a file states ``RUNTIME = Runtime(...)`` in literals, which are read without importing it, and has a class
``Session`` with the members of ``Session`` below and a function ``versions()``, package and version.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from harness.catalogue import stated
from impls.spec import Array

FOLDER = Path(__file__).parent / "runtimes"
ENDING = "_runtime"
NODE_FOLDER = "LESSONBENCH_NODE"  # an environment variable: the folder in which npm has installed packages


@dataclass(frozen=True)
class Runtime:
    """What the harness must know of a runtime before its process starts.

    Args:
        packages: the modules that must be importable.
        environment: variables of its process; ``{threads}`` stands for the number of threads.
        node_packages: what Node.js must be able to require, if it runs there.
    """

    packages: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    node_packages: tuple[str, ...] = ()


class Session(Protocol):
    """A model that is ready to be run.

    It is made from the model's file and a number of threads. What goes wrong raises any exception.
    """

    def run(self, *inputs: Array) -> Sequence[Array]:
        """The outputs for these inputs, each in the order in which the graph names them."""


@cache
def runtimes() -> dict[str, Runtime]:
    """Every runtime by name, as its file describes it."""
    files = {path.stem.removesuffix(ENDING): path for path in FOLDER.glob(f"*{ENDING}.py")}
    return {name: stated(files[name], "RUNTIME", Runtime, "harness/runtime.py") for name in sorted(files)}


def adapter(name: str) -> Any:
    """A runtime's module."""
    return importlib.import_module(f"harness.runtimes.{name}{ENDING}")


@cache
def absent(name: str) -> str:
    """Why a runtime cannot run here, and what to do, as a sentence without its end; empty if it can."""
    runtime = runtimes()[name]
    if missing := [package for package in runtime.packages if not _importable(package)]:
        return f"not installed: {', '.join(missing)} (pip install 'lessonbench[runtimes]')"
    if not runtime.node_packages:
        return ""
    if (node := shutil.which("node")) is None:
        return "not installed: node (Node.js, see nodejs.org)"
    for package in runtime.node_packages:
        asked = [node, "-e", "require.resolve(process.argv[1])", package]
        if subprocess.run(asked, cwd=node_folder(), capture_output=True, check=False).returncode:
            install = f"npm install --ignore-scripts {package}"
            return f"not installed: {package} ({install} in a folder, and name that in {NODE_FOLDER})"
    return ""


def node_folder() -> Path:
    """Where Node.js begins to look for packages: what ``LESSONBENCH_NODE`` names, or else where the user is."""
    named = Path(os.environ.get(NODE_FOLDER) or ".")
    return named if named.is_dir() else Path()


def inputs_of(model: Any) -> list[Any]:
    """The inputs of an ``onnx.ModelProto``, in its order; up to IR version 3 its weights stand among them."""
    initial = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in initial]


def environment_of(name: str, threads: int) -> dict[str, str]:
    """The variables of a runtime's process."""
    return {key: value.format(threads=threads) for key, value in runtimes()[name].environment.items()}


def _importable(package: str) -> bool:
    """Whether a module is there; a part of a package is looked for only if the package is."""
    whole = package.split(".", 1)[0]
    return all(importlib.util.find_spec(name) is not None for name in dict.fromkeys((whole, package)))
