"""What an ONNX file is made of: operators, weights, sizes. Nothing in it is run.

Run as a child: a file that takes its reader down, or never lets it go, takes no more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import onnx

from harness.children.onnx_model import described, messages, operators, opset_of, read_model, validate
from harness.children.serving import Progress, serve
from harness.record import Row


def contents(path: Path) -> Row:
    """Figures of a file, once it is known to keep to the standard.

    ``file_bytes``, ``opset``, ``ir_version``, ``functions``; ``inputs`` and ``outputs``, a phrase for each;
    ``producer`` and ``metadata``; ``initializers`` of all graphs and ``constants``, the tensors that operators hold,
    with the ``…_numbers`` in them; ``operators``, how often each is there (see ``onnx_model.operators``).

    Raises:
        ModelError: it is no model that is read (see ``read_model`` and ``validate``).
    """
    model = read_model(path)
    inputs, outputs = described(model)
    row: Row = {"file_bytes": path.stat().st_size, "opset": opset_of(model), "ir_version": model.ir_version}
    row |= {"functions": len(model.functions), "inputs": inputs, "outputs": outputs}
    row["producer"] = f"{model.producer_name} {model.producer_version}".strip()
    row["metadata"] = [f"{entry.key}: {entry.value}" for entry in model.metadata_props]
    validate(model, path.name)
    for name, found in (("initializers", list(_initializers(model))), ("constants", list(_constants(model)))):
        row |= {name: len(found), f"{name}_numbers": sum(math.prod(tensor.dims) for tensor in found)}
    return row | {"operators": dict(sorted(operators(model, path.name).items()))}


def _initializers(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Those of all graphs; of a sparse one the numbers that it holds."""
    for graph in messages(model):
        if isinstance(graph, onnx.GraphProto):
            yield from (*graph.initializer, *(sparse.values for sparse in graph.sparse_initializer))


def _constants(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    for held in messages(model):
        if isinstance(held, onnx.AttributeProto):
            sparse = [*([held.sparse_tensor] if held.HasField("sparse_tensor") else []), *held.sparse_tensors]
            yield from (*([held.t] if held.HasField("t") else []), *held.tensors, *(each.values for each in sparse))


def take_stock(request: Row) -> Progress:
    """The figures of a request's ``model``."""
    yield contents(Path(request["model"])), {}


if __name__ == "__main__":
    serve(take_stock)
