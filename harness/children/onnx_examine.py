"""A model from anybody, read with care: is it one, what does it take, and what shall it be run on?

Run as a child: a file that takes its reader down, or never lets it go, takes no more.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from harness.children.onnx_model import (
    ModelError,
    dims_of,
    kind_of,
    opset_of,
    read_model,
    readable,
    validate,
)
from harness.children.onnx_reference import at_once, axes_for, filled, in_float64
from harness.children.serving import Progress, serve
from harness.plan import Cell, configured
from harness.record import Row, read_arrays, write_arrays, write_whole
from harness.runtime import inputs_of
from impls.spec import Array, Dataset, NetLesson

FREE = 5  # the size that a free dimension gets
MOST_EXAMPLES = 1000  # of a lesson's test set
LARGEST_INPUTS = 2**28  # bytes, of all together
SMALL = 5  # integers are made below it, so that they may be places in a short list

Signature = Mapping[str, tuple[np.dtype[Any], list[int | str]]]
"""Of each input, or output, its dtype, and its dimensions: a number, or the name of one that is free."""


def examine(request: Row) -> Progress:
    """Read ``model``, leave it as ``copy``, and keep the arrays that it is to be run on, in its order, by place.

    These are of the file ``inputs``, or another model's (``like``), or a lesson's (``cell``, ``data``), or made. Where
    a file ``wide`` is named, the model that computes in float64 is left there, and beside it the arrays for that.

    Figures: ``opset``, ``ir_version``, ``inputs`` (a phrase for each), ``outputs`` (their names); of a lesson also
    ``examples`` of ``test_examples``, how many are to be given to the model ``at_once`` (0: any number), their
    ``targets``, and ``answers``, the shape of a lesson's outputs for one.

    Raises:
        ModelError: the file is no model that can be run, or the inputs are not for it.
    """
    path = Path(request["model"])
    model = read_model(path)
    figures: Row = {"opset": opset_of(model), "ir_version": model.ir_version}
    validate(model, path.name)
    signature = _signature(path, "takes", inputs_of(model))
    outputs = _signature(path, "gives", model.graph.output)
    figures["inputs"] = [f"{name} {dtype.name} {dims}" for name, (dtype, dims) in signature.items()]
    figures["outputs"] = list(outputs)
    if "inputs" in request:
        arrays = _given(Path(request["inputs"]), signature)
    elif "like" in request:
        arrays = _like(path, Path(request["like"]), signature)
    elif "cell" in request:
        arrays, found = _of_lesson(path, request, signature, outputs)
        figures |= found
    else:
        arrays = _made(path, signature)
    _write(Path(request["copy"]), model)
    if wide := request.get("wide"):
        _write(Path(wide), in_float64(model))
        doubled = [array.astype(np.float64) if array.dtype == np.float32 else array for array in arrays]
        write_arrays(Path(wide).with_suffix(".npz"), _numbered(doubled))
    yield figures, _numbered(arrays)


def _write(path: Path, model: onnx.ModelProto) -> None:
    write_whole(path, lambda file: file.write(model.SerializeToString()))


def _numbered(arrays: Sequence[Array]) -> dict[str, Array]:
    return {f"{place:03}": array for place, array in enumerate(arrays)}


def _signature(path: Path, verb: str, values: Sequence[onnx.ValueInfoProto]) -> Signature:
    """What a model takes, or gives; the verb is for the sentence."""
    if not values:
        raise ModelError(f"{path.name} {verb} nothing, so that there is nothing to run and compare.")
    for value in values:
        if any(isinstance(size, int) and size < 0 for size in dims_of(value)):
            raise ModelError(f"{path.name} states a negative size for {value.name}.")
    return {value.name: (_dtype(path, verb, value), dims_of(value)) for value in values}


def _dtype(path: Path, verb: str, value: onnx.ValueInfoProto) -> np.dtype[Any]:
    if value.type.HasField("tensor_type"):
        try:
            dtype: np.dtype[Any] = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type))
        except KeyError as error:
            raise ModelError(f"{path.name} {verb} for {value.name} a type that is none of ONNX's.") from error
        if dtype.kind in "fiub" and dtype.isbuiltin == 1:  # others are of a package that not all runtimes know
            return dtype
    kind = f"{kind_of(value)} for {value.name}"
    raise ModelError(
        f"{path.name} {verb} {kind}; run and compared here are bools, integers of 8 to 64 bits, and floats of 16 to 64."
    )


def _made(path: Path, signature: Signature) -> list[Array]:
    """Numbers for each input, the same every time; a free dimension has a few."""
    rng, arrays = np.random.Generator(np.random.PCG64(0)), []
    shapes = {
        name: tuple(FREE if isinstance(dim, str) else dim for dim in dims) for name, (_, dims) in signature.items()
    }
    _bounded(path, sum(math.prod(shape) * signature[name][0].itemsize for name, shape in shapes.items()))
    for name, shape in shapes.items():
        dtype = signature[name][0]
        below = 2 if dtype.kind == "b" else SMALL
        drawn = rng.standard_normal(shape) if dtype.kind == "f" else rng.integers(below, size=shape)
        arrays.append(np.asarray(drawn).astype(dtype))
    return arrays


def _bounded(path: Path, size: int) -> None:
    if size > LARGEST_INPUTS:
        raise ModelError(f"{path.name} asks for {size:,} bytes of inputs; at most {LARGEST_INPUTS:,} are made.")


def _given(file: Path, signature: Signature) -> list[Array]:
    """The arrays of a .npy file (of a single input) or a .npz file (each by its name)."""
    readable(file)
    try:
        size = file.stat().st_size
        if packed := zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                size = sum(member.file_size for member in archive.infolist())
        kept = np.load(file, allow_pickle=False) if size <= LARGEST_INPUTS else None
        found: dict[str, Any] = dict(kept) if packed and kept is not None else {next(iter(signature)): kept}
    except Exception as error:  # of a dozen kinds: what is damaged, locked, packed in a way unknown, or beyond memory
        raise ModelError(_no_arrays(file)) from error
    if kept is None:
        raise ModelError(f"{file} holds {size:,} bytes; at most {LARGEST_INPUTS:,} are taken.")
    if not all(isinstance(array, np.ndarray) for array in found.values()):
        raise ModelError(_no_arrays(file))
    if not packed and len(signature) > 1:
        raise ModelError(f"{file} is one array, where the model takes {_listed(signature)}; name them in a .npz file.")
    if set(found) != set(signature):
        raise ModelError(f"{file} has {_listed(found) or 'nothing'}, where the model takes {_listed(signature)}.")
    return [_fitting(file, name, found[name], *signature[name]) for name in signature]


def _no_arrays(file: Path) -> str:
    return f"{file} holds no arrays, or damaged ones: a .npy or .npz file of NumPy's, without objects, does."


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


def _of_lesson(path: Path, request: Row, signature: Signature, outputs: Signature) -> tuple[list[Array], Row]:
    """The lesson's first test inputs, laid out as the model takes them, in whole batches; and figures of them."""
    cell = Cell(**request["cell"])
    lesson = configured(cell)
    assert isinstance(lesson, NetLesson)
    if len(signature) != 1:
        raise ModelError(f"{path.name} takes {len(signature)} inputs, where a lesson has one.")
    ((name, (dtype, dims)),) = signature.items()
    folder = Path(request["data"]) if request["data"] else None
    data = lesson.data.load(folder, cell.seed, cell.dtype)
    axes, size, total = axes_for(path.name, dims[1:], lesson.input_shape), at_once(path.name, dims), len(data.x_test)
    if not np.can_cast(data.x_test.dtype, dtype, casting="same_kind"):
        raise ModelError(f"{path.name} takes {dtype} for {name}, and the lesson's examples are {data.x_test.dtype}.")
    examples = min(total, MOST_EXAMPLES)
    _bounded(path, max(size, examples) * math.prod(lesson.input_shape) * dtype.itemsize)
    targets, shape = data.y_test[:examples], _answers(lesson, data)
    _answering(path, outputs, shape)
    x = filled(data.x_test[:examples].transpose(axes), size)
    row: Row = {"examples": examples, "test_examples": total, "at_once": size}
    row |= {"targets": targets.tolist(), "answers": shape}
    return [np.ascontiguousarray(x).astype(dtype)], row


def _answers(lesson: NetLesson, data: Dataset) -> tuple[int, ...]:
    """The shape of a lesson's outputs for one example; of classes there are as many as the last layer gives."""
    one = data.y_test.shape[1:]
    return one if data.y_test.dtype.kind == "f" else (*one, lesson.parameters[-1].shape[-1])


def _answering(path: Path, outputs: Signature, shape: tuple[int, ...]) -> None:
    """Refuse a single output that states other sizes than the lesson's answers; one of several may be anything."""
    for name, (_, dims) in outputs.items():
        pairs = zip(dims[1:], shape, strict=False)
        fits = len(dims) == 1 + len(shape) and all(isinstance(dim, str) or dim == size for dim, size in pairs)
        if len(outputs) == 1 and dims and not fits:
            raise ModelError(f"{path.name} gives {name} {dims}, where the lesson's answers to an example are {shape}.")


def _listed(names: Collection[str]) -> str:
    return ", ".join(names)


if __name__ == "__main__":
    serve(examine)
