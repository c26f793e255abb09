"""JAX with Flax NNX and Optax: an epoch is one compiled scan over its batches, or a compiled step called for each.

On the CPU, where XLA makes the gradients of convolutions slow, they are rewritten (see ``jax_convolutions``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from impls.inner import Notes, noted
from impls.learners.jax_convolutions import fast
from impls.learners.jax_draws import drawn, shuffled
from impls.learners.jax_export import export_onnx
from impls.learners.jax_losses import loss_of
from impls.learners.jax_optimizers import new_optimizer, slots_of, with_slots
from impls.learners.jax_parameters import canonical_name, split, values
from impls.spec import (
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
)

FRAMEWORK = Framework(
    packages=("jax", "flax", "optax"),
    modes={"scan": {}, "jit": {}, "native": {}},
    net_modes=("native",),
    dtypes=("float32", "float64", "bfloat16"),
    environment={"NPROC": "{threads}", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"},
    cold={"JAX_ENABLE_COMPILATION_CACHE": "false"},
)


class Arrays:
    def __init__(self, *, mode: str, device: Device, dtype: Dtype) -> None:
        del mode  # a function is compiled in each
        try:
            self._device = jax.devices(device)[0]
        except RuntimeError as error:
            raise DeviceMissingError(f"JAX sees no {device}") from error
        jax.config.update("jax_enable_x64", dtype == "float64")
        # TensorFloat-32 keeps ten bits of the mantissa: too few to compare frameworks by.
        jax.config.update("jax_default_matmul_precision", "highest")
        self._dtype, self._mixed = np.dtype(array_dtype(dtype)), dtype == "bfloat16"
        self._latest: Any = ()  # the last results, for wait: JAX returns before it has computed them

    def put(self, array: Array) -> jax.Array:
        # The copy is JAX's own: on the CPU device_put may read a NumPy buffer late, or keep it.
        dtype = self._dtype if array.dtype.kind == "f" else array.dtype
        return jax.device_put(np.array(array, dtype), self._device)

    def get(self, native: jax.Array) -> Array:
        return np.array(native)

    def ways(self) -> tuple[Way, ...]:
        return "eager", "compiled"

    def prepared(self, function: Callable[..., Any], way: Way | None = None) -> Callable[..., Any]:
        called = function if way == "eager" else jax.jit(function)

        def call(*inputs: jax.Array) -> Any:
            self._latest = called(*inputs)
            return self._latest

        return call

    def wait(self) -> None:
        jax.block_until_ready(self._latest)

    def versions(self) -> dict[str, str]:
        return {package: version(package) for package in ("jax", "jaxlib", "flax", "optax")}


class Learner(Arrays):
    def __init__(self, lesson: NetLesson, net_class: Any, *, mode: str, device: Device, dtype: Dtype) -> None:
        super().__init__(mode=mode, device=device, dtype=dtype)
        self._lesson = lesson
        self._scans, self._native = mode != "jit", mode == "native"
        self._optimizer: Any = new_optimizer(lesson.optimizer, native=self._native)
        self._new_net = partial(net_class, **lesson.net)
        with jax.default_device(self._device):
            self._graph, found, self._rest = split(self._new_net, [parameter.name for parameter in lesson.parameters])
        self._paths = {name: path for name, (path, _) in found.items()}
        self._state = self._start({name: np.zeros(shape) for name, (_, shape) in found.items()}, {})
        self._gradients = fast(jax.value_and_grad(self._loss), device)
        self._compiled_gradients = jax.jit(self._gradients)
        self._compiled_outputs = jax.jit(self._outputs)
        # What is donated lends its memory to what follows: a state, and losses, since to stack thousands takes seconds.
        self._compiled_update = jax.jit(self._update, donate_argnums=0)
        self._compiled_row = jax.jit(self._row, donate_argnums=(0, 1))
        self._compiled_scan = jax.jit(self._scan, donate_argnums=0)

    def load(self, weights: Mapping[str, Array], slots: Mapping[str, Array] | None = None) -> None:
        check_fit(weights, self.weights(), self.untrained())
        self._state = self._latest = self._start(weights, slots or {})

    def weights(self) -> Weights:
        return {name: self.get(self._state[0][name]) for name in self._paths}

    def untrained(self) -> list[str]:
        return [canonical_name(path) for path, _ in nnx.to_flat_state(self._rest)]

    def slots(self) -> Weights:
        return {name: self.get(slot) for name, slot in slots_of(self._lesson.optimizer, self._state[1]).items()}

    def own_weights(self, seed: int) -> Weights:
        return values(self._new_net(nnx.Rngs(seed))) if self._native else drawn(self._lesson.parameters, seed)

    def own_order(self, examples: int, epochs: int, seed: int) -> Array:
        return shuffled(examples, epochs, seed)

    def loss_and_gradients(self, x: jax.Array, y: jax.Array) -> tuple[float, Weights]:
        loss, gradients = self._compiled_gradients(self._state[0], x, y)
        return loss.item(), {name: self.get(gradients[name]) for name in self._paths}

    def step(self, x: jax.Array, y: jax.Array) -> jax.Array:
        # In two programs, of which the first is compiled for loss_and_gradients as well.
        loss, gradients = self._compiled_gradients(self._state[0], x, y)
        self._state = self._latest = self._compiled_update(self._state, gradients)
        return loss

    def train_epoch(self, x: jax.Array, y: jax.Array, order: jax.Array) -> jax.Array:
        if self._scans:
            self._state, losses = self._latest = self._compiled_scan(self._state, x, y, order)
            return losses
        losses = jnp.zeros(len(order), self._dtype, device=self._device)
        for i in range(len(order)):
            self._state, losses = self._latest = self._compiled_row(self._state, losses, x, y, order, i)
        return losses

    def predict(self, x: jax.Array) -> jax.Array:
        self._latest = self._compiled_outputs(self._state[0], x)
        return self._latest

    def inner(self, x: jax.Array) -> Weights:
        notes, net = Notes(self.get), self._net(self._state[0])
        parts = {id(part): (canonical_name(path), type(part)) for path, part in nnx.iter_modules(net) if path}
        names = {key: name for key, (name, _) in parts.items()}
        # Uncompiled, even a scan's body is called with arrays that have values.
        with jax.disable_jit(), noted(notes, {kind for _, kind in parts.values()}, names):
            notes.after("", net(x))
        return notes.arrays

    def export_onnx(self, path: Path) -> None:
        export_onnx(self._net(self._state[0]), self._lesson.input_shape, path, double=self._dtype == "float64")

    def _start(self, weights: Mapping[str, Array], slots: Mapping[str, Array]) -> Any:
        """A dict by name (faster to pass than nnx objects) and a memory, committed as a step leaves them."""
        parameters = {name: self.put(weights[name]) for name in self._paths}
        memory = self._optimizer.init(parameters)
        memory = with_slots(self._lesson.optimizer, memory, slots) if slots else memory
        return jax.device_put((parameters, memory), self._device)

    # What is compiled: functions of the state, the pair of parameters and optimiser memory, that change nothing.

    def _net(self, parameters: Mapping[str, jax.Array]) -> Any:
        state = nnx.from_flat_state({path: parameters[name] for name, path in self._paths.items()})
        return nnx.merge(self._graph, state, self._rest)

    def _outputs(self, parameters: Mapping[str, jax.Array], x: jax.Array) -> Any:
        if self._mixed:
            parameters, x = jax.tree.map(lambda array: array.astype(jnp.bfloat16), (parameters, x))
        return self._net(parameters)(x).astype(self._dtype)

    def _loss(self, parameters: Mapping[str, jax.Array], x: jax.Array, y: jax.Array) -> Any:
        return loss_of(self._lesson.loss, self._outputs(parameters, x), y)

    def _update(self, state: Any, gradients: Any) -> Any:
        parameters, memory = state
        updates, memory = self._optimizer.update(gradients, memory)
        return optax.apply_updates(parameters, updates), memory

    def _step(self, state: Any, x: jax.Array, y: jax.Array) -> Any:
        loss, gradients = self._gradients(state[0], x, y)
        return self._update(state, gradients), loss

    def _row(self, state: Any, losses: jax.Array, x: jax.Array, y: jax.Array, order: jax.Array, i: int) -> Any:
        state, loss = self._step(state, x[order[i]], y[order[i]])
        return state, losses.at[i].set(loss)

    def _scan(self, state: Any, x: jax.Array, y: jax.Array, order: jax.Array) -> Any:
        return jax.lax.scan(lambda state, rows: self._step(state, x[rows], y[rows]), state, order)
