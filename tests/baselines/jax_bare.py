"""Two dense nets trained by a compiled loop in JAX and nothing else: no Flax, no learner, no harness."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

from impls import spec


def outputs(weights, x):
    *hidden, kernel, bias = weights
    for inner_kernel, inner_bias in zip(hidden[::2], hidden[1::2], strict=True):
        x = jax.nn.relu(x @ inner_kernel + inner_bias)
    return x @ kernel + bias


def loss_of(weights, x, y):
    return optax.softmax_cross_entropy_with_integer_labels(outputs(weights, x), y).mean()


@partial(jax.jit, static_argnums=0, donate_argnums=1)
def train_epoch(optimizer, state, x, y, order):
    def step(state, rows):
        weights, memory = state
        loss, gradients = jax.value_and_grad(loss_of)(weights, x[rows], y[rows])
        updates, memory = optimizer.update(gradients, memory)
        return (optax.apply_updates(weights, updates), memory), loss

    return jax.lax.scan(step, state, order)


def train(lesson, weights, x, y, order, lap):
    match lesson.optimizer:
        case spec.SGD(rate):
            optimizer = optax.sgd(rate)
        case spec.RMSprop(rate, decay, epsilon):
            optimizer = optax.rmsprop(rate, decay=decay, eps=epsilon, eps_in_sqrt=False)
    weights, x, y = jax.tree.map(jnp.array, (weights, x, y))
    state = weights, optimizer.init(weights)
    for rows_of_epoch in order:
        state, losses = jax.block_until_ready(train_epoch(optimizer, state, x, y, rows_of_epoch))
        lap(losses)
    return [np.asarray(array) for array in state[0]]
