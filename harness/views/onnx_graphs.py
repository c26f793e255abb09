"""What ONNX files are made of, side by side: operators, weights, sizes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import onnx

from harness.catalogue import UsageError
from harness.children.onnx_parity import ModelError, operators, opset_of, read_model
from harness.views.tables import Grid

FACTS = ("file bytes", "opset", "IR version", "weights", "numbers in them", "operators", "kinds of operator")


def diff_grid(files: Sequence[Path]) -> Grid:
    """A column for each file: figures of the whole, then how often it has each operator.

    Raises:
        UsageError: one is not there, is no ONNX model, or is none that is read (see ``read_model``).
    """
    models = [_read(file) for file in files]
    counts = [Counter(operators(model.graph)) for model in models]
    figures = zip(*(_figures(file, model) for file, model in zip(files, models, strict=True)), strict=True)
    rows = [[fact, *(f"{n:,}" for n in numbers)] for fact, numbers in zip(FACTS, figures, strict=True)]
    rows += [[name, *(str(count[name] or "") for count in counts)] for name in sorted(set().union(*counts))]
    heads = [str(file) for file in files]
    caption = "Operators in loops and branches are counted once, however often they run.\n"
    return Grid(["", *heads], set(heads), set(), rows, caption)


def _read(file: Path) -> onnx.ModelProto:
    try:
        return read_model(file)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}; name an ONNX file.") from error
    except ModelError as error:
        raise UsageError(str(error)) from error


def _figures(file: Path, model: onnx.ModelProto) -> tuple[int, ...]:
    """As many as ``FACTS``."""
    names, weights = list(operators(model.graph)), model.graph.initializer
    numbers = sum(math.prod(tensor.dims) for tensor in weights)
    return file.stat().st_size, opset_of(model), model.ir_version, len(weights), numbers, len(names), len(set(names))
