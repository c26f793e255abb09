import jax
import jax.numpy as jnp
from jax import lax


def _losses(delta):
    return (  # squared, absolute, Huber: each of the shape of the error
        lambda error: error**2 / 2,
        lambda error: jnp.sign(error) * error,  # jnp.abs has the derivative 1 at 0, this has 0
        lambda error: jnp.where(jnp.abs(error) <= delta, error**2 / 2, delta * (jnp.abs(error) - delta / 2)),
    )


def _slope(loss, error):
    return jax.grad(lambda error: jnp.sum(loss(error)))(error)  # the shape of the error


def _gradient(loss, x, y, point):
    return jax.grad(lambda point: jnp.mean(loss(x @ point[:2] + point[2] - y)))(point)  # by each w and by b, (3,)


def _updates(loss, x, y, point, rate, order):
    def update(point, rows):
        point = point - rate * _gradient(loss, x[rows], y[rows], point)  # (3,)
        return point, point

    _, points = lax.scan(update, point, order.reshape(-1, order.shape[-1]))
    return jnp.append(point[None], points, axis=0)  # (updates + 1, 3)


def curves(predictions, delta):
    return jnp.stack([loss(predictions) for loss in _losses(delta)], axis=1)  # (predictions, 3)


def slopes(predictions, delta):
    return jnp.stack([_slope(loss, predictions) for loss in _losses(delta)], axis=1)  # (predictions, 3)


def squared_fit(x, y, start, rate, order, delta):
    return _updates(_losses(delta)[0], x, y, start, rate, order)[:: order.shape[1]]  # (epochs + 1, 3)


def absolute_fit(x, y, start, rate, order, delta):
    return _updates(_losses(delta)[1], x, y, start, rate, order)[:: order.shape[1]]  # (epochs + 1, 3)


def huber_fit(x, y, start, rate, order, delta):
    return _updates(_losses(delta)[2], x, y, start, rate, order)[:: order.shape[1]]  # (epochs + 1, 3)


def distances(x, y, start, rate, order, delta, truth):
    paths = [_updates(loss, x, y, start, rate, order) for loss in _losses(delta)]  # of (updates + 1, 3)
    return jnp.max(jnp.abs(jnp.stack(paths, axis=1) - truth), axis=2)  # (updates + 1, 3)
