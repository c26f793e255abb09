"""What JAX's learner puts in the place of slow operations computes the same; and an epoch is compiled once."""

from __future__ import annotations

import numpy as np
import pytest
from workbench import make, small

jax = pytest.importorskip("jax")
from jax import lax  # noqa: E402

from harness.catalogue import load_lesson  # noqa: E402
from impls.learners import jax_convolutions  # noqa: E402
from impls.spec import initial_weights  # noqa: E402

CONVOLUTIONS = {
    "valid": ((6, 9, 8, 3), (5, 5, 3, 4), {"padding": "VALID"}),
    "padded": ((6, 9, 8, 3), (3, 3, 3, 4), {"padding": [(1, 1), (1, 1)]}),
    "one side": ((6, 9, 8, 3), (3, 3, 3, 4), {"padding": [(2, 0), (0, 1)]}),
    "a wide border": ((6, 9, 8, 3), (4, 3, 3, 4), {"padding": [(3, 2), (0, 3)]}),
    "one channel": ((6, 13, 12, 1), (5, 5, 1, 4), {"padding": "VALID"}),
    "one channel, border": ((6, 13, 12, 1), (4, 3, 1, 5), {"padding": [(1, 2), (0, 1)]}),
    "one channel, a wide border": ((6, 9, 8, 1), (3, 3, 1, 4), {"padding": [(2, 2), (2, 2)]}),
    "of one pixel": ((6, 9, 8, 3), (1, 1, 3, 4), {"padding": "VALID"}),
    "window larger than image": ((6, 4, 4, 3), (5, 5, 3, 4), {"padding": [(2, 2), (2, 2)]}),
    "strides": ((6, 9, 8, 3), (3, 3, 3, 4), {"padding": "SAME", "window_strides": (2, 2)}),
    "dilated": ((6, 9, 8, 3), (3, 3, 3, 4), {"padding": "SAME", "rhs_dilation": (2, 2)}),
    "groups": ((6, 9, 8, 4), (3, 3, 2, 6), {"padding": "SAME", "feature_group_count": 2}),
}


@pytest.mark.parametrize("largest", [2**9, 2**15, 2**30], ids=["by channels", "in pieces", "at once"])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolutions_and_their_gradients_are_jaxs(name, largest, monkeypatch):
    monkeypatch.setattr(jax_convolutions, "LARGEST_WINDOWS", largest)
    shape, kernel_shape, how = CONVOLUTIONS[name]
    how = {"window_strides": (1, 1), "dimension_numbers": ("NHWC", "HWIO", "NHWC")} | how
    rng = np.random.default_rng(0)

    def gradients(x, kernel, dy):
        y, pull = jax.vjp(lambda x, kernel: lax.conv_general_dilated(x, kernel, **how), x, kernel)
        return y, pull(dy)

    with jax.enable_x64(True):
        x, kernel = rng.normal(size=shape), rng.normal(size=kernel_shape)
        y = jax.eval_shape(lambda: lax.conv_general_dilated(x, kernel, **how))
        arguments = x, kernel, rng.normal(size=y.shape)
        expected = jax.jit(gradients)(*arguments)
        found = jax.jit(lambda *arguments: jax_convolutions.rewritten(gradients, *arguments))(*arguments)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("padding", ["VALID", "SAME"])
@pytest.mark.parametrize("strides", [(1, 1), (2, 2)], ids=str)
@pytest.mark.parametrize("pool", ["max_pool", "avg_pool"])
def test_pools_and_their_gradients_are_jaxs(pool, strides, padding):
    """Also where several values of a window are the largest."""
    nnx = pytest.importorskip("flax.nnx")
    rng = np.random.default_rng(0)
    x = rng.integers(0, 3, (5, 6, 6, 2)).astype(np.float32)

    def gradients(x):
        y, pull = jax.vjp(lambda x: getattr(nnx, pool)(x, (2, 2), strides=strides, padding=padding), x)
        return y, pull(jax.numpy.sin(jax.numpy.arange(y.size, dtype=y.dtype)).reshape(y.shape))

    expected, found = jax.jit(gradients)(x), jax.jit(lambda x: jax_convolutions.rewritten(gradients, x))(x)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("mode", ["scan", "jit"])
@pytest.mark.parametrize("name", ["linear_regression", "relu_mlp", "rnn"])
def test_after_the_first_epoch_nothing_is_compiled(name, mode):
    """One lesson of each optimiser; what is timed begins with the second epoch."""
    lesson, learner = load_lesson(name), make(name, "jax", mode)
    data = small(lesson, "float64")
    x, y = learner.put(data.x_train), learner.put(data.y_train)
    order = learner.put(np.arange(3 * lesson.batch).reshape(3, lesson.batch))
    learner.load(initial_weights(lesson, 0, "float64"))
    learner.train_epoch(x, y, order)
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(lambda event, *_, **__: compiled.append(event))
    learner.train_epoch(x, y, order)
    assert not [event for event in compiled if "compile" in event]
    jax.jit(lambda x: x + 1)(x)
    assert [event for event in compiled if "compile" in event], "what is listened to says nothing"
