"""NumPy: gradients by hand (numpy_layers.py), matrix products by the BLAS it was built with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from impls.inner import Notes, noted
from impls.learners.numpy_layers import Module
from impls.learners.numpy_losses import loss_and_gradient
from impls.learners.numpy_onnx import Graph, Symbol
from impls.learners.numpy_optimizers import change_of
from impls.spec import (
    SGD,
    Adam,
    Array,
    Device,
    DeviceMissingError,
    Dtype,
    Framework,
    NetLesson,
    Way,
    Weights,
    check_fit,
    initial_weights,
    shuffled,
    slot_names,
)

FRAMEWORK = Framework(
    packages=("numpy",),
    modes={"eager": {}},
    environment={
        "OPENBLAS_NUM_THREADS": "{threads}",
        "OMP_NUM_THREADS": "{threads}",
        "MKL_NUM_THREADS": "{threads}",
        "BLIS_NUM_THREADS": "{threads}",
        "VECLIB_MAXIMUM_THREADS": "{threads}",
        # OpenBLAS's threads wait for the next product in a busy loop of 2^26 cycles, which outlasts all that NumPy
        # does alone between two products. After 2^16 they sleep, and leave the processor to others.
        "OPENBLAS_THREAD_TIMEOUT": "16",
        "OPENBLAS_CORETYPE": "{openblas_kernels}",
    },
)

CHUNK = 128  # examples that predict holds the inner results of at a time

# Where training diverges, numbers overflow and become NaN in silence, as they do in the other frameworks.
quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")


class Arrays:
    def __init__(self, *, mode: str, device: Device, dtype: Dtype) -> None:
        del mode  # there is one
        if device == "gpu":
            raise DeviceMissingError("NumPy runs on the CPU alone; on a GPU use PyTorch, Keras or JAX")
        self._dtype = np.dtype(dtype)

    def put(self, array: Array) -> Array:
        """Floats take the dtype; integers become NumPy's own type of index, bools stay."""
        dtypes: dict[str, Any] = {"f": self._dtype, "b": np.bool}
        return np.array(array, dtype=dtypes.get(array.dtype.kind, np.intp), order="C")

    def get(self, native: Array) -> Array:
        return np.array(native, order="C")

    def ways(self) -> tuple[Way, ...]:
        return ("eager",)

    def prepared(self, function: Callable[..., Any], way: Way | None = None) -> Callable[..., Any]:
        del way  # there is one
        return quiet(function)

    def wait(self) -> None:
        """Nothing to wait for: NumPy returns when it is done."""

    def versions(self) -> dict[str, str]:
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return {"numpy": np.__version__, blas["name"]: blas["version"]}


