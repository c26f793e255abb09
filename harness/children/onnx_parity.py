"""An exported model put into common form, examined, run by ONNX Runtime and held against its own framework.

Run as a child: a model that takes its runtime down takes no run down.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime

from harness.children.onnx_model import IR_VERSION, ModelError, opset_of, read_model
from harness.children.parity import parity
from harness.children.serving import Progress, serve
from harness.plan import Cell, configured
from harness.record import Row, read_arrays, write_whole
from harness.runtime import inputs_of
from impls.spec import Array, NetLesson

OPSETS = range(18, 22)
BATCHES = (1, 7, 256)  # sizes at which the free first dimension is proved
CHUNK = 1000  # test examples at a time


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
    inputs = inputs_of(model)
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
