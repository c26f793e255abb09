"""An exported model put into common form, examined, run by ONNX Runtime and held against its own framework.

Run as a child: a model that takes its runtime down takes no run down.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from harness.children.onnx_flop import flop_per_example
from harness.children.onnx_model import (
    IR_VERSION,
    OWN_DOMAINS,
    Message,
    ModelError,
    first_line,
    messages,
    operators,
    opset_of,
    read_model,
)
from harness.children.serving import Progress, serve
from harness.parity import compared, parity
from harness.plan import Cell, configured
from harness.record import Row, read_arrays, write_whole
from harness.runtime import inputs_of
from impls.spec import Array, NetLesson

OPSETS = range(18, 22)
BATCHES = (1, 7, 256)  # sizes at which the free first dimension is proved
BATCH_RELATIVE, BATCH_ABSOLUTE = 1e-4, 1e-5  # by which outputs may depend on the batch; the latter of the largest
CHUNK = 1000  # test examples at a time
NOTES = {"doc_string", "metadata_props"}


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
        _spell_out(part)
    del model.graph.value_info[:]  # exporters leave stale shapes behind
    model = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    if about is not None:
        onnx.helper.set_model_props(model, about)
    onnx.checker.check_model(model, full_check=True)
    return model


def _strip(part: Message) -> None:
    """Take out what exporters note beside a part of a model: PyTorch's stacks and paths are larger than many a net."""
    for message in messages(part):
        for name in NOTES.intersection(message.DESCRIPTOR.fields_by_name):
            message.ClearField(name)


def _spell_out(part: Message) -> None:
    """Write down the one default of the standard's that runtimes fail to know: ConstantOfShape's, a float32 zero."""
    for node in messages(part):
        if not isinstance(node, onnx.NodeProto) or node.domain not in OWN_DOMAINS:
            continue
        if node.op_type == "ConstantOfShape" and not node.attribute:
            zero = onnx.numpy_helper.from_array(np.zeros(1, np.float32))
            node.attribute.append(onnx.helper.make_attribute("value", zero))


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
        raise ModelError(f"ONNX Runtime does not load the model: {first_line(error)}") from error

    def run(some: Array) -> Array:
        try:
            (y,) = session.run(["y"], {"x": some})
        except Exception as error:  # as above
            raise ModelError(f"ONNX Runtime does not run a batch of {len(some)}: {first_line(error)}") from error
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
    row |= {"initializers": len(model.graph.initializer), "operators": operators(model, path.name)}
    yield row, {}
    folder = Path(request["data"]) if request["data"] else None
    x = compared(lesson.data.load(folder, cell.seed, cell.dtype).x_test)
    found = run_model(model, x, len(request["cpus"]))
    yield row | parity(lesson, found, read_arrays(Path(request["outputs"]))["outputs"]), {}


if __name__ == "__main__":
    serve(check, "onnx")
