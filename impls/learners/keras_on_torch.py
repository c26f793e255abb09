"""Keras on PyTorch, eager: PyTorch records the graph of a step, and Keras' optimiser applies its gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import keras
import torch

from impls.learners.torch_passes import export_onnx, train_epoch
from impls.spec import Device, DeviceMissingError, Dtype

INTEGERS = "int64"  # PyTorch wants labels and indices in it


class Backend:
    """PyTorch on a device."""

    def __init__(self, *, mode: str, device: Device, dtype: Dtype) -> None:
        del mode  # there is one
        if device == "gpu" and not torch.cuda.is_available():
            raise DeviceMissingError("PyTorch sees no CUDA device")
        # Intel's processors are slow at numbers below the least normal one, as a sigmoid's may be. Threads take
        # this over when they start, so it is said before Keras has PyTorch compute anything.
        torch.set_flush_denormal(True)
        # TensorFloat-32 keeps ten bits of the mantissa: too few to compare frameworks by.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        self._cuda, self.dtype = device == "gpu", getattr(torch, dtype)

    def prepared(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function as it is."""
        return function

    def uncompiled(self) -> AbstractContextManager[None]:
        """In it, all that is called has values, as it has anywhere."""
        return nullcontext()

    def wait(self) -> None:
        """Return when the device has finished."""
        if self._cuda:
            torch.cuda.synchronize()

    def versions(self) -> dict[str, str]:
        """Of PyTorch."""
        return {"torch": torch.__version__}


class Training:
    """A net's steps and epochs; Keras' variables hold what is learnt."""

    def __init__(
        self, backend: Backend, net: Any, optimizer: Any, variables: Mapping[str, Any], loss: Callable[..., Any]
    ) -> None:
        self._net, self._optimizer, self._loss, self._dtype = net, optimizer, loss, backend.dtype
        for layer in net._flatten_layers():
            if isinstance(layer, keras.layers.RNN):
                # PyTorch calls every step in any case, but Keras' other loop makes a list of a batch's examples, which
                # fixes their number in an export.
                layer.unroll = True
        self._names, self._trained = list(variables), list(variables.values())

    def loss_and_gradients(self, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """The loss, and the gradient of each variable by its name."""
        loss = self._loss(self._net(x, training=True), y)
        values = [variable.value for variable in self._trained]
        gradients = torch.autograd.grad(loss, values, allow_unused=True, materialize_grads=True)
        return loss.detach(), dict(zip(self._names, gradients, strict=True))

    def step(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Train on one batch; returns the loss before."""
        loss, gradients = self.loss_and_gradients(x, y)
        with torch.no_grad():
            self._optimizer.apply(list(gradients.values()), self._trained)
        return loss

    def train_epoch(self, x: torch.Tensor, y: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
        """Train on batches; returns their losses, each before its update."""
        return train_epoch(self.step, x, y, order, self._dtype)

    def predict(self, x: torch.Tensor) -> torch.Tensor:
        """The net's outputs."""
        with torch.inference_mode():
            outputs: torch.Tensor = self._net(x, training=False)
        return outputs

    def export_onnx(self, path: Path, input_shape: Sequence[int]) -> None:
        """Write the net as ONNX."""
        example = torch.zeros((2, *input_shape), dtype=self._dtype, device=self._trained[0].value.device)
        export_onnx(self._net, example, path, (({0: "batch"},),))  # of *args, as a Keras net has them
