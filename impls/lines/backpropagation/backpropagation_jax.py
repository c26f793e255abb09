import jax
import jax.numpy as jnp
from jax import lax


def _loss(x, y, w):  # what JAX records the graph of
    return (w * x - y) ** 2  # the shape of x


def _automatic(x, y, w):  # JAX makes of a function the one that computes its derivative
    return jax.grad(lambda w: _loss(x, y, w).sum())(w)  # the shape of w


def _by_hand(x, y, w):
    return 2 * (w * x - y) * x  # the shape of x


def _updates(derivative, x, y, w, rates):
    def epoch(w, rate):
        def update(w, example):
            w = w - rate * derivative(*example, w)  # ()
            return w, w

        return lax.scan(update, w, (x, y))

    _, ws = lax.scan(epoch, w, rates)  # (epochs, examples)
    return jnp.append(w, ws)  # (updates + 1,)


def weights(x, y, w, rates):
    return _updates(_automatic, x, y, w, rates)[:: len(x)]  # (epochs + 1,)


def by_hand(x, y, w, rates):
    return _updates(_by_hand, x, y, w, rates)[:: len(x)]  # (epochs + 1,)


def gradients(x, y, w, rates):
    ws = _updates(_automatic, x, y, w, rates)[:-1]  # (updates,)
    ones, targets = jnp.tile(x, len(rates)), jnp.tile(y, len(rates))  # (updates,)
    return jnp.stack([_automatic(ones, targets, ws), _by_hand(ones, targets, ws)], axis=1)  # (updates, 2)


def accumulated(x, y, w, rates):  # JAX keeps no gradients: who wants their total must carry it on
    def epoch(carry, rate):
        def update(carry, example):
            w, total = carry
            total = total + _automatic(*example, w)  # ()
            return (w - rate * total, total), None

        carry, _ = lax.scan(update, carry, (x, y))
        return carry, carry[0]

    _, ws = lax.scan(epoch, (w, jnp.zeros_like(w)), rates)  # (epochs,)
    return jnp.append(w, ws)  # (epochs + 1,)
