import jax
import jax.numpy as jnp
from jax import lax


def _losses(delta):
    return (  # squared, absolute, Huber: each of the shape of the error
        lambda error: error**2 / 2,
        lambda error: jnp.sign(error) * error,  # JAX derives jnp.abs at 0 as 1, and this as 0
        lambda error: jnp.where(jnp.abs(error) <= delta, error**2 / 2, delta * (jnp.abs(error) - delta / 2)),
    )


def _gradient(which, x, y, point, delta):
    def loss(point):
        return jnp.mean(_losses(delta)[which](x @ point[:2] + point[2] - y))  # ()

    return jax.grad(loss)(point)  # by each w and by b, (3,)


def _updates(which, x, y, point, rate, order, delta):
    def update(point, rows):
        point = point - rate * _gradient(which, x[rows], y[rows], point, delta)  # (3,)
        return point, point

    _, points = lax.scan(update, point, order.reshape(-1, order.shape[-1]))
    return jnp.append(point[None], points, axis=0)  # (updates + 1, 3)


def curves(predictions, delta):
    return jnp.stack([loss(predictions) for loss in _losses(delta)], axis=1)  # (predictions, 3)


def slopes(predictions, delta):
    return jnp.stack([jax.vmap(jax.grad(loss))(predictions) for loss in _losses(delta)], axis=1)  # (predictions, 3)


def squared_fit(x, y, start, rate, order, delta):
    return _updates(0, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def absolute_fit(x, y, start, rate, order, delta):
    return _updates(1, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def huber_fit(x, y, start, rate, order, delta):
    return _updates(2, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def distances(x, y, start, rate, order, delta, truth):
    paths = [_updates(which, x, y, start, rate, order, delta) for which in range(3)]  # of (updates + 1, 3)
    return jnp.max(jnp.abs(jnp.stack(paths, axis=1) - truth), axis=2)  # (updates + 1, 3)
