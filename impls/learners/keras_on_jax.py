"""Keras on JAX: an epoch is one compiled scan over its batches, through which Keras' variables go as arrays.

On the CPU, where XLA makes the gradients of convolutions slow, they are rewritten (see ``jax_convolutions``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial, reduce
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jax
import jax.numpy as jnp
import keras

from impls.learners.jax_convolutions import fast
from impls.learners.jax_export import export_onnx
from impls.spec import Device, DeviceMissingError, Dtype

INTEGERS = "int32"
State = tuple[list[Any], list[Any]]
"""What a step changes: the values of the net's variables, and of the optimiser's."""


class Backend:
    """JAX on a device."""

    def __init__(self, *, mode: str, device: Device, dtype: Dtype) -> None:
        del mode  # there is one
        try:
            jax.devices(device)
        except RuntimeError as error:
            raise DeviceMissingError(f"JAX sees no {device}") from error
        jax.config.update("jax_enable_x64", dtype == "float64")
        # TensorFloat-32 keeps ten bits of the mantissa: too few to compare frameworks by.
        jax.config.update("jax_default_matmul_precision", "highest")
        self.device, self.dtype = device, dtype
        self.latest: Any = ()  # the last results, for wait: JAX returns before it has computed them

    def prepared(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function, compiled."""
        compiled = jax.jit(function)

        def call(*inputs: Any) -> Any:
            self.latest = compiled(*inputs)
            return self.latest

        return call

    def uncompiled(self) -> AbstractContextManager[None]:
        """In it, all that is called has values; else a loop's body would not."""
        context: AbstractContextManager[None] = jax.disable_jit()
        return context

    def wait(self) -> None:
        """Return when the device has finished."""
        jax.block_until_ready(self.latest)

    def versions(self) -> dict[str, str]:
        """Of JAX."""
        return {package: version(package) for package in ("jax", "jaxlib")}


def reduce_window(x: Any, start: Any, combine: Any, window: Any, strides: Any, padding: str) -> Any:
    """JAX's pooling, written out axis by axis as what jax2onnx can export: it counts the batch among a pool's axes."""
    if padding != "VALID":
        sides = jax.lax.padtype_to_pads(x.shape, window, strides, padding)
        x = jax.lax.pad(x, jnp.asarray(start, x.dtype), [(*side, 0) for side in sides])
    for axis, (width, stride) in enumerate(zip(window, strides, strict=True)):
        if (width, stride) != (1, 1):
            end = x.shape[axis] - width + 1
            x = reduce(combine, [jax.lax.slice_in_dim(x, at, at + end, stride, axis) for at in range(width)])
    return x


class Training:
    """A net's steps and epochs; Keras' variables hold what is learnt, and lend their arrays to each step."""

    def __init__(
        self, backend: Backend, net: Any, optimizer: Any, variables: Mapping[str, Any], loss: Callable[..., Any]
    ) -> None:
        self._backend, self._net, self._optimizer, self._loss = backend, net, optimizer, loss
        self._dtype = backend.dtype
        self._names, self._trained = list(variables), list(variables.values())
        self._gradients = fast(jax.value_and_grad(self._loss_of), backend.device)
        self._compiled_gradients = jax.jit(self._gradients)
        # A state that is donated lends its memory to the next one.
        self._compiled_update = jax.jit(self._update, donate_argnums=0)
        self._compiled_scan = jax.jit(self._scan, donate_argnums=0)
        self._outputs = backend.prepared(lambda values, x: self._call(values, x, training=False))

    def loss_and_gradients(self, x: Any, y: Any) -> tuple[Any, dict[str, Any]]:
        """The loss, and the gradient of each variable by its name."""
        loss, gradients = self._compiled_gradients(self._state()[0], x, y)
        return loss, dict(zip(self._names, gradients, strict=True))

    def step(self, x: Any, y: Any) -> Any:
        """Train on one batch; returns the loss before."""
        # In two programs, of which the first is compiled for loss_and_gradients as well.
        state = self._state()
        loss, gradients = self._compiled_gradients(state[0], x, y)
        self._keep(self._compiled_update(state, gradients))
        return loss

    def train_epoch(self, x: Any, y: Any, order: Any) -> Any:
        """Train on batches; returns their losses, each before its update."""
        state, losses = self._compiled_scan(self._state(), x, y, order)
        self._keep(state)
        return losses

    def predict(self, x: Any) -> Any:
        """The net's outputs."""
        return self._outputs(self._state()[0], x)

    def export_onnx(self, path: Path, input_shape: Sequence[int]) -> None:
        """Write the net as ONNX."""
        net = partial(self._call, self._state()[0], training=False)
        with patch.object(jax.lax, "reduce_window", reduce_window):
            export_onnx(net, input_shape, path, double=self._dtype == "float64")

    def _state(self) -> State:
        return [v.value for v in self._trained], [v.value for v in self._optimizer.variables]

    def _keep(self, state: State) -> None:
        for variables, values in zip((self._trained, self._optimizer.variables), state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        self._backend.latest = state

    def _call(self, values: Sequence[Any], x: Any, *, training: bool) -> Any:
        # As stateless_call does it; but that goes round __call__, which tells the layers that this is training.
        with keras.StatelessScope(state_mapping=list(zip(self._trained, values, strict=True))):
            return self._net(x, training=training)

    def _loss_of(self, values: Sequence[Any], x: Any, y: Any) -> Any:
        return self._loss(self._call(values, x, training=True), y)

    # What is compiled: functions of a state and of what else they need, that change nothing.

    def _update(self, state: State, gradients: Sequence[Any]) -> State:
        values, slots = state
        new: State = self._optimizer.stateless_apply(slots, gradients, values)
        return new

    def _step(self, state: State, x: Any, y: Any) -> tuple[State, Any]:
        loss, gradients = self._gradients(state[0], x, y)
        return self._update(state, gradients), loss

    def _scan(self, state: State, x: Any, y: Any, order: Any) -> Any:
        return jax.lax.scan(lambda state, rows: self._step(state, x[rows], y[rows]), state, order)
