import tensorflow as tf
from keras import ops


def _gradients(x, y, w, b, penalty):
    with tf.GradientTape() as tape:
        tape.watch((w, b))
        loss = ops.mean((ops.matmul(x, w) + b - y) ** 2) + penalty / 2 * ops.sum(w**2)  # ()
    return tape.gradient(loss, (w, b))  # by w (2,), by b (1,)


def _clippings(limit):
    def by_value(dw, db):
        return ops.clip(dw, -limit, limit), ops.clip(db, -limit, limit)

    def by_norm(dw, db):
        return tf.clip_by_global_norm((dw, db), limit)[0]  # of both together

    return None, by_value, by_norm


def _updates(x, y, w, b, rate, order, penalty=0, decay=0, clipping=None):
    def update(point, rows):
        w, b = point[:2], point[2:]
        dw, db = _gradients(ops.take(x, rows, axis=0), ops.take(y, rows, axis=0), w, b, penalty)
        dw, db = clipping(dw, db) if clipping else (dw, db)
        point = ops.append(w - rate * (dw + decay * w), b - rate * db)  # (3,)
        return point, point

    _, points = ops.scan(update, ops.append(w, b), ops.reshape(order, (-1, order.shape[-1])))
    return ops.append(ops.append(w, b)[None], points, axis=0)  # (updates + 1, 3)


def norms(x, slip, w, b):
    with tf.GradientTape() as tape:
        tape.watch((w, b))
        losses = (ops.matmul(x, w) + b - slip) ** 2  # (examples,)
    dw, db = tape.jacobian(losses, (w, b))  # each example's own
    return ops.norm(ops.concatenate([dw, db], axis=1), axis=1)  # (examples,)


def distances(x, slip, w, b, rate, limit, order, truth):
    paths = [_updates(x, slip, w, b, rate, order, clipping=clipping) for clipping in _clippings(limit)]
    return ops.max(ops.abs(ops.stack(paths, axis=1) - truth), axis=2)  # (updates + 1, 3)


def penalised(x, y, w, b, rate, penalty, order):
    return _updates(x, y, w, b, rate, order, penalty=penalty)  # (updates + 1, 3)


def decayed(x, y, w, b, rate, penalty, order):
    return _updates(x, y, w, b, rate, order, decay=penalty)  # (updates + 1, 3)
