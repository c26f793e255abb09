"""JAX with Flax NNX and Optax: an epoch is one compiled scan over its batches, or a compiled step called for each.

On the CPU, where XLA makes convolutions slow inside a loop, a scan's gradients are rewritten (see ``rewritten``).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import lax
from jax.extend.core import Literal

from impls.spec import SGD, Array, Device, DeviceMissingError, Dtype, Framework, NetLesson, RMSprop, Weights, check_fit

FRAMEWORK = Framework(
    packages=("jax", "flax", "optax"),
    modes={"scan": {}, "jit": {}},
    environment={"NPROC": "{threads}", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"},
)

# Of one example each; l2_loss carries the half.
LOSSES = {
    "half_mean_squared_error": optax.l2_loss,
    "softmax_cross_entropy": optax.softmax_cross_entropy_with_integer_labels,
}


def channels_last(x: Any, kernel: Any, *, dimension_numbers: Any, **parameters: Any) -> Any:
    """The same convolution on transposed operands.

    XLA's CPU compiler has a fast convolution for channels-last operands alone. It transposes others itself where
    they stand in a program's outermost computation, but not inside a loop (jax-ml/jax#12868); and the gradients
    that JAX derives for a convolution are others.
    """
    (n, c, *space), (o, i, *window), (out_n, out_c, *out_space) = dimension_numbers
    x, kernel = x.transpose(n, *space, c), kernel.transpose(*window, i, o)
    layout = (0, x.ndim - 1, *range(1, x.ndim - 1)), (x.ndim - 1, x.ndim - 2, *range(x.ndim - 2))
    numbers = lax.ConvDimensionNumbers(*layout, layout[0])
    result = lax.conv_general_dilated_p.bind(x, kernel, dimension_numbers=numbers, **parameters)
    return result.transpose(np.argsort((out_n, *out_space, out_c)))


def pool_gradient(gradient: Any, x: Any, **parameters: Any) -> Any:
    """The gradient of a max-pool, which goes to the first maximum of each window.

    JAX's form of it, select_and_scatter, is slow on the CPU. Windows that tile the input need no scatter; others are
    left as they are.
    """
    window = parameters["window_dimensions"]
    tiled = gradient.size * np.prod(window) == x.size and not any(map(any, parameters["padding"]))
    if window != parameters["window_strides"] or not tiled or parameters["select_prim"] is not lax.ge_p:
        return lax.select_and_scatter_add_p.bind(gradient, x, **parameters)
    inside = tuple(range(1, 2 * x.ndim, 2))
    windows = x.reshape([n for pair in zip(gradient.shape, window, strict=True) for n in pair])
    place = jnp.arange(np.prod(window)).reshape([n for w in window for n in (1, w)])
    first = jnp.where(windows == windows.max(inside, keepdims=True), place, place.size).min(inside, keepdims=True)
    return jnp.where(place == first, jnp.expand_dims(gradient, inside), 0).reshape(x.shape)


FAST_IN_A_LOOP = {lax.conv_general_dilated_p: channels_last, lax.select_and_scatter_add_p: pool_gradient}


def rewritten(function: Any, *arguments: Any) -> Any:
    """The function's result, its slow operations replaced by equal ones: it is traced, and the trace is run anew."""
    trace, form = jax.make_jaxpr(function, return_shape=True)(*arguments)
    values = dict(zip(trace.jaxpr.constvars, trace.consts, strict=True))
    values |= zip(trace.jaxpr.invars, jax.tree.leaves(arguments), strict=True)

    def read(variables: Any) -> list[Any]:
        return [v.val if isinstance(v, Literal) else values[v] for v in variables]

    for equation in trace.jaxpr.eqns:
        operation = FAST_IN_A_LOOP.get(equation.primitive, equation.primitive.bind)
        results = operation(*read(equation.invars), **equation.primitive.get_bind_params(equation.params))
        values |= zip(equation.outvars, results if equation.primitive.multiple_results else [results], strict=True)
    return jax.tree.unflatten(jax.tree.structure(form), read(trace.jaxpr.outvars))


