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
from harness.children.onnx_model import ModelError, dims_of, first_line, messages, read_model, validate
from harness.children.onnx_parity import CHUNK
from harness.children.serving import Progress, serve
from harness.children.trace import INSPECTED
from harness.plan import Cell, configured
from harness.record import Row
from harness.runtime import inputs_of
from impls.spec import Array, NetLesson, Weights

FLOATS = {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE}


def checked(path: Path) -> onnx.ModelProto:
    """A model of one input and one output, both of floats, that keeps to the standard.

    Raises:
        ModelError: it does not.
    """
    model = read_model(path)
    validate(model, path.name)
    inputs = inputs_of(model)
    if len(inputs) != 1 or len(model.graph.output) != 1:
        counts = f"{len(inputs)} inputs and {len(model.graph.output)} outputs"
        raise ModelError(f"{path.name} has {counts}, where one of each is expected.")
    if not {value.type.tensor_type.elem_type for value in (inputs[0], model.graph.output[0])} <= FLOATS:
        raise ModelError(f"{path.name} does not take and give float32 or float64, as the lessons' nets do.")
    return model


def axes_for(name: str, dims: Sequence[int | str], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of examples, the batch's before them, in the order that a file wants.

    Args:
        name: of the file, for the sentence.
        dims: that it states for one example, a name where one is free.
        shape: of one example, canonical.

    Raises:
        ModelError: it takes examples of another shape.
    """
    orders = [tuple(range(len(shape)))]
    if len(shape) == 3:
        orders.append((2, 0, 1))  # channels first
    for order in orders:
        wanted = [shape[axis] for axis in order]
        if len(dims) == len(wanted) and all(isinstance(d, str) or d == w for d, w in zip(dims, wanted, strict=True)):
            return (0, *(axis + 1 for axis in order))
    raise ModelError(
        f"{name} takes examples of shape {tuple(dims)}, and the lesson's are {shape}; "
        "export it for these, images with channels last or first."
    )


def at_once(name: str, dims: Sequence[int | str]) -> int:
    """How many examples a file takes at a time, by its input's dimensions; 0 if it takes any number.

    Raises:
        ModelError: it takes none.
    """
    if not dims or isinstance(dims[0], str):
        return 0
    if dims[0] < 1:
        raise ModelError(f"{name} takes {dims[0]} examples at a time; export it with a free batch.")
    return dims[0]


def filled(x: Array, size: int) -> Array:
    """Examples, and the first of them again until there are whole batches of a size; x itself where that is 0."""
    return np.resize(x, (-(-len(x) // size) * size, *x.shape[1:])) if size else x


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
        (value,) = inputs_of(model)
        self._path, self._proto, self._input = path, model, value.name
        self._type = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
        dims = dims_of(value)
        self._at_once = at_once(path.name, dims)
        self._axes = axes_for(path.name, dims[1:], shape)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        try:
            self._session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        except Exception as error:  # the runtime's own have no common ancestor below this
            raise ModelError(f"{path.name} cannot be run by ONNX Runtime: {first_line(error)}") from error

    def outputs(self, x: Array) -> Array:
        """ONNX Runtime's outputs for x (examples, …), canonical.

        Raises:
            ModelError: the runtime fails.
        """
        try:
            parts = [self._session.run(None, {self._input: part})[0] for part in self._batches(x.astype(self._type))]
        except Exception as error:  # as above
            raise ModelError(f"{self._path.name} cannot be run by ONNX Runtime: {first_line(error)}") from error
        return np.concatenate(parts)[: len(x)]

    def values(self, x: Array, names: Sequence[str]) -> Weights:
        """Values inside the graph for x (float64), computed in float64 by ONNX's reference implementation."""
        evaluator = ReferenceEvaluator(in_float64(self._proto))
        parts = [evaluator.run(None, {self._input: part}, intermediate=True) for part in self._batches(x)]
        return {name: np.concatenate([part[name] for part in parts])[: len(x)] for name in names}

    def _batches(self, x: Array) -> Iterator[Array]:
        """Some examples at a time, as many as a file with a fixed batch takes; its last is filled up."""
        x, size = filled(x.transpose(self._axes), self._at_once), self._at_once or CHUNK
        yield from (x[at : at + size] for at in range(0, len(x), size))


def in_float64(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy that computes in float64 from the same numbers, in functions, loops and branches too."""
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    single, double = onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE
    for message in messages(wide):
        match message:
            case onnx.GraphProto() | onnx.FunctionProto():
                del message.value_info[:]
            case onnx.TensorProto() if message.data_type == single:
                message.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(message).astype(float), message.name))
            case onnx.TypeProto.Tensor() if message.elem_type == single:
                message.elem_type = double
            case onnx.AttributeProto(name="to", i=number) if number == single:  # of Cast
                message.i = double
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
        yield figures | {"single_only": first_line(error)}, arrays
        return
    arrays |= {f"1/inner/{name}": array for name, array in inner_of(uses, values).items()}
    yield figures, arrays | {"1/outputs": values[end]}


def _unmatched(lesson: NetLesson, graph: Graph, name: str) -> str:
    """Why the weights cannot be taken for the lesson's; nothing if they can."""
    if operator := graph.recurrent():
        return f"{name} has the operator {operator}, and weights of recurrence are not matched to the lesson's"
    others = [p.name for p in lesson.parameters if p.name.rpartition(".")[2] not in ("kernel", "bias")]
    return f"{others[0]} is no kernel or bias, and no other weights are matched to those of a file" if others else ""


if __name__ == "__main__":
    serve(take_apart, "file")
