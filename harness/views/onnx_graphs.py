"""What ONNX files are made of, side by side: operators, weights, sizes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import onnx

from harness.catalogue import UsageError
from harness.children.onnx_parity import ModelError, opset_of, read_model
from harness.record import Row
from harness.views.tables import Grid

FACTS = ("file bytes", "opset", "IR version", "weights", "numbers in them", "operators", "kinds of operator")


def diff_grid(files: Sequence[Path]) -> Grid:
    """A column for each file: figures of the whole, then how often it has each operator.

    Raises:
        UsageError: one is not there, is no ONNX model, or is none that is read (see ``read_model``).
    """
    models = [_read(file) for file in files]
    counts = [Counter(_operators(model.graph)) for model in models]
    figures = zip(*(_figures(file, model) for file, model in zip(files, models, strict=True)), strict=True)
    rows = [[fact, *(f"{n:,}" for n in numbers)] for fact, numbers in zip(FACTS, figures, strict=True)]
    rows += [[name, *(str(count[name] or "") for count in counts)] for name in sorted(set().union(*counts))]
    heads = [str(file) for file in files]
    caption = "Operators in loops and branches are counted once, however often they run.\n"
    return Grid(["", *heads], set(heads), set(), rows, caption)


def _read(file: Path) -> onnx.ModelProto:
    try:
        return read_model(file)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}; name an ONNX file.") from error
    except ModelError as error:
        raise UsageError(str(error)) from error


def _figures(file: Path, model: onnx.ModelProto) -> tuple[int, ...]:
    """As many as ``FACTS``."""
    names, weights = list(_operators(model.graph)), model.graph.initializer
    numbers = sum(math.prod(tensor.dims) for tensor in weights)
    return file.stat().st_size, opset_of(model), model.ir_version, len(weights), numbers, len(names), len(set(names))


def _operators(graph: onnx.GraphProto) -> Iterator[str]:
    """The names of a graph's operators, and of those in the graphs that it holds; foreign ones with their domain."""
    for node in graph.node:
        yield node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _operators(inner)


def graph_rows(file: Path) -> Iterator[Row]:
    """A row for each operator of a file: how often it stands there, and figures of the whole.

    Raises:
        UsageError: as ``diff_grid``.
    """
    model = _read(file)
    facts = {"opset": opset_of(model), "file_bytes": file.stat().st_size, "initializers": len(model.graph.initializer)}
    for name, count in sorted(Counter(_operators(model.graph)).items()):
        yield facts | {"operator": name, "count": count}
