"""PyTorch: eager, or with forward pass, loss and backward pass through torch.compile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from impls.inner import Notes
from impls.learners.torch_draws import drawn, shuffled
from impls.learners.torch_losses import loss_of
from impls.learners.torch_optimizers import MEMORY, new_optimizer
from impls.learners.torch_parameters import FROM_CANONICAL, TO_CANONICAL, canonical_name, parameters_of
from impls.learners.torch_passes import export_onnx, train_epoch
from impls.spec import (
    Adam,
    Array,
    Device,
    DeviceMissingError,
    Dtype,
    Framework,
    NetLesson,
    Way,
    Weights,
    array_dtype,
    check_fit,
    slot_names,
)

FRAMEWORK = Framework(
    packages=("torch",),
    modes={"eager": {}, "compiled": {}, "native": {}},
    net_modes=("native",),
    dtypes=("float32", "float64", "bfloat16"),
    environment={"OMP_NUM_THREADS": "{threads}", "MKL_NUM_THREADS": "{threads}"},
    cold={"TORCHINDUCTOR_CACHE_DIR": "{empty}"},
)


class Arrays:
    def __init__(self, *, mode: str, device: Device, dtype: Dtype) -> None:
        if device == "gpu" and not torch.cuda.is_available():
            raise DeviceMissingError("PyTorch sees no CUDA device")
        # TensorFloat-32 keeps ten bits of the mantissa: too few to compare frameworks by.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        self._cuda = device == "gpu"
        self._device = torch.device("cuda" if self._cuda else "cpu")
        self._dtype, self._mixed = getattr(torch, array_dtype(dtype)), dtype == "bfloat16"
        self._compiles = mode == "compiled"
        if self._compiles:
            torch.compiler.reset()  # what earlier learners compiled counts towards the limit of recompilations

    def put(self, array: Array) -> torch.Tensor:
        """Floats take the dtype; integers become int64, which PyTorch wants labels and indices in, bools stay."""
        dtype = {"f": self._dtype, "b": torch.bool}.get(array.dtype.kind, torch.int64)
        return torch.tensor(array, dtype=dtype, device=self._device)

    def get(self, native: torch.Tensor | Array) -> Array:
        array: Array = native if isinstance(native, np.ndarray) else native.detach().cpu().numpy()
        return array.copy()

    def ways(self) -> tuple[Way, ...]:
        return ("compiled",) if self._compiles else ("eager",)

    def prepared(self, function: Callable[..., Any], way: Way | None = None) -> Callable[..., Any]:
        return torch.compile(function) if (way or self.ways()[0]) == "compiled" else function

    def wait(self) -> None:
        if self._cuda:
            torch.cuda.synchronize()

    def versions(self) -> dict[str, str]:
        return {"torch": torch.__version__}


class Learner(Arrays):
    def __init__(self, lesson: NetLesson, net_class: Any, *, mode: str, device: Device, dtype: Dtype) -> None:
        super().__init__(mode=mode, device=device, dtype=dtype)
        # Intel's processors are slow at numbers below the least normal one, as a sigmoid's may be.
        torch.set_flush_denormal(True)
        self._lesson, self._native = lesson, mode == "native"
        self._new_net = partial(net_class, **lesson.net)
        # Channels last is the canonical order of images, and the faster one for convolutions on both devices.
        self._net = self._new_net().to(self._device, self._dtype, memory_format=torch.channels_last)
        self._trained = list(parameters_of(self._net).values())
        self._outputs = self._mixed_outputs if self._mixed else self._net
        self._forward = self.prepared(self._outputs)
        self._loss = self.prepared(self._plain_loss)
        self._optimizer = new_optimizer(lesson.optimizer, self._net.parameters(), native=self._native)
        self._words = {place: MEMORY[type(lesson.optimizer)][place] for place in slot_names(lesson.optimizer)}

    def load(self, weights: Mapping[str, Array], slots: Mapping[str, Array] | None = None) -> None:
        check_fit(weights, self.weights(), self.untrained())
        self._optimizer = new_optimizer(self._lesson.optimizer, self._net.parameters(), native=self._native)
        for name, parameter in parameters_of(self._net).items():
            self._fill(parameter, weights[name])
            if slots:
                state = {word: torch.empty_like(parameter) for word in self._words.values()}
                for place, word in self._words.items():
                    self._fill(state[word], slots[f"{place}/{name}"])
                state["step"] = torch.tensor(float(slots.get("step", 0)))
                self._optimizer.state[parameter] = state

    def weights(self) -> Weights:
        return {name: self._canonical(parameter) for name, parameter in parameters_of(self._net).items()}

    def untrained(self) -> list[str]:
        named = self._net.named_parameters()
        return [canonical_name(name, parameter) for name, parameter in named if not parameter.requires_grad]

    def slots(self) -> Weights:
        found: Weights = {}
        for name, parameter in parameters_of(self._net).items():
            state = self._optimizer.state.get(parameter, {})  # there is none before the first step
            for place, word in self._words.items():
                found[f"{place}/{name}"] = self._canonical(state.get(word, torch.zeros_like(parameter)))
            if isinstance(self._lesson.optimizer, Adam):
                found["step"] = self.get(state.get("step", torch.tensor(0.0))).astype(int)
        return found

    def own_weights(self, seed: int) -> Weights:
        if not self._native:
            return drawn(self._lesson.parameters, seed)
        torch.manual_seed(seed)
        return {name: self._canonical(parameter) for name, parameter in parameters_of(self._new_net()).items()}

    def own_order(self, examples: int, epochs: int, seed: int) -> Array:
        return shuffled(examples, epochs, seed)

    def loss_and_gradients(self, x: torch.Tensor, y: torch.Tensor) -> tuple[float, Weights]:
        loss = self._backward(x, y)
        gradients = {name: self._canonical(parameter.grad) for name, parameter in parameters_of(self._net).items()}
        return loss.item(), gradients

    def step(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        loss = self._backward(x, y)
        self._optimizer.step()
        return loss.detach()

    def train_epoch(self, x: torch.Tensor, y: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
        return train_epoch(self.step, x, y, order, self._dtype)

    def predict(self, x: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return self._forward(x)

    def inner(self, x: torch.Tensor) -> Weights:
        notes, hooks = Notes(lambda array: self.get(array.permute(0, 2, 3, 1) if array.ndim == 4 else array)), []
        for name, module in self._net.named_modules():
            # PyTorch's recurrent layer is all layers at once: the first one's input, the last one's output.
            layers = (
                (f"{name}.0", f"{name}.{module.num_layers - 1}") if isinstance(module, torch.nn.RNN) else (name,) * 2
            )
            if name:
                before, after = partial(notes.before, layers[0]), partial(notes.after, layers[1])
                hooks.append(module.register_forward_pre_hook(lambda *call, note=before: note(call[-1])))
                hooks.append(module.register_forward_hook(lambda *call, note=after: note(call[-1])))
        with torch.inference_mode():
            notes.arrays[" output"] = self.get(self._net(x))  # canonical as it is
        for hook in hooks:
            hook.remove()
        return notes.arrays

    def export_onnx(self, path: Path) -> None:
        example = torch.zeros((2, *self._lesson.input_shape), dtype=self._dtype, device=self._device)
        export_onnx(self._net, example, path, ({0: "batch"},))

    def _plain_loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return loss_of(self._lesson.loss, self._outputs(x), y)

    def _mixed_outputs(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast(self._device.type, torch.bfloat16):
            y = self._net(x)
        return y.to(self._dtype)

    def _backward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """The loss; each trained parameter has its gradient then, zero where PyTorch leaves none: it is not used."""
        self._optimizer.zero_grad()
        loss = self._loss(x, y)
        loss.backward()
        for parameter in self._trained:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        return loss

    def _fill(self, native: torch.Tensor, array: Array) -> None:
        with torch.no_grad():
            native.copy_(torch.tensor(array.transpose(FROM_CANONICAL[array.ndim]), dtype=self._dtype))

    def _canonical(self, native: torch.Tensor) -> Array:
        return self.get(native.permute(TO_CANONICAL[native.ndim]))
