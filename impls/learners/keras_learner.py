"""Keras on TensorFlow: an epoch is one graph, run by TensorFlow's executor or compiled by XLA."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from impls.spec import SGD, Array, Device, DeviceMissingError, Dtype, Framework, NetLesson, RMSprop, Weights, check_fit

FRAMEWORK = Framework(
    packages=("keras", "tensorflow"),
    modes={"graph": {"KERAS_BACKEND": "tensorflow"}, "xla": {"KERAS_BACKEND": "tensorflow"}},
    environment={
        "TF_NUM_INTRAOP_THREADS": "{threads}",
        "TF_NUM_INTEROP_THREADS": "{threads}",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    },
)


class HeavyBallSGD(keras.optimizers.SGD):  # type: ignore[misc]
    # Keras' own update_step sends the momentum through float32, whatever the variable's dtype, and remembers
    # -rate·gradient where the definition has the gradient. A Python float times a tensor takes the tensor's dtype.
    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if self.momentum:
            slot = self.momentums[self._get_variable_index(variable)]
            gradient = self.momentum * slot + gradient
            self.assign(slot, gradient)
        self.assign_sub(variable, learning_rate * gradient)


class EpsilonOutsideRMSprop(keras.optimizers.RMSprop):  # type: ignore[misc]
    # Keras' own update_step adds epsilon inside the root.
    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        slot = self._velocities[self._get_variable_index(variable)]
        square = self.rho * slot + (1 - self.rho) * keras.ops.square(gradient)
        self.assign(slot, square)
        self.assign_sub(variable, learning_rate * gradient / (keras.ops.sqrt(square) + self.epsilon))


def half_mean_squared_error(target: Any, output: Any) -> Any:
    return keras.ops.mean(keras.ops.square(output - target)) / 2


def compiled(function: Callable[..., Any], mode: str) -> Any:
    # TensorFlow counts traces by a function's code, and warns of retracing when it is traced for a fifth learner;
    # each partial counts for itself.
    return tf.function(partial(function), autograph=False, jit_compile=mode == "xla", reduce_retracing=True)


class Learner:
    def __init__(self, lesson: NetLesson, net_class: Any, *, mode: str, device: Device, dtype: Dtype) -> None:
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
        self._lesson = lesson
        self._losses = {
            "half_mean_squared_error": half_mean_squared_error,
            "softmax_cross_entropy": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        }
        with keras.device(self._device):
            self._net = net_class()
            self._net(keras.ops.zeros((1, *lesson.input_shape)))  # Keras makes the variables at the first call
            self._variables = named_variables(self._net)
            self._optimizer = self._new_optimizer()
            self._optimizer.build(list(self._variables.values()))
        # A new optimiser would need new graphs; load puts these values back instead.
        self._fresh = [self._read(variable) for variable in self._optimizer.variables]
        self._loss_and_gradients = compiled(self._plain_loss_and_gradients, mode)
        self._step = compiled(self._plain_step, mode)
        self._train_epoch = compiled(self._plain_train_epoch, mode)
        self._predict = compiled(self._plain_predict, mode)

    def put(self, array: Array) -> Any:
        """Floats take the learner's dtype; integers become int64: TensorFlow keeps int32 off the GPU."""
        with keras.device(self._device):
            return keras.ops.convert_to_tensor(array, dtype=self._dtype if array.dtype.kind == "f" else "int64")

    def get(self, native: Any) -> Array:
        array: Array = keras.ops.convert_to_numpy(native)
        return array

    def load(self, weights: Mapping[str, Array]) -> None:
        check_fit(weights, self.weights())
        for name, variable in self._variables.items():
            variable.assign(weights[name])
        for variable, value in zip(self._optimizer.variables, self._fresh, strict=True):
            variable.assign(value)

    def weights(self) -> Weights:
        return {name: self._read(variable) for name, variable in self._variables.items()}

    def loss_and_gradients(self, x: Any, y: Any) -> tuple[float, Weights]:
        with keras.device(self._device):
            loss, gradients = self._loss_and_gradients(x, y)
        return float(loss), {name: self.get(gradients[name]) for name in self._variables}

    def step(self, x: Any, y: Any) -> Any:
        with keras.device(self._device):
            return self._step(x, y)

    def train_epoch(self, x: Any, y: Any, order: Any) -> Any:
        with keras.device(self._device):
            return self._train_epoch(x, y, order)

    def predict(self, x: Any) -> Any:
        with keras.device(self._device):
            return self._predict(x)

    def wait(self) -> None:
        tf.test.experimental.sync_devices()

    def export_onnx(self, path: Path) -> None:
        x = keras.Input(self._lesson.input_shape, dtype=self._dtype, name="x")
        model = keras.Model(x, {"y": self._net(x)})
        with warnings.catch_warnings():
            # Keras looks for a name that NumPy warns about.
            warnings.filterwarnings("ignore", r".*np\.object", FutureWarning)
            model.export(path, format="onnx", input_signature=[x], opset_version=18, verbose=False)

    def versions(self) -> dict[str, str]:
        return {"keras": keras.__version__, "tensorflow": tf.__version__}

    def _read(self, variable: Any) -> Array:
        # NumPy warns of a variable's __array__, which knows no copy argument; a tensor's knows it.
        return self.get(keras.ops.copy(variable))

    def _new_optimizer(self) -> keras.Optimizer:
        match self._lesson.optimizer:
            case SGD(learning_rate, momentum):
                return HeavyBallSGD(learning_rate, momentum=momentum)
            case RMSprop(learning_rate, decay, epsilon):
                return EpsilonOutsideRMSprop(learning_rate, rho=decay, epsilon=epsilon)

    def _plain_loss_and_gradients(self, x: Any, y: Any) -> tuple[Any, dict[str, Any]]:
        with tf.GradientTape() as tape:
            loss = self._losses[self._lesson.loss](y, self._net(x, training=True))
        return loss, tape.gradient(loss, {name: variable.value for name, variable in self._variables.items()})

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


def named_variables(owner: Any, path: str = "") -> dict[str, Any]:
    """The trained variables of a layer, or of a container of layers, by their path of attributes and positions.

    Keras' own paths are no use here: they are made of layer names, which nets leave to Keras to number.
    """
    found: dict[str, Any] = {}
    for name, child in members(owner):
        if not str(name).startswith("_"):
            found |= named_variables(child, f"{path}{name}.")
    if not isinstance(owner, keras.Layer):
        return found
    named = {id(variable) for variable in found.values()}
    own = [variable for variable in owner.trainable_variables if id(variable) not in named]
    return {f"{path}{variable.name}": variable for variable in own} | found


def members(owner: Any) -> Iterable[tuple[Any, Any]]:
    """What an object holds, named as PyTorch names it: by attribute, or by position in a list or a Sequential."""
    match owner:
        case keras.Sequential():
            return enumerate(owner.layers)
        case keras.Layer():
            attributes: dict[str, Any] = vars(owner)
            return attributes.items()
        case dict():
            return owner.items()
        case list() | tuple():
            return enumerate(owner)
    return ()
