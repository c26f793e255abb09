import jax
import jax.numpy as jnp
from jax import lax


def _loss(x, y, w, b):
    error = x @ w + b[..., None, :] - y  # (…, batch, 1)
    return jnp.mean(error**2, axis=(-2, -1)) / 2  # (…)


def _slopes(x, y, w, b):
    return jax.grad(_loss, argnums=(2, 3))(x, y, w, b)  # by w (2, 1), by b (1,)


def _updates(x, y, w, b, rate, order):
    def update(carry, rows):
        w, b = carry
        dw, db = _slopes(x[rows], y[rows], w, b)
        carry = w - rate * dw, b - rate * db  # (2, 1), (1,)
        return carry, carry

    _, (ws, bs) = lax.scan(update, (w, b), order.reshape(-1, order.shape[-1]))
    return jnp.append(w[None], ws, axis=0), jnp.append(b[None], bs, axis=0)  # (updates + 1, 2, 1), (updates + 1, 1)


def parameters(x, y, w, b, rate, order):
    ws, bs = _updates(x, y, w, b, rate, order)
    return jnp.concatenate([ws[-1, :, 0], bs[-1]])  # (3,)


def losses(x, y, w, b, rate, order):
    ws, bs = _updates(x, y, w, b, rate, order)
    steps = order.shape[1]
    return _loss(x, y, ws[::steps], bs[::steps])  # of all examples before each epoch and after the last, (epochs + 1,)


def diverge(x, y, w, b, large, longer):
    ws, bs = _updates(x, y, w, b, large, longer)
    rows = longer.reshape(-1, longer.shape[-1])  # (updates, batch)
    return _loss(x[rows], y[rows], ws[:-1], bs[:-1])  # of each batch before its update, (updates,)