class Learner:
    def __init__(self, lesson: NetLesson, net_class: Any, *, mode: str, device: Device, dtype: Dtype) -> None:
        try:
            self._device = jax.devices(device)[0]
        except RuntimeError as error:
            raise DeviceMissingError(f"JAX sees no {device}") from error
        jax.config.update("jax_enable_x64", dtype == "float64")
        # TensorFloat-32 keeps ten bits of the mantissa: too few to compare frameworks by.
        jax.config.update("jax_default_matmul_precision", "highest")
        self._lesson = lesson
        self._dtype = np.dtype(dtype)
        self._scans = mode == "scan"
        match lesson.optimizer:
            case SGD(learning_rate, momentum):
                self._optimizer: Any = optax.sgd(learning_rate, momentum or None)  # None: no memory is kept
            case RMSprop(learning_rate, decay, epsilon):
                self._optimizer = optax.rmsprop(learning_rate, decay, eps=epsilon, eps_in_sqrt=False)
        with jax.default_device(self._device):
            self._graph, parameters, self._rest = nnx.split(net_class(nnx.Rngs(lesson.seed)), nnx.Param, ...)
        found = {".".join(map(str, path)): (path, np.array(array)) for path, array in nnx.to_flat_state(parameters)}
        # JAX sorts by name; the lesson's order is kept here, and what the net has beyond the lesson comes last.
        named = dict.fromkeys([p.name for p in lesson.parameters if p.name in found] + list(found))
        self._paths = {name: found[name][0] for name in named}
        self._state = self._start({name: found[name][1] for name in named})
        self._latest: Any = ()  # the last results, for wait: JAX returns before it has computed them

        gradients = jax.value_and_grad(self._loss)
        self._gradients = partial(rewritten, gradients) if self._scans and device == "cpu" else gradients
        self._compiled_gradients = jax.jit(self._gradients)
        self._compiled_outputs = jax.jit(lambda parameters, x: self._net(parameters)(x))
        # A state that is donated lends its memory to the next one.
        self._compiled_step = jax.jit(self._step, donate_argnums=0)
        self._compiled_row = jax.jit(lambda s, x, y, rows, i: self._step(s, x[rows[i]], y[rows[i]]), donate_argnums=0)
        self._compiled_scan = jax.jit(self._scan, donate_argnums=0)

    def put(self, array: Array) -> jax.Array:
        # The copy is JAX's own: on the CPU device_put may read a NumPy buffer late, or keep it.
        dtype = self._dtype if array.dtype.kind == "f" else array.dtype
        return jax.device_put(np.array(array, dtype), self._device)

    def get(self, native: jax.Array) -> Array:
        return np.array(native)

    def load(self, weights: Mapping[str, Array]) -> None:
        check_fit(weights, self.weights())
        self._state = self._start(weights)

    def weights(self) -> Weights:
        return {name: self.get(self._state[0][name]) for name in self._paths}

    def loss_and_gradients(self, x: jax.Array, y: jax.Array) -> tuple[float, Weights]:
        loss, gradients = self._compiled_gradients(self._state[0], x, y)
        return loss.item(), {name: self.get(gradients[name]) for name in self._paths}

    def step(self, x: jax.Array, y: jax.Array) -> jax.Array:
        self._state, loss = self._compiled_step(self._state, x, y)
        return loss

    def train_epoch(self, x: jax.Array, y: jax.Array, order: jax.Array) -> jax.Array:
        if self._scans:
            self._state, self._latest = self._compiled_scan(self._state, x, y, order)
        else:
            losses = []
            for i in range(len(order)):
                self._state, loss = self._compiled_row(self._state, x, y, order, i)
                losses.append(loss)
            self._latest = jnp.stack(losses)
        return self._latest

    def predict(self, x: jax.Array) -> jax.Array:
        self._latest = self._compiled_outputs(self._state[0], x)
        return self._latest

    def wait(self) -> None:
        jax.block_until_ready((self._state, self._latest))

    def export_onnx(self, path: Path) -> None:
        from jax2onnx import to_onnx  # exporting alone needs it

        net, inputs = self._net(self._state[0]), [("batch", *self._lesson.input_shape)]
        names = {"input_names": ["x"], "output_names": ["y"]}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of how jax2onnx reads the parameters of a net
            model = to_onnx(net, inputs, opset=18, enable_double_precision=self._dtype == "float64", **names)
        path.write_bytes(model.SerializeToString())

    def versions(self) -> dict[str, str]:
        return {package: version(package) for package in ("jax", "jaxlib", "flax", "optax")}

    def _start(self, weights: Mapping[str, Array]) -> Any:
        """Parameters by name (a plain dict passes faster to what is compiled than nnx objects), and a blank memory."""
        parameters = {name: self.put(weights[name]) for name in self._paths}
        return parameters, self._optimizer.init(parameters)

    # What is compiled: functions of the state, the pair of parameters and optimiser memory, that change nothing.

    def _net(self, parameters: Mapping[str, jax.Array]) -> Any:
        state = nnx.from_flat_state({path: parameters[name] for name, path in self._paths.items()})
        return nnx.merge(self._graph, state, self._rest)

    def _loss(self, parameters: Mapping[str, jax.Array], x: jax.Array, y: jax.Array) -> Any:
        return LOSSES[self._lesson.loss](self._net(parameters)(x), y).mean()

    def _step(self, state: Any, x: jax.Array, y: jax.Array) -> Any:
        parameters, memory = state
        loss, gradients = self._gradients(parameters, x, y)
        updates, memory = self._optimizer.update(gradients, memory)
        return (optax.apply_updates(parameters, updates), memory), loss

    def _scan(self, state: Any, x: jax.Array, y: jax.Array, order: jax.Array) -> Any:
        return lax.scan(lambda state, rows: self._step(state, x[rows], y[rows]), state, order)
