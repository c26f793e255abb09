import jax
import jax.numpy as jnp
from flax import nnx
from jax import lax


def training_pass(x, w1, b1, w2, b2, p, mask):
    h = jnp.tanh(x @ w1 + b1)  # (examples, hidden)
    return jnp.where(mask, h / (1 - p), 0) @ w2 + b2  # (examples, 1)


def evaluation_pass(x, w1, b1, w2, b2):
    h = jnp.tanh(x @ w1 + b1)  # (examples, hidden)
    return nnx.Dropout(0.5, deterministic=True)(h) @ w2 + b2  # whatever the rate, (examples, 1)


def _loss(outputs, y):
    return jnp.mean((outputs - y) ** 2)  # ()


def _gradients(outputs, y, net):
    return jax.grad(lambda net: _loss(outputs(*net), y))(net)  # as the parameters


def training_gradients(x, y, w1, b1, w2, b2, p, mask):
    gradients = _gradients(lambda *net: training_pass(x, *net, p, mask), y, (w1, b1, w2, b2))
    return jnp.concatenate([*map(jnp.ravel, gradients)])  # (parameters,)


def evaluation_gradients(x, y, w1, b1, w2, b2):
    gradients = _gradients(lambda *net: evaluation_pass(x, *net), y, (w1, b1, w2, b2))
    return jnp.concatenate([*map(jnp.ravel, gradients)])  # (parameters,)


def _fit(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks):
    def step(net, mask):
        losses = _loss(evaluation_pass(x, *net), y), _loss(evaluation_pass(x_test, *net), y_test)
        gradients = _gradients(lambda *net: training_pass(x, *net, p, mask), y, net)
        return jax.tree.map(lambda array, gradient: array - rate * gradient, net, gradients), jnp.stack(losses)

    net = w1, b1, w2, b2
    _, losses = lax.scan(step, net, masks)
    return losses  # before each step, (steps, 2)


def losses(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks):
    without = _fit(x, y, x_test, y_test, w1, b1, w2, b2, 0 * p, rate, jnp.ones_like(masks))  # (steps, 2)
    dropout = _fit(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks)  # (steps, 2)
    return jnp.concatenate([without, dropout], axis=1)  # (steps, 4)


def mean_distances(x, v, p, many):
    passes = jnp.where(many, x / (1 - p), 0) @ v  # (masks, examples, 1)
    means = jnp.cumsum(passes, axis=0) / jnp.arange(1, len(many) + 1)[:, None, None]  # (masks, examples, 1)
    return jnp.max(jnp.abs(means - x @ v), axis=(1, 2))  # (masks,)
