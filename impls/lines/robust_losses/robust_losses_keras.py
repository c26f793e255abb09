import tensorflow as tf
from keras import ops


def _losses(delta):
    return (  # squared, absolute, Huber: each of the shape of the error
        lambda error: error**2 / 2,
        lambda error: ops.abs(error),  # its derivative at 0 is 0
        lambda error: ops.where(ops.abs(error) <= delta, error**2 / 2, delta * (ops.abs(error) - delta / 2)),
    )


def _gradient(which, x, y, point, delta):
    with tf.GradientTape() as tape:
        tape.watch(point)
        loss = ops.mean(_losses(delta)[which](ops.matmul(x, point[:2]) + point[2] - y))  # ()
    return tape.gradient(loss, point)  # by each w and by b, (3,)


def _updates(which, x, y, point, rate, order, delta):
    def update(point, rows):
        x_batch, y_batch = ops.take(x, rows, axis=0), ops.take(y, rows, axis=0)  # (batch, 2), (batch,)
        point = point - rate * _gradient(which, x_batch, y_batch, point, delta)  # (3,)
        return point, point

    _, points = ops.scan(update, point, ops.reshape(order, (-1, order.shape[-1])))
    return ops.append(point[None], points, axis=0)  # (updates + 1, 3)


def curves(predictions, delta):
    return ops.stack([loss(predictions) for loss in _losses(delta)], axis=1)  # (predictions, 3)


def slopes(predictions, delta):  # TensorFlow derives by what a tape has watched
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(predictions)
        losses = [loss(predictions) for loss in _losses(delta)]  # of (predictions,)
    return ops.stack([tape.gradient(values, predictions) for values in losses], axis=1)  # (predictions, 3)


def squared_fit(x, y, start, rate, order, delta):
    return _updates(0, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def absolute_fit(x, y, start, rate, order, delta):
    return _updates(1, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def huber_fit(x, y, start, rate, order, delta):
    return _updates(2, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def distances(x, y, start, rate, order, delta, truth):
    paths = [_updates(which, x, y, start, rate, order, delta) for which in range(3)]  # of (updates + 1, 3)
    return ops.max(ops.abs(ops.stack(paths, axis=1) - truth), axis=2)  # (updates + 1, 3)
