"""Keras on TensorFlow: an epoch is one graph, run by TensorFlow's executor or compiled by XLA."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from impls.spec import Device, DeviceMissingError, Dtype

INTEGERS = "int64"  # TensorFlow keeps int32 off the GPU


class Backend:
    """TensorFlow on a device."""

    def __init__(self, *, mode: str, device: Device, dtype: Dtype) -> None:
        if device == "gpu" and not tf.config.list_physical_devices("GPU"):
            raise DeviceMissingError("TensorFlow sees no GPU")
        # TensorFloat-32 keeps ten bits of the mantissa: too few to compare frameworks by.
        tf.config.experimental.enable_tensor_float_32_execution(False)
        self.device, self.dtype, self._xla = device, dtype, mode == "xla"

    def prepared(self, function: Callable[..., Any], *, whole: bool = True) -> Callable[..., Any]:
        """A function as a graph; in XLA's mode compiled, unless only what it calls is to be (not ``whole``)."""
        # TensorFlow counts traces by a function's code, and warns of retracing when it is traced for a fifth learner;
        # each partial counts for itself.
        compiled: Callable[..., Any] = tf.function(
            partial(function), autograph=False, jit_compile=self._xla and whole, reduce_retracing=True
        )
        return compiled

    def uncompiled(self) -> AbstractContextManager[None]:
        """In it, all that is called has values, as it has anywhere."""
        return nullcontext()

    def wait(self) -> None:
        """Return when the device has finished."""
        tf.test.experimental.sync_devices()

    def versions(self) -> dict[str, str]:
        """Of TensorFlow."""
        return {"tensorflow": tf.__version__}


class Training:
    """A net's steps and epochs; Keras' variables hold what is learnt."""

    def __init__(
        self, backend: Backend, net: Any, optimizer: Any, variables: Mapping[str, Any], loss: Callable[..., Any]
    ) -> None:
        self._net, self._optimizer, self._variables, self._loss = net, optimizer, variables, loss
        self._dtype = backend.dtype
        self.loss_and_gradients = backend.prepared(self._loss_and_gradients)
        self.step = backend.prepared(self._step)
        # Inside a loop XLA has no fast convolution for the CPU (jax-ml/jax#12868), and takes long to compile: there
        # TensorFlow's executor goes round, and calls the compiled step. A convolution is known by its kernel's axes.
        slow = backend.device == "cpu" and any(len(variable.shape) > 2 for variable in variables.values())
        self.train_epoch = backend.prepared(self._train_epoch, whole=not slow)
        self.predict = backend.prepared(lambda x: net(x, training=False))

    def export_onnx(self, path: Path, input_shape: Sequence[int]) -> None:
        """Write the net as ONNX."""
        x = keras.Input(input_shape, dtype=self._dtype, name="x")
        model = keras.Model(x, {"y": self._net(x)})
        with warnings.catch_warnings():
            # Keras looks for a name that NumPy warns about.
            warnings.filterwarnings("ignore", r".*np\.object", FutureWarning)
            model.export(path, format="onnx", input_signature=[x], opset_version=18, verbose=False)

    def _loss_and_gradients(self, x: Any, y: Any) -> tuple[Any, dict[str, Any]]:
        with tf.GradientTape() as tape:
            loss = self._loss(self._net(x, training=True), y)
        values = {name: variable.value for name, variable in self._variables.items()}
        return loss, tape.gradient(loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    def _step(self, x: Any, y: Any) -> Any:
        loss, gradients = self._loss_and_gradients(x, y)
        self._optimizer.apply([gradients[name] for name in self._variables])
        return loss

    def _train_epoch(self, x: Any, y: Any, order: Any) -> Any:
        def step(rows: Any) -> Any:
            return self.step(tf.gather(x, rows), tf.gather(y, rows))

        # One iteration at a time: each step starts from the weights that the one before has left.
        return tf.map_fn(step, order, fn_output_signature=self._dtype, parallel_iterations=1)
