import tensorflow as tf
from keras import ops


def _losses(delta):
    return (  # squared, absolute, Huber: each of the shape of the error
        lambda error: error**2 / 2,
        lambda error: ops.abs(error),  # its derivative at 0 is 0
        lambda error: ops.where(ops.abs(error) <= delta, error**2 / 2, delta * (ops.abs(error) - delta / 2)),
    )


def _slope(loss, error):
    with tf.GradientTape() as tape:
        tape.watch(error)
        values = loss(error)  # the shape of the error
    return tape.gradient(values, error)  # of their sum, the shape of the error


def _gradient(loss, x, y, point):
    with tf.GradientTape() as tape:
        tape.watch(point)
        value = ops.mean(loss(ops.matmul(x, point[:2]) + point[2] - y))  # ()
    return tape.gradient(value, point)  # by each w and by b, (3,)


def _updates(loss, x, y, point, rate, order):
    def update(point, rows):
        point = point - rate * _gradient(loss, ops.take(x, rows, axis=0), ops.take(y, rows, axis=0), point)  # (3,)
        return point, point

    _, points = ops.scan(update, point, ops.reshape(order, (-1, order.shape[-1])))
    return ops.append(point[None], points, axis=0)  # (updates + 1, 3)


def curves(predictions, delta):
    return ops.stack([loss(predictions) for loss in _losses(delta)], axis=1)  # (predictions, 3)


def slopes(predictions, delta):
    return ops.stack([_slope(loss, predictions) for loss in _losses(delta)], axis=1)  # (predictions, 3)


def squared_fit(x, y, start, rate, order, delta):
    return _updates(_losses(delta)[0], x, y, start, rate, order)[:: order.shape[1]]  # (epochs + 1, 3)


def absolute_fit(x, y, start, rate, order, delta):
    return _updates(_losses(delta)[1], x, y, start, rate, order)[:: order.shape[1]]  # (epochs + 1, 3)


def huber_fit(x, y, start, rate, order, delta):
    return _updates(_losses(delta)[2], x, y, start, rate, order)[:: order.shape[1]]  # (epochs + 1, 3)


def distances(x, y, start, rate, order, delta, truth):
    paths = [_updates(loss, x, y, start, rate, order) for loss in _losses(delta)]  # of (updates + 1, 3)
    return ops.max(ops.abs(ops.stack(paths, axis=1) - truth), axis=2)  # (updates + 1, 3)
