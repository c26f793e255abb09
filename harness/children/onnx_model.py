"""A model from anybody, read with care: one file of bounded size, whole in itself, with names that can be shown.

Only children read models of others: one may take its reader down, or never let it go.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from harness.runtime import inputs_of

IR_VERSION = 10  # what onnx writes by itself, 13 and later, older runtimes refuse
LARGEST_BYTES = 512 * 2**20
MOST_NODES = 100_000
PROSE = ("doc_string", "value")  # fields of text that name nothing; the second is of metadata
OWN_DOMAINS = ("", "ai.onnx")

Message = Any  # protobuf's, which states no types
Operator = tuple[str, str, str]
"""Domain, name and overload; of an operator or a function."""


class ModelError(ValueError):
    """A file that cannot be taken, in one sentence."""


def readable(path: Path) -> None:
    """Refuse what is no file that may be read: of a pipe or a device, reading does not end.

    Raises:
        ModelError: it is none.
    """
    try:
        regular = path.is_file()
        if regular:
            path.open("rb").close()
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}; name a file that you may read.") from error
    if not regular:
        why = "it is no file" if path.exists() else "there is none"
        raise ModelError(f"cannot read {path}: {why}; name a file that is there.")


def read_model(path: Path) -> onnx.ModelProto:
    """Read a model that is one file of bounded size, as it is.

    Raises:
        ModelError: it is no file, too large, no model, keeps its weights in other files, has functions without end or
            names that cannot be shown.
    """
    readable(path)
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise ModelError(f"{path.name} has {size} bytes; at most {LARGEST_BYTES} are read.")
    try:
        model = onnx.load(path, load_external_data=False)
    except Exception as error:  # protobuf's own exceptions have no common ancestor below this
        raise ModelError(f"{path.name} is not an ONNX model: {error}") from error
    if not model.graph.node:
        raise ModelError(f"{path.name} is not an ONNX model: it has no operators.")
    for message in messages(model):
        if not all(isinstance(name, str) and name.isprintable() for name in _names(message)):
            raise ModelError(f"{path.name} has a name that is no text; export it anew.")
        if isinstance(message, onnx.TensorProto) and (
            message.external_data or message.data_location == onnx.TensorProto.EXTERNAL
        ):
            raise ModelError(f"{path.name} keeps weights in other files; export it as a single file.")
    operators(model, path.name)
    return model


def validate(model: onnx.ModelProto, name: str) -> None:
    """Lower the version of a model's format to one that every runtime reads, and hold the model to the standard.

    Args:
        model: to be changed.
        name: of its file, for the sentence.

    Raises:
        ModelError: it does not keep to it, or a tensor has other sizes than it states.
    """
    for tensor in messages(model):  # the standard's checker looks at sizes only in its newer versions
        if isinstance(tensor, onnx.TensorProto) and not _whole(tensor):
            sizes = list(tensor.dims)
            raise ModelError(f"{name} has not the numbers of {tensor.name!r}, whose sizes are {sizes}; export it anew.")
    model.ir_version = min(model.ir_version, IR_VERSION)
    try:
        onnx.checker.check_model(model)
    except Exception as error:  # ValidationError, and what C++ makes of a nesting that it cannot follow
        raise ModelError(f"{name} is not a valid ONNX model: {first_line(error)}") from error


def messages(root: Message) -> Iterator[Message]:
    """A message of a model, and all messages in it, however deep: graphs, operators, tensors, types."""
    stack = [root]
    while stack:
        message = stack.pop()
        yield message
        for field, value in message.ListFields():
            if field.type == field.TYPE_MESSAGE:
                stack.extend([value] if hasattr(value, "ListFields") else value)


def operators(model: onnx.ModelProto, name: str) -> Counter[str]:
    """How often a model has each operator, once every call of a function is its body; foreign ones with their domain.

    Those in loops and branches are counted once, however often they run.

    Args:
        model: read.
        name: of its file, for the sentence.

    Raises:
        ModelError: there are more than ``MOST_NODES``, or functions that call each other without end. Ones that call
            others twice, and these others, would be many before anybody sees them.
    """
    bodies: dict[Operator, Counter[Operator]] = {}
    for function in model.functions:
        bodies.setdefault(_operator(function, function.name), Counter()).update(_called(function))
    order = TopologicalSorter({key: [call for call in calls if call in bodies] for key, calls in bodies.items()})
    try:
        callers_first = list(order.static_order())[::-1]
    except CycleError as error:
        raise ModelError(f"{name} has functions that call each other without end; export it anew.") from error
    found, opened = _called(model.graph), 0
    for key in callers_first:
        times = min(found.pop(key, 0), MOST_NODES + 1)
        opened += times
        for call, number in bodies[key].items():
            found[call] += times * number
    if max(opened, found.total()) > MOST_NODES:
        raise ModelError(f"{name} has more than {MOST_NODES:,} operators, those in functions counted; fewer are read.")
    names: Counter[str] = Counter()
    for (domain, operator, _), number in found.items():
        names[f"{domain}.{operator}" if domain else operator] += number
    return +names  # without those in functions that nobody calls


def opset_of(model: onnx.ModelProto) -> int:
    """The version of ONNX's own operators that a model uses."""
    return next((entry.version for entry in model.opset_import if entry.domain in OWN_DOMAINS), 0)


def dims_of(value: onnx.ValueInfoProto) -> list[int | str]:
    """The dimensions of an input or output: the size, or a name of one that is free."""
    dims = enumerate(value.type.tensor_type.shape.dim)
    return [
        dim.dim_value if dim.HasField("dim_value") else dim.dim_param or f"{value.name}.{place}" for place, dim in dims
    ]


def kind_of(value: onnx.ValueInfoProto) -> str:
    """What an input or output consists of, in a word."""
    if not value.type.HasField("tensor_type"):
        return f"{value.type.WhichOneof('value') or 'nothing'}".removesuffix("_type")
    number = value.type.tensor_type.elem_type
    if number == onnx.TensorProto.STRING:
        return "strings"
    try:
        return str(np.dtype(onnx.helper.tensor_dtype_to_np_dtype(number)).name)
    except KeyError:
        return f"type {number}"


def described(model: onnx.ModelProto) -> tuple[list[str], list[str]]:
    """A phrase for each input and each output: name, kind, dimensions."""
    first, last = ([f"{v.name} {kind_of(v)} {dims_of(v)}" for v in vs] for vs in (inputs_of(model), model.graph.output))
    return first, last


def first_line(error: Exception) -> str:
    """What an error says, without its stack; its name if it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _names(message: Message) -> Iterator[Any]:
    """The names in a message; bytes where one is no text."""
    for field, value in message.ListFields():
        if field.type == field.TYPE_STRING and field.name not in PROSE:
            yield from [value] if isinstance(value, str | bytes) else value


def _called(message: Message) -> Counter[Operator]:
    """How often an operator, or function, stands in a graph or in another function."""
    nodes = (node for node in messages(message) if isinstance(node, onnx.NodeProto))
    return Counter(_operator(node, node.op_type) for node in nodes)


def _operator(message: Any, name: str) -> Operator:
    return "" if message.domain in OWN_DOMAINS else message.domain, name, message.overload


def _whole(tensor: Any) -> bool:
    """Whether it has as many numbers as its sizes say."""
    size = math.prod(tensor.dims)
    if min(tensor.dims, default=0) < 0:
        return False
    if tensor.data_type == onnx.TensorProto.STRING:
        return bool(len(tensor.string_data) == size)
    try:
        return bool(numpy_helper.to_array(tensor).size == size)
    except Exception:  # KeyError, TypeError, ValueError, by what does not fit
        return False
