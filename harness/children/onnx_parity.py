"""An exported model put into common form, examined, run by ONNX Runtime and held against its own framework.

Run as a child: a model that takes its runtime down takes no run down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from harness.children.onnx_flop import flop_per_example
from harness.children.serving import Progress, serve
from harness.parity import compared, parity
from harness.plan import Cell, configured
from harness.record import Row, read_arrays, write_whole
from harness.runtime import inputs_of
from impls.spec import Array, NetLesson

OPSETS = range(18, 22)
IR_VERSION = 10  # what onnx writes by itself, 13 and later, older runtimes refuse
BATCHES = (1, 7, 256)  # sizes at which the free first dimension is proved
BATCH_RELATIVE, BATCH_ABSOLUTE = 1e-4, 1e-5  # by which outputs may hang on the batch; the latter of the largest
CHUNK = 1000  # test examples at a time
LARGEST_BYTES = 512 * 2**20
MOST_NODES = 100_000


class ModelError(ValueError):
    """A model that is not of the common form, in one sentence."""


def read_model(path: Path) -> onnx.ModelProto:
    """Read a model that is one file of bounded size.

    Raises:
        ModelError: it is too large, is no model, or keeps its weights in other files.
    """
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise ModelError(f"{path.name} has {size} bytes; at most {LARGEST_BYTES} are read.")
    try:
        model = onnx.load(path, load_external_data=False)
    except Exception as error:  # protobuf's own exceptions have no common ancestor below this
        raise ModelError(f"{path.name} is not an ONNX model: {error}") from error
    if not model.graph.node:
        raise ModelError(f"{path.name} is not an ONNX model: it has no operators.")
    if (nodes := _expanded(model)) > MOST_NODES:
        raise ModelError(
            f"{path.name} has {nodes:,} operators, those in functions counted; at most {MOST_NODES:,} are read."
        )
    if any(tensor.external_data or tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in _tensors(model)):
        raise ModelError(f"{path.name} keeps weights in other files; export it as a single file.")
    return model


def _graphs(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.GraphProto]:
    """The graphs that operators hold (of a loop), and those in them."""
    for attribute in (each for node in nodes for each in node.attribute):
        for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
            yield inner
            yield from _graphs(inner.node)


def _tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """All that a model holds, wherever."""
    trainings = [graph for info in model.training_info for graph in (info.initialization, info.algorithm)]
    bodies = [list(function.node) for function in model.functions]
    graphs = [model.graph, *trainings]
    graphs += [inner for nodes in (*(graph.node for graph in graphs), *bodies) for inner in _graphs(nodes)]
    for graph in graphs:
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
    for attribute in (
        each for nodes in (*(g.node for g in graphs), *bodies) for node in nodes for each in node.attribute
    ):
        yield from (attribute.t, *attribute.tensors)
        for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
            yield from (sparse.values, sparse.indices)


def _expanded(model: onnx.ModelProto) -> int:
    """How many operators there are once each call of a function is its body; more than ``MOST_NODES`` if it is endless.

    Functions that call others twice, and these others, would be many before anybody sees them.
    """
    bodies = {(function.domain, function.name): function.node for function in model.functions}
    sizes: dict[tuple[str, str], int] = dict.fromkeys(bodies, MOST_NODES + 1)  # one that calls itself stays so

    def size(nodes: Iterable[onnx.NodeProto]) -> int:
        every = [*nodes, *(node for graph in _graphs(nodes) for node in graph.node)]
        return sum(sizes.get((node.domain, node.op_type), 1) for node in every)

    for _ in bodies:  # each turn settles those that call settled ones
        before, sizes = sizes, {name: min(size(list(nodes)), MOST_NODES + 1) for name, nodes in bodies.items()}
        if sizes == before:
            break
    return size(list(model.graph.node))


def common_form(model: onnx.ModelProto, about: dict[str, str] | None = None) -> onnx.ModelProto:
    """The same model as every runtime reads it: shapes inferred anew, input ``x``, output ``y``, dimension ``batch``.

    Nothing of where and by what code it was exported stays in it but what ``about`` says.

    Args:
        model: to be changed.
        about: what it shall say of itself, as metadata; what it says is left to it unless given.

    Raises:
        ModelError: the opset, or the number or names of inputs and outputs, are not of that form.
    """
    opset = opset_of(model)
    if opset not in OPSETS:
        raise ModelError(f"opset {opset}, where {OPSETS.start} to {OPSETS.stop - 1} are expected.")
    inputs = inputs_of(model)
    names = [value.name for value in inputs], [value.name for value in model.graph.output]
    if names != (["x"], ["y"]):
        raise ModelError(f"inputs and outputs {names[0]} → {names[1]}, where ['x'] → ['y'] is expected.")
    model.ir_version = min(model.ir_version, IR_VERSION)
    for value in (inputs[0], model.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    model.ClearField("doc_string")
    for part in (model.graph, *model.functions):
        _strip(part)
        _spell_out(part.node)
    del model.graph.value_info[:]  # exporters leave stale shapes behind
    model = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    if about is not None:
        onnx.helper.set_model_props(model, about)
    onnx.checker.check_model(model, full_check=True)
    return model


def _strip(message: Any) -> None:
    """Take out what exporters note beside a part of a model: PyTorch's stacks and paths are larger than many a net."""
    for field, value in message.ListFields():
        if field.name in ("doc_string", "metadata_props"):
            message.ClearField(field.name)
        elif field.message_type is not None:
            for inner in [value] if hasattr(value, "ListFields") else value:
                _strip(inner)


