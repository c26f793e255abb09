"""Keras on TensorFlow: an epoch is one graph, run by TensorFlow's executor or compiled by XLA."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from impls.inner import Notes, noted
from impls.learners.keras_draws import drawn, shuffled
from impls.learners.keras_losses import loss_of
from impls.learners.keras_optimizers import new_optimizer, slot_variables
from impls.learners.keras_variables import named_layers, named_variables
from impls.spec import Adam, Array, Device, DeviceMissingError, Dtype, Framework, NetLesson, Weights, check_fit

FRAMEWORK = Framework(
    packages=("keras", "tensorflow"),
    modes={"graph": {}, "xla": {}, "native": {}},
    environment={
        "KERAS_BACKEND": "tensorflow",
        "TF_NUM_INTRAOP_THREADS": "{threads}",
        "TF_NUM_INTEROP_THREADS": "{threads}",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    },
)


class Arrays:
    def __init__(self, *, mode: str, device: Device, dtype: Dtype) -> None:
        if device == "gpu" and not tf.config.list_physical_devices("GPU"):
            raise DeviceMissingError("TensorFlow sees no GPU")
        # TensorFloat-32 keeps ten bits of the mantissa: too few to compare frameworks by.
        tf.config.experimental.enable_tensor_float_32_execution(False)
        # Layers take their dtype from the policy, which follows floatx only until Keras has first looked at it;
        # losses and the optimiser's learning rate take floatx, when they are made.
        keras.config.set_floatx(dtype)
        keras.config.set_dtype_policy(dtype)
        keras.config.set_image_data_format("channels_last")
        self._device = f"{device}:0"
        self._dtype = dtype
        self._mode = mode

    def put(self, array: Array) -> Any:
        """Floats take the dtype; integers become int64: TensorFlow keeps int32 off the GPU."""
        with keras.device(self._device):
            return keras.ops.convert_to_tensor(array, dtype=self._dtype if array.dtype.kind == "f" else "int64")

    def get(self, native: Any) -> Array:
        array: Array = keras.ops.convert_to_numpy(native)
        return array

    def prepared(self, function: Callable[..., Any]) -> Callable[..., Any]:
        # TensorFlow counts traces by a function's code, and warns of retracing when it is traced for a fifth learner;
        # each partial counts for itself.
        xla = self._mode == "xla"
        compiled = tf.function(partial(function), autograph=False, jit_compile=xla, reduce_retracing=True)

        def call(*inputs: Any) -> Any:
            with keras.device(self._device):
                return compiled(*inputs)

        return call

    def wait(self) -> None:
        tf.test.experimental.sync_devices()

    def versions(self) -> dict[str, str]:
        return {"keras": keras.__version__, "tensorflow": tf.__version__}


class Learner(Arrays):
    def __init__(self, lesson: NetLesson, net_class: Any, *, mode: str, device: Device, dtype: Dtype) -> None:
        super().__init__(mode=mode, device=device, dtype=dtype)
        self._lesson, self._native = lesson, mode == "native"
        self._net_class = net_class
        with keras.device(self._device):
            self._net = self._new_net()
            self._variables = named_variables(self._net)
            self._optimizer = new_optimizer(lesson.optimizer, native=self._native)
            self._optimizer.build(list(self._variables.values()))
        # A new optimiser would need new graphs; load puts these values back instead.
        self._fresh = [self._read(variable) for variable in self._optimizer.variables]
        self._loss_and_gradients = self.prepared(self._plain_loss_and_gradients)
        self._step = self.prepared(self._plain_step)
        self._train_epoch = self.prepared(self._plain_train_epoch)
        self._predict = self.prepared(self._plain_predict)

    def load(self, weights: Mapping[str, Array], slots: Mapping[str, Array] | None = None) -> None:
        check_fit(weights, self.weights(), self.untrained())
        for name, variable in self._variables.items():
            variable.assign(weights[name])
        for variable, value in zip(self._optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        if slots:
            for name, variable in self._named_slots().items():
                variable.assign(slots[name])
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
        loss, gradients = self._loss_and_gradients(x, y)
        return float(loss), {name: self.get(gradients[name]) for name in self._variables}

    def step(self, x: Any, y: Any) -> Any:
        return self._step(x, y)

    def train_epoch(self, x: Any, y: Any, order: Any) -> Any:
        return self._train_epoch(x, y, order)

    def predict(self, x: Any) -> Any:
        return self._predict(x)

    def inner(self, x: Any) -> Weights:
        notes = Notes(self.get)
        with keras.device(self._device), noted(notes, [keras.Layer], named_layers(self._net)):
            notes.after("", self._net(x, training=True))
        return notes.arrays

    def export_onnx(self, path: Path) -> None:
        x = keras.Input(self._lesson.input_shape, dtype=self._dtype, name="x")
        model = keras.Model(x, {"y": self._net(x)})
        with warnings.catch_warnings():
            # Keras looks for a name that NumPy warns about.
            warnings.filterwarnings("ignore", r".*np\.object", FutureWarning)
            model.export(path, format="onnx", input_signature=[x], opset_version=18, verbose=False)

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

    def _plain_loss_and_gradients(self, x: Any, y: Any) -> tuple[Any, dict[str, Any]]:
        with tf.GradientTape() as tape:
            loss = loss_of(self._lesson.loss, self._net(x, training=True), y)
        values = {name: variable.value for name, variable in self._variables.items()}
        return loss, tape.gradient(loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    def _plain_step(self, x: Any, y: Any) -> Any:
        loss, gradients = self._plain_loss_and_gradients(x, y)
        self._optimizer.apply([gradients[name] for name in self._variables])
        return loss

    def _plain_train_epoch(self, x: Any, y: Any, order: Any) -> Any:
        def step(rows: Any) -> Any:
            return self._plain_step(tf.gather(x, rows), tf.gather(y, rows))

        # One iteration at a time: each step starts from the weights that the one before has left.
        return tf.map_fn(step, order, fn_output_signature=self._dtype, parallel_iterations=1)

    def _plain_predict(self, x: Any) -> Any:
        return self._net(x, training=False)
