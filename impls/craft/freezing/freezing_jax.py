import jax
import jax.numpy as jnp
import optax
from jax import lax


def _loss(x, y, w1, b1, w2, b2):  # of one net or of many
    h = jnp.tanh(x @ w1 + b1[..., None, :])  # (…, examples, hidden)
    return jnp.mean((h @ w2 + b2[..., None, :] - y) ** 2, axis=(-2, -1))  # (…)


def _gradients(x, y, w1, b1, w2, b2):
    return jax.grad(_loss, argnums=(2, 3, 4, 5))(x, y, w1, b1, w2, b2)


def _phase(x, y, net, rate, order, learns):  # JAX has Optax, which gives what learns its optimiser and the rest none
    kinds = {True: optax.sgd(rate), False: optax.set_to_zero()}
    optimizer = optax.partition(kinds, learns)

    def update(carry, rows):
        net, memory = carry
        changes, memory = optimizer.update(_gradients(x[rows], y[rows], *net), memory, net)
        return (optax.apply_updates(net, changes), memory), None

    def epoch(carry, rows):
        carry, _ = lax.scan(update, carry, rows)
        return carry, carry[0]

    _, nets = lax.scan(epoch, (net, optimizer.init(net)), order)
    return nets  # epochs of each


def _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    start = w1, b1, w2, b2
    first = _phase(x, y, start, rate, frozen, (False, False, True, True))
    second = _phase(x, y, tuple(arrays[-1] for arrays in first), rate, thawed, (True, True, True, True))
    parts = zip(start, first, second, strict=True)
    return [jnp.concatenate([array[None], *both]) for array, *both in parts]  # epochs + 1 of each


def losses(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    nets = _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)
    return _loss(x, y, *nets)  # (epochs + 1,)


def changes(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    w1s, _, w2s, _ = _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)
    hidden, head = jnp.max(jnp.abs(w1s - w1), axis=(1, 2)), jnp.max(jnp.abs(w2s - w2), axis=(1, 2))  # of (epochs + 1,)
    return jnp.stack([hidden, head], axis=1)  # (epochs + 1, 2)


def kept(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    return _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)[0][len(frozen)]  # (inputs, hidden)


def learnt(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    return _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)[0][-1]  # (inputs, hidden)
