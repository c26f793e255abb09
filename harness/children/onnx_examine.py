"""A model from anybody, read with care: is it one, what does it take, and what shall it be run on?

Run as a child: a file that takes its reader down, or never lets it go, takes no more.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from harness.catalogue import load_lesson
from harness.children.onnx_parity import IR_VERSION, ModelError, opset_of, read_model
from harness.children.onnx_reference import axes_for
from harness.children.serving import Progress, serve
from harness.record import Row, read_arrays, write_whole
from impls.spec import Array, NetLesson

FREE = 5  # the size that a free dimension gets
MOST_EXAMPLES = 1000  # of a lesson's test set
LARGEST_INPUTS = 2**28  # bytes, of all together
SMALL = 5  # integers are made below it, so that they may be places in a short list


def examine(request: Row) -> Progress:
    """Read ``model``, leave it as ``copy``, and keep the arrays that it is to be run on, in its order, by place.

    These are of the file ``inputs``, or another model's (``like``), or a lesson's (``lesson``, ``data``), or made.
    Figures: ``opset``, ``inputs`` (a phrase for each), ``outputs`` (their names); of a lesson also ``targets``.

    Raises:
        ModelError: the file is no model that can be run, or the inputs are not for it.
    """
    path = Path(request["model"])
    model = _valid(path)
    initial = {tensor.name for tensor in model.graph.initializer}
    values = [value for value in model.graph.input if value.name not in initial]
    signature = {value.name: _type(path, value) for value in values}
    figures: Row = {"opset": opset_of(model), "outputs": [value.name for value in model.graph.output]}
    figures["inputs"] = [f"{name} {dtype.name} {dims}" for name, (dtype, dims) in signature.items()]
    if "inputs" in request:
        arrays = _given(Path(request["inputs"]), signature)
    elif "like" in request:
        arrays = _like(path, Path(request["like"]), signature)
    elif "lesson" in request:
        arrays, figures["targets"] = _of_lesson(path, request, signature)
    else:
        arrays = _made(path, signature)
    copy = Path(request["copy"])
    write_whole(copy, lambda file: file.write(model.SerializeToString()))
    yield figures, {f"{place:03}": array for place, array in enumerate(arrays)}


def _valid(path: Path) -> onnx.ModelProto:
    model = read_model(path)
    model.ir_version = min(model.ir_version, IR_VERSION)
    try:
        onnx.checker.check_model(model)
    except Exception as error:  # ValidationError, and what C++ makes of a nesting that it cannot follow
        words = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelError(f"{path.name} is not a valid ONNX model: {words[0]}") from error
    return model


Signature = Mapping[str, tuple[np.dtype[Any], list[int | str]]]
"""Of each input its dtype, and its dimensions: a number, or the name of one that is free."""


def _type(path: Path, value: onnx.ValueInfoProto) -> tuple[np.dtype[Any], list[int | str]]:
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type"):
        raise ModelError(f"{path.name} takes something else than a tensor for {value.name}, which is not made here.")
    try:
        dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type))
    except KeyError as error:
        raise ModelError(f"{path.name} takes for {value.name} a type that is none of ONNX's.") from error
    if dtype.kind not in "fiub":
        raise ModelError(f"{path.name} takes {dtype} for {value.name}; numbers and bools are run here.")
    names = [dim.dim_param or f"{value.name}.{place}" for place, dim in enumerate(kind.shape.dim)]
    sizes = [dim.dim_value if dim.HasField("dim_value") else 0 for dim in kind.shape.dim]
    if any(size < 0 for size in sizes):
        raise ModelError(f"{path.name} states a negative size for {value.name}.")
    return dtype, [size or name for size, name in zip(sizes, names, strict=True)]


def _made(path: Path, signature: Signature) -> list[Array]:
    """Numbers for each input, the same every time; a free dimension has a few."""
    rng, arrays = np.random.Generator(np.random.PCG64(0)), []
    shapes = {
        name: tuple(FREE if isinstance(dim, str) else dim for dim in dims) for name, (_, dims) in signature.items()
    }
    wanted = sum(math.prod(shape) * signature[name][0].itemsize for name, shape in shapes.items())
    if wanted > LARGEST_INPUTS:
        raise ModelError(f"{path.name} asks for {wanted:,} bytes of inputs; at most {LARGEST_INPUTS:,} are made.")
    for name, shape in shapes.items():
        dtype = signature[name][0]
        below = 2 if dtype.kind == "b" else SMALL
        drawn = rng.standard_normal(shape) if dtype.kind == "f" else rng.integers(below, size=shape)
        arrays.append(np.asarray(drawn).astype(dtype))
    return arrays


def _given(file: Path, signature: Signature) -> list[Array]:
    """The arrays of a .npy file (of a single input) or a .npz file (each by its name)."""
    try:
        size = file.stat().st_size
        if packed := zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                size = sum(member.file_size for member in archive.infolist())
        kept = np.load(file, allow_pickle=False) if size <= LARGEST_INPUTS else None
        found: dict[str, Any] = dict(kept) if packed and kept is not None else {next(iter(signature), ""): kept}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{file} holds no arrays: a .npy or .npz file of NumPy's, without objects, does.") from error
    if kept is None:
        raise ModelError(f"{file} holds {size:,} bytes; at most {LARGEST_INPUTS:,} are taken.")
    if set(found) != set(signature):
        raise ModelError(f"{file} has {_listed(found)}, where the model takes {_listed(signature)}.")
    return [_fitting(file, name, found[name], *signature[name]) for name in signature]


def _like(path: Path, file: Path, signature: Signature) -> list[Array]:
    """The arrays that another model runs on, by their places."""
    arrays = list(read_arrays(file).values())
    if len(arrays) != len(signature):
        raise ModelError(f"{path.name} takes {len(signature)} inputs, where the other model takes {len(arrays)}.")
    pairs = zip(signature, arrays, strict=True)
    return [_fitting(path, name, array, *signature[name]) for name, array in pairs]


def _fitting(file: Path, name: str, array: Array, dtype: np.dtype[Any], dims: Sequence[int | str]) -> Array:
    pairs = zip(dims, array.shape, strict=False)
    if len(dims) != array.ndim or not all(isinstance(dim, str) or dim == size for dim, size in pairs):
        raise ModelError(f"{file.name}: an array of shape {array.shape} for {name}, which takes {dims}.")
    if not np.can_cast(array.dtype, dtype, casting="same_kind"):
        raise ModelError(f"{file.name}: an array of {array.dtype} for {name}, which takes {dtype}.")
    return array.astype(dtype)


def _of_lesson(path: Path, request: Row, signature: Signature) -> tuple[list[Array], list[Any]]:
    """The lesson's first test inputs, laid out as the model takes them, and their targets."""
    lesson = load_lesson(request["lesson"])
    assert isinstance(lesson, NetLesson)
    if len(signature) != 1:
        raise ModelError(f"{path.name} takes {len(signature)} inputs, where a lesson has one.")
    ((dtype, dims),) = signature.values()
    folder = Path(request["data"]) if request["data"] else None
    data = lesson.data.load(folder, lesson.seed, "float32")
    sizes = tuple(0 if isinstance(dim, str) else dim for dim in dims)
    at_once = sizes[0] if sizes and sizes[0] else MOST_EXAMPLES
    examples = data.x_test.transpose(axes_for(path.name, sizes[1:], lesson.input_shape))
    part = np.ascontiguousarray(examples[:at_once])
    return [part.astype(dtype)], data.y_test[:at_once].tolist()


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(names) or "nothing"


if __name__ == "__main__":
    serve(examine)
