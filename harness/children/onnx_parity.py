"""An exported model put into common form, examined, run by ONNX Runtime and held against its own framework.

Run as a child: a model that takes its runtime down takes no run down.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime

from harness.children.parity import parity
from harness.children.serving import Progress, serve
from harness.plan import Cell, configured
from harness.record import Row, read_arrays, write_whole
from impls.spec import Array, NetLesson

OPSETS = range(18, 22)
IR_VERSION = 10  # what onnx writes by itself, 13 and later, older runtimes refuse
BATCHES = (1, 7, 256)  # sizes at which the free first dimension is proved
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

    Args:
        model: to be changed.
        about: what it shall say of itself, as metadata; what it says is left to it unless given.

    Raises:
        ModelError: the opset, or the number or names of inputs and outputs, are not of that form.
    """
    opset = opset_of(model)
    if opset not in OPSETS:
        raise ModelError(f"opset {opset}, where {OPSETS.start} to {OPSETS.stop - 1} are expected.")
    initial = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in initial]
    names = [value.name for value in inputs], [value.name for value in model.graph.output]
    if names != (["x"], ["y"]):
        raise ModelError(f"inputs and outputs {names[0]} → {names[1]}, where ['x'] → ['y'] is expected.")
    model.ir_version = min(model.ir_version, IR_VERSION)
    for value in (inputs[0], model.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    del model.graph.value_info[:]  # exporters leave stale shapes behind
    model = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    if about is not None:
        onnx.helper.set_model_props(model, about)
    onnx.checker.check_model(model, full_check=True)
    return model


def opset_of(model: onnx.ModelProto) -> int:
    """The version of ONNX's own operators that a model uses."""
    return next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0)


def flop_per_example(model: onnx.ModelProto) -> float:
    """Operations of the products that ONNX Runtime carries out for one example; NaN where it cannot run the model.

    They are counted while it runs, without optimisations: of a loop, neither the shapes inside nor how often it turns
    stand in the graph.
    """
    x = next(value for value in model.graph.input if value.name == "x").type.tensor_type
    one = np.zeros([1, *(dim.dim_value for dim in x.shape.dim[1:])], onnx.helper.tensor_dtype_to_np_dtype(x.elem_type))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.disable_prepacking", "1")  # the shapes of packed weights are not told
    options.enable_profiling = True
    with TemporaryDirectory() as folder:
        options.profile_file_prefix = str(Path(folder) / "profile")
        try:
            session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
            session.run(["y"], {"x": one})
        except Exception:  # the runtime's own have no common ancestor below this; running the model will tell of them
            return math.nan
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    return float(sum(_operations(event["args"]) for event in events if event["name"].endswith("_kernel_time")))


def _operations(kernel: Row) -> int:
    """Of one product (convolution, Gemm, MatMul, a recurrent operator) as the runtime's profile has it, else 0."""
    match kernel["op_name"], _shapes(kernel["input_type_shape"]), _shapes(kernel["output_type_shape"]):
        case "Conv", [_, weight, *_], [result, *_]:
            return 2 * math.prod(result) * math.prod(weight[1:])
        case "Gemm", [left, *_], [(_, columns)]:  # left may be transposed
            return 2 * math.prod(left) * columns
        case "MatMul", [left, *_], [result]:
            return 2 * math.prod(result) * left[-1]
        case "RNN" | "GRU" | "LSTM", [[steps, batch, _], weight, recurrent_weight, *_], _:
            return 2 * steps * batch * (math.prod(weight) + math.prod(recurrent_weight))
    return 0


def _shapes(entries: list[dict[str, list[int]]]) -> list[list[int]]:
    return [next(iter(entry.values()), []) for entry in entries]  # each by the name of its dtype


def run_model(model: onnx.ModelProto, x: Array, threads: int) -> Array:
    """ONNX Runtime's outputs for x, on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    for size in BATCHES:
        (y,) = session.run(["y"], {"x": x[:size]})
        if len(y) != min(size, len(x)):
            raise ModelError(f"a batch of {size} gives {len(y)} outputs: the first dimension is not free.")
    chunks = [session.run(["y"], {"x": x[at : at + CHUNK]})[0] for at in range(0, len(x), CHUNK)]
    return np.concatenate(chunks)


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
    yield row, {}
    folder = Path(request["data"]) if request["data"] else None
    x = lesson.data.load(folder, cell.seed, cell.dtype).x_test
    found = run_model(model, x, len(request["cpus"]))
    yield row | parity(lesson, found, read_arrays(Path(request["outputs"]))["outputs"]), {}


if __name__ == "__main__":
    serve(check, "onnx")
