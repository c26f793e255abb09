"""NumPy: gradients by hand (numpy_layers.py), matrix products by the BLAS it was built with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from impls.learners.numpy_losses import loss_and_gradient
from impls.learners.numpy_onnx import Graph, Symbol
from impls.spec import (
    SGD,
    Adam,
    Array,
    Device,
    DeviceMissingError,
    Dtype,
    Framework,
    NetLesson,
    RMSprop,
    Weights,
    check_fit,
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
    },
)

CHUNK = 128  # examples that predict holds the inner results of at a time

# Where training diverges, numbers overflow and become NaN in silence, as they do in the other frameworks.
quiet = np.errstate(over="ignore", invalid="ignore")


class Arrays:
    def __init__(self, *, mode: str, device: Device, dtype: Dtype) -> None:
        del mode  # there is one
        if device == "gpu":
            raise DeviceMissingError("NumPy runs on the CPU alone; on a GPU use PyTorch, Keras or JAX")
        self._dtype = np.dtype(dtype)

    def put(self, array: Array) -> Array:
        """Floats take the dtype; integers become NumPy's own type of index."""
        return np.array(array, dtype=self._dtype if array.dtype.kind == "f" else np.intp, order="C")

    def get(self, native: Array) -> Array:
        return np.array(native, order="C")

    def prepared(self, function: Callable[..., Any]) -> Callable[..., Any]:
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

    def load(self, weights: Mapping[str, Array]) -> None:
        check_fit(weights, self._parameters)
        for name, parameter in self._parameters.items():
            parameter[...] = weights[name]
        self._slots.fill(0)
        self._steps = 0

    def weights(self) -> Weights:
        return {name: parameter.copy() for name, parameter in self._parameters.items()}

    def loss_and_gradients(self, x: Array, y: Array) -> tuple[float, Weights]:
        loss = self._forward_backward(x, y)
        return float(loss), {name: gradient.copy() for name, gradient in self._gradients.items()}

    def step(self, x: Array, y: Array) -> Any:
        # Gradients are linear in the loss's: what multiplies that, a few numbers, need not multiply every parameter's.
        loss = self._forward_backward(x, y, self._factor)
        self._update()
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
        self._slots = np.zeros((2, size), self._dtype)  # the moments of first and second order
        self._steps = 0
        self._parameters: Weights = {}
        self._gradients: Weights = {}
        start = 0
        for name, layer, attribute in places:
            shape = getattr(layer, attribute).shape
            end = start + math.prod(shape)
            self._parameters[name] = self._weight[start:end].reshape(shape)
            self._gradients[name] = self._gradient[start:end].reshape(shape)
            setattr(layer, attribute, self._parameters[name])
            setattr(layer, f"{attribute}_gradient", self._gradients[name])
            start = end

    @quiet
    def _forward_backward(self, x: Array, y: Array, factor: float = 1.0) -> Any:
        loss, gradient = loss_and_gradient(self._lesson.loss, self._net(x), y)
        if factor != 1:
            gradient *= factor
        self._net.backward(gradient)
        return loss

    @quiet
    def _update(self) -> None:
        """The optimiser's update of all parameters at once, in place; SGD's gradient has the rate in it already."""
        gradient, (first, second), change = self._gradient, self._slots, self._spare
        self._steps += 1
        match self._lesson.optimizer:
            case SGD(_, momentum):
                if momentum:
                    first *= momentum
                    first += gradient
                    change = first
                else:
                    change = gradient
            case RMSprop(learning_rate, decay, epsilon):
                second *= decay
                np.square(gradient, out=change)
                change *= 1 - decay
                second += change
                np.sqrt(second, out=change)
                change += epsilon
                np.divide(gradient, change, out=change)
                change *= learning_rate
            case Adam(learning_rate, beta1, beta2, epsilon):
                np.square(gradient, out=change)
                change *= 1 - beta2
                second *= beta2
                second += change
                np.multiply(gradient, 1 - beta1, out=change)
                first *= beta1
                first += change
                np.multiply(second, 1 / (1 - beta2**self._steps), out=change)
                np.sqrt(change, out=change)
                change += epsilon
                np.divide(first, change, out=change)
                change *= learning_rate / (1 - beta1**self._steps)
        self._weight -= change
