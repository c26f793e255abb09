"""Keras on TensorFlow, where an epoch is a graph or compiled by XLA; on JAX; and on PyTorch (see ``keras_on_…``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import dtypes

from impls.inner import Notes, noted
from impls.learners.keras_draws import drawn, shuffled
from impls.learners.keras_losses import loss_of
from impls.learners.keras_optimizers import new_optimizer, slot_variables
from impls.learners.keras_variables import named_layers, named_variables
from impls.spec import Adam, Array, Device, Dtype, Framework, NetLesson, Way, Weights, array_dtype, check_fit

FRAMEWORK = Framework(
    packages=("keras",),
    modes={
        "graph": {"KERAS_BACKEND": "tensorflow"},
        "xla": {"KERAS_BACKEND": "tensorflow"},
        "on_jax": {"KERAS_BACKEND": "jax"},
        "on_torch": {"KERAS_BACKEND": "torch"},
        "native": {"KERAS_BACKEND": "tensorflow"},
    },
    environment={
        "TF_NUM_INTRAOP_THREADS": "{threads}",
        "TF_NUM_INTEROP_THREADS": "{threads}",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "NPROC": "{threads}",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "OMP_NUM_THREADS": "{threads}",
        "MKL_NUM_THREADS": "{threads}",
    },
    cold={"JAX_ENABLE_COMPILATION_CACHE": "false"},
    mode_packages={
        "graph": ("tensorflow",),
        "xla": ("tensorflow",),
        "on_jax": ("jax",),
        "on_torch": ("torch",),
        "native": ("tensorflow",),
    },
    net_modes=("on_jax", "on_torch", "native"),
    dtypes=("float32", "float64", "bfloat16"),
)


class Arrays:
    def __init__(self, *, mode: str, device: Device, dtype: Dtype) -> None:
        # Layers take their dtype from the policy, which follows floatx only until Keras has first looked at it;
        # losses and the optimiser's learning rate take floatx, when they are made.
        self._device, self._dtype = device, array_dtype(dtype)
        keras.config.set_floatx(self._dtype)
        keras.config.set_dtype_policy("mixed_bfloat16" if dtype == "bfloat16" else dtype)
        keras.config.set_image_data_format("channels_last")
        # Without this, Keras' rules of promotion make float32 of float64 on all but TensorFlow.
        dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64" if dtype == "float64" else "float32"
        self._below = import_module(f"impls.learners.keras_on_{keras.backend.backend()}")
        self._backend = self._below.Backend(mode=mode, device=device, dtype=self._dtype)

    def put(self, array: Array) -> Any:
        """Floats take the dtype; integers become what the backend counts in, bools stay."""
        dtype = {"f": self._dtype, "b": "bool"}.get(array.dtype.kind, self._below.INTEGERS)
        with keras.device(self._device):
            # A copy, since JAX and PyTorch may keep what they are given.
            return keras.ops.convert_to_tensor(array.copy(), dtype=dtype)

    def get(self, native: Any) -> Array:
        if isinstance(native, np.ndarray):
            return native.copy()
        if keras.backend.standardize_dtype(native.dtype) == "bfloat16":
            native = keras.ops.cast(native, self._dtype)
        array: Array = keras.ops.convert_to_numpy(native).copy()  # JAX and PyTorch may hand out what is theirs
        return array

    def ways(self) -> tuple[Way, ...]:
        return "eager", "compiled"

    def prepared(self, function: Callable[..., Any], way: Way | None = None) -> Callable[..., Any]:
        prepared = function if way == "eager" else self._backend.prepared(function)

        def call(*inputs: Any) -> Any:
            with keras.device(self._device):
                return prepared(*inputs)

        return call

    def wait(self) -> None:
        self._backend.wait()

    def versions(self) -> dict[str, str]:
        return {"keras": keras.__version__, **self._backend.versions()}


class Learner(Arrays):
    def __init__(self, lesson: NetLesson, net_class: Any, *, mode: str, device: Device, dtype: Dtype) -> None:
        super().__init__(mode=mode, device=device, dtype=dtype)
        self._lesson, self._native = lesson, mode == "native"
        self._net_class = net_class
        with keras.device(self._device):
            self._net = self._new_net()
            found = named_variables(self._net)
            # On PyTorch single layers come after lists of layers: the lesson's order is kept here, and what the net has
            # beyond the lesson comes last.
            self._variables = {p.name: found[p.name] for p in lesson.parameters if p.name in found} | found
            self._optimizer = new_optimizer(lesson.optimizer, native=self._native)
            self._optimizer.build(list(self._variables.values()))
        # A new optimiser would need new graphs; load puts these values back instead.
        self._fresh = [self._read(variable) for variable in self._optimizer.variables]

        def loss(output: Any, target: Any) -> Any:
            return loss_of(lesson.loss, keras.ops.cast(output, self._dtype), target)

        self._training = self._below.Training(self._backend, self._net, self._optimizer, self._variables, loss)

    def load(self, weights: Mapping[str, Array], slots: Mapping[str, Array] | None = None) -> None:
        check_fit(weights, self.weights(), self.untrained())
        for name, variable in self._variables.items():
            variable.assign(self.put(weights[name]))
        for variable, value in zip(self._optimizer.variables, self._fresh, strict=True):
            variable.assign(self.put(value))
        if slots:
            for name, variable in self._named_slots().items():
                variable.assign(self.put(slots[name]))
            self._optimizer.iterations.assign(slots.get("step", 0))

    def weights(self) -> Weights:
        return {name: self._read(variable) for name, variable in self._variables.items()}

    def untrained(self) -> list[str]:
        return list(named_variables(self._net, "non_trainable_variables"))

    def slots(self) -> Weights:
        counts = isinstance(self._lesson.optimizer, Adam)
        counted = {"step": self._read(self._optimizer.iterations)} if counts else {}
        return {name: self._read(variable) for name, variable in self._named_slots().items()} | counted

    def own_weights(self, seed: int) -> Weights:
        if not self._native:
            return drawn(self._lesson.parameters, seed)
        keras.utils.set_random_seed(seed)
        return {name: self._read(variable) for name, variable in named_variables(self._new_net()).items()}

    def own_order(self, examples: int, epochs: int, seed: int) -> Array:
        return shuffled(examples, epochs, seed)

    def loss_and_gradients(self, x: Any, y: Any) -> tuple[float, Weights]:
        with keras.device(self._device):
            loss, gradients = self._training.loss_and_gradients(x, y)
        return float(loss), {name: self.get(gradients[name]) for name in self._variables}

    def step(self, x: Any, y: Any) -> Any:
        with keras.device(self._device):
            return self._training.step(x, y)

    def train_epoch(self, x: Any, y: Any, order: Any) -> Any:
        with keras.device(self._device):
            return self._training.train_epoch(x, y, order)

    def predict(self, x: Any) -> Any:
        with keras.device(self._device):
            return self._training.predict(x)

    def inner(self, x: Any) -> Weights:
        notes = Notes(self.get)
        listening = noted(notes, [keras.Layer], named_layers(self._net))
        with keras.device(self._device), self._backend.uncompiled(), listening:
            notes.after("", self._net(x, training=True))
        return notes.arrays

    def export_onnx(self, path: Path) -> None:
        with keras.device(self._device):
            self._training.export_onnx(path, self._lesson.input_shape)

    def _new_net(self) -> Any:
        net = self._net_class(**self._lesson.net)
        net(keras.ops.zeros((1, *self._lesson.input_shape)))  # Keras makes the variables at the first call
        return net

    def _named_slots(self) -> dict[str, Any]:
        kept = slot_variables(self._optimizer).items()
        return {f"{place}/{name}": v for place, vs in kept for name, v in zip(self._variables, vs, strict=True)}

    def _read(self, variable: Any) -> Array:
        # NumPy warns of a variable's __array__, which knows no copy argument; a tensor's knows it.
        return self.get(keras.ops.copy(variable))
