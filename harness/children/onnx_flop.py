"""The operations of an exported net's products, counted while ONNX Runtime runs it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime

from harness.record import Row


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
