"""What PyTorch does alike for nets of its own and of Keras': an epoch of steps, and the export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

Step = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def train_epoch(step: Step, x: torch.Tensor, y: torch.Tensor, order: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Take a step on each batch; returns their losses, (steps,), in this dtype.

    Args:
        step: trains on a batch and returns its loss, without a graph.
        x: all examples, (n, *input shape).
        y: their targets, (n, ...).
        order: indices of the batches' examples, (steps, batch).
        dtype: of the losses.
    """
    # One array for them all: small ones that outlive their step would leave the heap in pieces, gigabytes of it.
    losses = torch.empty(len(order), dtype=dtype, device=order.device)
    for i, rows in enumerate(order):
        losses[i] = step(x.index_select(0, rows), y.index_select(0, rows))
    return losses


def export_onnx(net: torch.nn.Module, example: torch.Tensor, path: Path, dynamic_shapes: Any) -> None:
    """Write a net as a single ONNX file, ``x`` in and ``y`` out.

    Args:
        net: whose weights these are.
        example: of a batch, two at least, since one would fix the size.
        path: of the file.
        dynamic_shapes: of the arguments of the net's forward pass, as ``torch.export`` takes them.
    """
    program = torch.onnx.export(
        net.eval(),
        (example,),
        dynamo=True,
        opset_version=18,
        input_names=["x"],
        output_names=["y"],
        dynamic_shapes=dynamic_shapes,
        verbose=False,
    )
    program.save(path, external_data=False)
