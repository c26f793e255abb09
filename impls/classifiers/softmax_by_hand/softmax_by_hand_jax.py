import jax
import jax.numpy as jnp
from jax import lax


def softmax(logits):
    powers = jnp.exp(logits - jnp.max(logits, axis=1, keepdims=True))  # (examples, classes)
    return powers / jnp.sum(powers, axis=1, keepdims=True)  # (examples, classes)


def cross_entropy(logits, labels):
    shifted = logits - jnp.max(logits, axis=1, keepdims=True)  # (examples, classes)
    right = jnp.take_along_axis(shifted, labels[:, None], axis=1)[:, 0]  # (examples,)
    return jnp.log(jnp.sum(jnp.exp(shifted), axis=1)) - right  # (examples,)


def _loss(x, labels, w, b):
    return jnp.mean(cross_entropy(x @ w + b, labels))  # ()


def _gradients(x, labels, w, b):
    return jax.grad(_loss, argnums=(2, 3))(x, labels, w, b)  # by w (pixels, classes), by b (classes,)


def _epochs(x, labels, w, b, rate, order):
    def update(carry, rows):
        w, b = carry
        dw, db = _gradients(x[rows], labels[rows], w, b)
        return (w - rate * dw, b - rate * db), None  # (pixels, classes), (classes,)

    def epoch(carry, rows):
        carry, _ = lax.scan(update, carry, rows)
        return carry, carry

    _, (ws, bs) = lax.scan(epoch, (w, b), order)
    return jnp.append(w[None], ws, axis=0), jnp.append(b[None], bs, axis=0)  # epochs + 1 of each


def losses(x, labels, w, b, rate, order):
    ws, bs = _epochs(x, labels, w, b, rate, order)
    return jax.vmap(lambda w, b: _loss(x, labels, w, b))(ws, bs)  # (epochs + 1,)


def _share(x, labels, w, b):
    return jnp.mean(jnp.argmax(x @ w + b, axis=1) == labels, dtype=x.dtype)  # ()


def accuracy(x, labels, w, b, rate, order, x_test, labels_test):
    ws, bs = _epochs(x, labels, w, b, rate, order)
    train = jax.vmap(lambda w, b: _share(x, labels, w, b))(ws, bs)  # (epochs + 1,)
    test = jax.vmap(lambda w, b: _share(x_test, labels_test, w, b))(ws, bs)  # (epochs + 1,)
    return jnp.stack([train, test], axis=1)  # (epochs + 1, 2)