class Learner(Arrays):
    def __init__(self, lesson: NetLesson, net_class: Any, *, mode: str, device: Device, dtype: Dtype) -> None:
        super().__init__(mode=mode, device=device, dtype=dtype)
        self._lesson = lesson
        self._factor = lesson.optimizer.learning_rate if isinstance(lesson.optimizer, SGD) else 1.0
        self._net = net_class(**lesson.net)
        self._place_parameters()

    def load(self, weights: Mapping[str, Array], slots: Mapping[str, Array] | None = None) -> None:
        check_fit(weights, self._parameters)
        for name, parameter in self._parameters.items():
            parameter[...] = weights[name]
        self._slots.fill(0)
        self._steps = 0
        if slots:
            for name, slot in self._named_slots().items():
                np.multiply(slots[name], self._factor, out=slot)
            self._steps = int(slots.get("step", 0))

    def weights(self) -> Weights:
        return {name: parameter.copy() for name, parameter in self._parameters.items()}

    def untrained(self) -> list[str]:
        return []

    def slots(self) -> Weights:
        counted = {"step": np.array(self._steps)} if isinstance(self._lesson.optimizer, Adam) else {}
        return {name: slot / self._factor for name, slot in self._named_slots().items()} | counted

    def own_weights(self, seed: int) -> Weights:
        return initial_weights(self._lesson, seed, "float64")  # what NumPy draws is the lesson's own

    def own_order(self, examples: int, epochs: int, seed: int) -> Array:
        return shuffled(examples, epochs, seed)

    def loss_and_gradients(self, x: Array, y: Array) -> tuple[float, Weights]:
        loss = self._forward_backward(x, y)
        return float(loss), {name: gradient.copy() for name, gradient in self._gradients.items()}

    @quiet
    def step(self, x: Array, y: Array) -> Any:
        # Gradients are linear in the loss's: what multiplies that, a few numbers, need not multiply every parameter's.
        loss = self._forward_backward(x, y, self._factor)
        self._steps += 1
        self._weight -= change_of(self._lesson.optimizer, self._steps, self._gradient, self._slots, self._spare)
        return loss

    def train_epoch(self, x: Array, y: Array, order: Array) -> Array:
        steps, batch = order.shape
        losses = np.empty(steps, self._dtype)
        x_batch, y_batch = np.empty((batch, *x.shape[1:]), x.dtype), np.empty((batch, *y.shape[1:]), y.dtype)
        for i, rows in enumerate(order):
            # "clip" has no effect on a right index; the default mode would go through a second buffer.
            np.take(x, rows, axis=0, out=x_batch, mode="clip")
            np.take(y, rows, axis=0, out=y_batch, mode="clip")
            losses[i] = self.step(x_batch, y_batch)
        return losses

    @quiet
    def predict(self, x: Array) -> Array:
        # The net's next pass writes over its last output: hence a copy of each.
        return np.concatenate([self._net(x[i : i + CHUNK]).copy() for i in range(0, max(len(x), 1), CHUNK)])

    @quiet
    def inner(self, x: Array) -> Weights:
        notes = Notes(self.get)
        with noted(notes, [Module], {id(module): name for name, module in self._net.modules()}):
            notes.after("", self._net(x))
        return notes.arrays

    def export_onnx(self, path: Path) -> None:
        import onnx  # exporting alone needs it

        graph, shape = Graph(self._parameters), self._lesson.input_shape
        outputs = self.predict(np.zeros((1, *shape), self._dtype))
        onnx.save(graph.model(self._net(Symbol(graph, "x")), shape, outputs.shape[1:], self._dtype), path)

    def _place_parameters(self) -> None:
        """Lay all parameters of the net in one vector, and their gradients in another.

        The layers go on with views of the two, and the optimiser need not care where a parameter begins.
        """
        places = list(self._net.parameters())
        size = sum(getattr(layer, attribute).size for _, layer, attribute in places)
        self._weight, self._gradient, self._spare = np.zeros((3, size), self._dtype)
        self._slots = np.zeros((2, size), self._dtype)
        self._steps = 0
        self._parameters: Weights = {}
        self._gradients: Weights = {}
        self._moments: Weights = {}
        start = 0
        for name, layer, attribute in places:
            shape = getattr(layer, attribute).shape
            end = start + math.prod(shape)
            self._parameters[name] = self._weight[start:end].reshape(shape)
            self._gradients[name] = self._gradient[start:end].reshape(shape)
            self._moments[name] = self._slots[:, start:end].reshape(2, *shape)
            setattr(layer, attribute, self._parameters[name])
            setattr(layer, f"{attribute}_gradient", self._gradients[name])
            start = end

    def _named_slots(self) -> Weights:
        kept = [(place, ("first", "second").index(place)) for place in slot_names(self._lesson.optimizer)]
        return {f"{place}/{name}": both[i] for place, i in kept for name, both in self._moments.items()}

    @quiet
    def _forward_backward(self, x: Array, y: Array, factor: float = 1.0) -> Any:
        loss, gradient = loss_and_gradient(self._lesson.loss, self._net(x), y)
        if factor != 1:
            gradient *= factor
        self._net.backward(gradient)
        return loss
