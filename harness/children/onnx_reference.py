"""An ONNX file that a lesson's nets are held against: read with care, taken apart and run.

Run as a child: a model that takes its runtime down takes no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

from harness.children.onnx_graph import Graph, inner_of, matched, parameters_of
from harness.children.onnx_parity import CHUNK, IR_VERSION, ModelError, read_model
from harness.children.serving import Progress, serve
from harness.children.trace import INSPECTED
from harness.plan import Cell, configured
from harness.record import Row
from impls.spec import Array, NetLesson, Weights

FLOATS = {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE}


def checked(path: Path) -> onnx.ModelProto:
    """A model of one input and one output, both of floats, that keeps to the standard.

    Raises:
        ModelError: it does not.
    """
    model = read_model(path)
    model.ir_version = min(model.ir_version, IR_VERSION)
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise ModelError(f"{path.name} is not a valid ONNX model: {_first_line(error)}") from error
    initial = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in initial]
    if len(inputs) != 1 or len(model.graph.output) != 1:
        counts = f"{len(inputs)} inputs and {len(model.graph.output)} outputs"
        raise ModelError(f"{path.name} has {counts}, where one of each is expected.")
    if not {value.type.tensor_type.elem_type for value in (inputs[0], model.graph.output[0])} <= FLOATS:
        raise ModelError(f"{path.name} does not take and give float32 or float64, as the lessons' nets do.")
    return model


def axes_for(name: str, dims: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of examples, the batch's before them, in the order that a file wants.

    Args:
        name: of the file, for the sentence.
        dims: that it states for one example, 0 where one is free.
        shape: of one example, canonical.

    Raises:
        ModelError: it takes examples of another shape.
    """
    orders = [tuple(range(len(shape)))]
    if len(shape) == 3:
        orders.append((2, 0, 1))  # channels first
    for order in orders:
        wanted = [shape[axis] for axis in order]
        if len(dims) == len(wanted) and all(d in (0, w) for d, w in zip(dims, wanted, strict=True)):
            return (0, *(axis + 1 for axis in order))
    raise ModelError(
        f"{name} takes examples of shape {dims}, and the lesson's are {shape}; "
        "export it for these, images with channels last or first."
    )


class Model:
    """A checked model, ready to be run on a lesson's examples.

    Args:
        path: of the file, for sentences.
        model: checked.
        shape: of one example, canonical.

    Raises:
        ModelError: the input has another shape, or the runtime refuses the model.
    """

    def __init__(self, path: Path, model: onnx.ModelProto, shape: tuple[int, ...], threads: int) -> None:
        initial = {tensor.name for tensor in model.graph.initializer}
        (value,) = (each for each in model.graph.input if each.name not in initial)
        self._path, self._proto, self._input = path, model, value.name
        self._type = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
        dims = [dim.dim_value for dim in value.type.tensor_type.shape.dim]  # 0 where it is free
        self._at_once = dims[0] if dims else 0
        self._axes = axes_for(path.name, tuple(dims[1:]), shape)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        try:
            self._session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        except Exception as error:  # the runtime's own have no common ancestor below this
            raise ModelError(f"{path.name} cannot be run by ONNX Runtime: {_first_line(error)}") from error

    def outputs(self, x: Array) -> Array:
        """ONNX Runtime's outputs for x (examples, …), canonical.

        Raises:
            ModelError: the runtime fails.
        """
        try:
            parts = [self._session.run(None, {self._input: part})[0] for part in self._batches(x.astype(self._type))]
        except Exception as error:  # as above
            raise ModelError(f"{self._path.name} cannot be run by ONNX Runtime: {_first_line(error)}") from error
        return np.concatenate(parts)[: len(x)]

    def values(self, x: Array, names: Sequence[str]) -> Weights:
        """Values inside the graph for x (float64), computed in float64 by ONNX's reference implementation."""
        evaluator = ReferenceEvaluator(in_float64(self._proto))
        parts = [evaluator.run(None, {self._input: part}, intermediate=True) for part in self._batches(x)]
        return {name: np.concatenate([part[name] for part in parts])[: len(x)] for name in names}

    def _batches(self, x: Array) -> Iterator[Array]:
        """Some examples at a time, as many as a file with a fixed batch takes; its last is filled up."""
        x = x.transpose(self._axes)
        size = self._at_once or CHUNK
        for at in range(0, len(x), size):
            part = x[at : at + size]
            yield np.resize(part, (size, *part.shape[1:])) if self._at_once else part


def in_float64(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy that computes in float64 from the same numbers."""
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    del wide.graph.value_info[:]
    attributes = [each for node in wide.graph.node for each in node.attribute]
    for tensor in (*wide.graph.initializer, *(each.t for each in attributes if each.HasField("t"))):
        if tensor.data_type == onnx.TensorProto.FLOAT:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name))
    for each in attributes:
        if each.name == "to" and each.i == onnx.TensorProto.FLOAT:  # of Cast
            each.i = onnx.TensorProto.DOUBLE
    for value in (*wide.graph.input, *wide.graph.output):
        if value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT:
            value.type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    return wide


def take_apart(request: Row) -> Progress:
    """Read the model of a request (``cell, data, model``): its parameters, its outputs, and what passes its layers.

    Figures: ``refused``, why the file is none to be held against; ``unmatched``, why its weights cannot be taken for
    the lesson's; ``parameters``, their shapes by name; ``single_only``, why there is nothing in float64. Arrays:
    ``parameter/NAME``; ``outputs`` on the test set in float32; of its first examples in float64 ``1/inner/NOTE`` and
    ``1/outputs``, as ``trace.inspect`` names them.
    """
    cell, path = Cell(**request["cell"]), Path(request["model"])
    lesson = configured(cell)
    assert isinstance(lesson, NetLesson)
    folder = Path(request["data"]) if request["data"] else None
    try:
        proto = checked(path)
        model = Model(path, proto, lesson.input_shape, len(request["cpus"]))
        arrays = {"outputs": model.outputs(lesson.data.load(folder, cell.seed, "float32").x_test)}
    except ModelError as error:
        yield {"refused": str(error)}, {}
        return
    graph = Graph(proto)
    if why := _unmatched(lesson, graph, path.name):
        yield {"unmatched": why}, arrays
        return
    uses = matched(lesson, graph.layers())
    parameters = parameters_of(uses)
    arrays |= {f"parameter/{name}": array for name, array in parameters.items()}
    figures = {"parameters": {name: list(array.shape) for name, array in parameters.items()}}
    yield figures, arrays
    x = lesson.data.load(folder, cell.seed, "float64").x_test[:INSPECTED]
    end = proto.graph.output[0].name
    try:
        values = model.values(x, [*(name for _, layer in uses for name in (layer.inputs, layer.outputs)), end])
    except Exception as error:  # of any kind: an operator that it lacks, or that is not for float64
        yield figures | {"single_only": _first_line(error)}, arrays
        return
    arrays |= {f"1/inner/{name}": array for name, array in inner_of(uses, values).items()}
    yield figures, arrays | {"1/outputs": values[end]}


def _unmatched(lesson: NetLesson, graph: Graph, name: str) -> str:
    """Why the weights cannot be taken for the lesson's; nothing if they can."""
    if operator := graph.recurrent():
        return f"{name} has the operator {operator}, and weights of recurrence are not matched to the lesson's"
    others = [p.name for p in lesson.parameters if p.name.rpartition(".")[2] not in ("kernel", "bias")]
    return f"{others[0]} is no kernel or bias, and no other weights are matched to those of a file" if others else ""


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


if __name__ == "__main__":
    serve(take_apart, "file")