def _spell_out(nodes: Iterable[onnx.NodeProto]) -> None:
    """Write down the one default of the standard's that runtimes fail to know: ConstantOfShape's, a float32 zero."""
    every = [*nodes]
    for node in (*every, *(inner for graph in _graphs(every) for inner in graph.node)):
        if node.op_type == "ConstantOfShape" and node.domain in ("", "ai.onnx") and not node.attribute:
            zero = onnx.numpy_helper.from_array(np.zeros(1, np.float32))
            node.attribute.append(onnx.helper.make_attribute("value", zero))


def operators(graph: onnx.GraphProto) -> Iterator[str]:
    """The names of a graph's operators, and of those in the graphs that it holds; foreign ones with their domain."""
    for node in (*graph.node, *(node for inner in _graphs(graph.node) for node in inner.node)):
        yield node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"


def opset_of(model: onnx.ModelProto) -> int:
    """The version of ONNX's own operators that a model uses."""
    return next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0)


def run_model(model: onnx.ModelProto, x: Array, threads: int) -> Array:
    """ONNX Runtime's outputs for x, on the CPU.

    Raises:
        ModelError: it refuses the model, or an example's outputs hang on the others of its batch or on their number.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own have no common ancestor below this
        raise ModelError(f"ONNX Runtime does not load the model: {_first_line(error)}") from error

    def run(some: Array) -> Array:
        try:
            (y,) = session.run(["y"], {"x": some})
        except Exception as error:  # as above
            raise ModelError(f"ONNX Runtime does not run a batch of {len(some)}: {_first_line(error)}") from error
        if y.ndim == 0 or len(y) != len(some):
            raise ModelError(f"a batch of {len(some)} gives outputs of {y.shape}: the first dimension is not free.")
        return np.asarray(y)

    whole = np.concatenate([run(x[at : at + CHUNK]) for at in range(0, len(x), CHUNK)])
    nothing = BATCH_ABSOLUTE * float(np.abs(whole).max(initial=0))
    for size in BATCHES:
        rows = np.arange(size) % len(x)
        if not np.allclose(run(x[rows]), whole[rows], rtol=BATCH_RELATIVE, atol=nothing, equal_nan=True):
            raise ModelError(f"a batch of {size} gives other outputs than the same examples among {len(x)}.")
    return whole


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def check(request: Row) -> Progress:
    """Examine and run the model of a request (``cell, data, model, outputs, about``), and leave it in common form."""
    cell = Cell(**request["cell"])
    lesson = configured(cell)
    assert isinstance(lesson, NetLesson)
    path = Path(request["model"])
    model = common_form(read_model(path), request["about"])
    write_whole(path, lambda file: file.write(model.SerializeToString()))
    row: Row = {"version": f"onnxruntime {onnxruntime.__version__}", "opset": opset_of(model)}
    row |= {"file_bytes": path.stat().st_size, "flop_per_example": flop_per_example(model)}
    row |= {"initializers": len(model.graph.initializer), "operators": Counter(operators(model.graph))}
    yield row, {}
    folder = Path(request["data"]) if request["data"] else None
    x = compared(lesson.data.load(folder, cell.seed, cell.dtype).x_test)
    found = run_model(model, x, len(request["cpus"]))
    yield row | parity(lesson, found, read_arrays(Path(request["outputs"]))["outputs"]), {}


if __name__ == "__main__":
    serve(check, "onnx")
