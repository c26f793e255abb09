"""PyTorch: eager, or with forward pass, loss and backward pass through torch.compile."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from impls.spec import (
    SGD,
    Adam,
    Array,
    Device,
    DeviceMissingError,
    Dtype,
    Framework,
    Loss,
    NetLesson,
    RMSprop,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    SquaredError,
    Weights,
    check_fit,
)

FRAMEWORK = Framework(
    packages=("torch",),
    modes={"eager": {}, "compiled": {}},
    environment={"OMP_NUM_THREADS": "{threads}", "MKL_NUM_THREADS": "{threads}"},
)


def loss_of(loss: Loss, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    match loss:
        case SquaredError(factor, reduction):
            return factor * functional.mse_loss(output, target, reduction=reduction)
        case SigmoidCrossEntropy(reduction):
            return functional.binary_cross_entropy_with_logits(output, target, reduction=reduction)
        case SoftmaxCrossEntropy(smoothing, reduction):
            # PyTorch wants the classes second, where the canonical layout has them last.
            logits, labels = output.flatten(end_dim=-2), target.flatten()
            return functional.cross_entropy(logits, labels, label_smoothing=smoothing, reduction=reduction)


# Kernels: PyTorch's layers hold (out, in) and (out, in, height, width); the canonical layouts are (in, out) and
# (height, width, in, out). Biases are the same in both.
TO_CANONICAL = {1: (0,), 2: (1, 0), 4: (2, 3, 1, 0)}
FROM_CANONICAL = {1: (0,), 2: (1, 0), 4: (3, 2, 0, 1)}


def canonical_name(name: str) -> str:
    """Kernels are PyTorch's weights; what its recurrent layer ends in _lN is the cell's of the first of its layers."""
    name = re.sub(r"(\w+)_l(\d+)$", r"\2.cell.\1", name)
    return name.replace("weight_hh", "recurrent_kernel").replace("weight", "kernel").replace("_ih", "")


class Arrays:
    def __init__(self, *, mode: str, device: Device, dtype: Dtype) -> None:
        if device == "gpu" and not torch.cuda.is_available():
            raise DeviceMissingError("PyTorch sees no CUDA device")
        # TensorFloat-32 keeps ten bits of the mantissa: too few to compare frameworks by.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        self._device = torch.device("cuda" if device == "gpu" else "cpu")
        self._dtype = getattr(torch, dtype)
        self._compiles = mode == "compiled"
        if self._compiles:
            torch.compiler.reset()  # what earlier learners compiled counts towards the limit of recompilations

    def put(self, array: Array) -> torch.Tensor:
        """Floats take the dtype; integers become int64, which PyTorch wants labels and indices in."""
        dtype = self._dtype if array.dtype.kind == "f" else torch.int64
        return torch.tensor(array, dtype=dtype, device=self._device)

    def get(self, native: torch.Tensor) -> Array:
        array: Array = native.detach().cpu().numpy().copy()
        return array

    def prepared(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return torch.compile(function) if self._compiles else function

    def wait(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)

    def versions(self) -> dict[str, str]:
        return {"torch": torch.__version__}


class Learner(Arrays):
    def __init__(self, lesson: NetLesson, net_class: Any, *, mode: str, device: Device, dtype: Dtype) -> None:
        super().__init__(mode=mode, device=device, dtype=dtype)
        self._lesson = lesson
        # Channels last is the canonical order of images, and the faster one for convolutions on both devices.
        self._net = net_class(**lesson.net).to(self._device, self._dtype, memory_format=torch.channels_last)
        self._forward = self.prepared(self._net)
        self._loss = self.prepared(self._plain_loss)
        self._optimizer = self._new_optimizer()

    def load(self, weights: Mapping[str, Array]) -> None:
        check_fit(weights, self.weights())
        with torch.no_grad():
            for name, parameter in self._parameters().items():
                array = weights[name].transpose(FROM_CANONICAL[parameter.ndim])
                parameter.copy_(torch.tensor(array, dtype=self._dtype))
        self._optimizer = self._new_optimizer()

    def weights(self) -> Weights:
        return {name: self._canonical(parameter) for name, parameter in self._parameters().items()}

    def loss_and_gradients(self, x: torch.Tensor, y: torch.Tensor) -> tuple[float, Weights]:
        self._optimizer.zero_grad()
        loss = self._loss(x, y)
        loss.backward()
        gradients = {name: self._canonical(parameter.grad) for name, parameter in self._parameters().items()}
        return loss.item(), gradients

    def step(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self._optimizer.zero_grad()
        loss = self._loss(x, y)
        loss.backward()
        self._optimizer.step()
        return loss.detach()

    def train_epoch(self, x: torch.Tensor, y: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
        # One array for them all: small ones that outlive their step would leave the heap in pieces, gigabytes of it.
        losses = torch.empty(len(order), dtype=self._dtype, device=self._device)
        for i, rows in enumerate(order):
            losses[i] = self.step(x.index_select(0, rows), y.index_select(0, rows))
        return losses

    def predict(self, x: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return self._forward(x)

    def export_onnx(self, path: Path) -> None:
        example = torch.zeros((2, *self._lesson.input_shape), dtype=self._dtype, device=self._device)
        program = torch.onnx.export(
            self._net.eval(),
            (example,),
            dynamo=True,
            opset_version=18,
            input_names=["x"],
            output_names=["y"],
            dynamic_shapes=({0: "batch"},),
            verbose=False,
        )
        program.save(path, external_data=False)

    def _plain_loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return loss_of(self._lesson.loss, self._net(x), y)

    def _new_optimizer(self) -> Any:
        parameters = self._net.parameters()
        match self._lesson.optimizer:
            case SGD(learning_rate, momentum):
                return torch.optim.SGD(parameters, lr=learning_rate, momentum=momentum)
            case RMSprop(learning_rate, decay, epsilon):
                return torch.optim.RMSprop(parameters, lr=learning_rate, alpha=decay, eps=epsilon)
            case Adam(learning_rate, beta1, beta2, epsilon):
                return torch.optim.Adam(parameters, lr=learning_rate, betas=(beta1, beta2), eps=epsilon)

    def _parameters(self) -> dict[str, torch.nn.Parameter]:
        """Those that are trained: a recurrent layer's second bias, of which a lesson knows nothing, is not."""
        named = self._net.named_parameters()
        return {canonical_name(name): parameter for name, parameter in named if parameter.requires_grad}

    def _canonical(self, native: torch.Tensor) -> Array:
        return self.get(native.permute(TO_CANONICAL[native.ndim]))
