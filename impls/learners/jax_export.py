"""What JAX does alike for nets of its own and of Keras': the export."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def export_onnx(net: Callable[[Any], Any], input_shape: Sequence[int], path: Path, *, double: bool) -> None:
    """Write a net as an ONNX file, ``x`` in and ``y`` out.

    Args:
        net: a function of a batch, which holds the weights.
        input_shape: of one example.
        path: of the file.
        double: whether it computes in float64.
    """
    from jax2onnx import to_onnx  # exporting alone needs it

    names = {"input_names": ["x"], "output_names": ["y"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of how jax2onnx reads the parameters of a net
        model = to_onnx(net, [("batch", *input_shape)], opset=18, enable_double_precision=double, **names)
    path.write_bytes(model.SerializeToString())
