import jax
import jax.numpy as jnp
import optax
from jax import lax


def _loss(net, x, y, penalty=0):  # JAX derives by the first argument
    w, b = net
    return jnp.mean((x @ w + b - y) ** 2) + penalty / 2 * jnp.sum(w**2)  # ()


def _clippings(limit):
    return None, optax.clip(limit), optax.clip_by_global_norm(limit)


def _updates(x, y, w, b, rate, order, penalty=0, decay=0, clipping=None):  # JAX has Optax, which chains what is done
    decaying = optax.add_decayed_weights(decay, mask=(True, False))  # of w, not of b
    optimizer = optax.chain(clipping or optax.identity(), decaying, optax.sgd(rate))

    def update(carry, rows):
        net, memory = carry
        changes, memory = optimizer.update(jax.grad(_loss)(net, x[rows], y[rows], penalty), memory, net)
        net = optax.apply_updates(net, changes)
        return (net, memory), jnp.append(*net)

    start = w, b
    _, points = lax.scan(update, (start, optimizer.init(start)), order.reshape(-1, order.shape[-1]))
    return jnp.append(jnp.append(w, b)[None], points, axis=0)  # (updates + 1, 3)


def norms(x, slip, w, b):
    dw, db = jax.vmap(jax.grad(_loss), in_axes=(None, 0, 0))((w, b), x, slip)  # each example's own
    return jnp.linalg.norm(jnp.concatenate([dw, db], axis=1), axis=1)  # (examples,)


def distances(x, slip, w, b, rate, limit, order, truth):
    paths = [_updates(x, slip, w, b, rate, order, clipping=clipping) for clipping in _clippings(limit)]
    return jnp.max(jnp.abs(jnp.stack(paths, axis=1) - truth), axis=2)  # (updates + 1, 3)


def penalised(x, y, w, b, rate, penalty, order):
    return _updates(x, y, w, b, rate, order, penalty=penalty)  # (updates + 1, 3)


def decayed(x, y, w, b, rate, penalty, order):
    return _updates(x, y, w, b, rate, order, decay=penalty)  # (updates + 1, 3)
