from keras import ops


def _standardise(x):
    return (x - ops.mean(x)) / ops.std(x)  # (examples,)


def _slope(x, y, point):
    error = point[0] + point[1] * x - y  # (examples,)
    return 2 * ops.stack([ops.mean(error), ops.mean(error * x)])  # of the mean squared error, by b and by w, (2,)


def _descend(x, y, point, rates):
    def step(point, rate):
        point = point - rate * _slope(x, y, point)  # (2,)
        return point, point

    _, points = ops.scan(step, point, rates)  # (epochs, 2)
    return ops.append(point[None], points, axis=0)  # (epochs + 1, 2)


def _loss(x, y, points):
    errors = points[..., :1] + points[..., 1:] * x - y  # (…, examples)
    return ops.mean(errors**2, axis=-1)  # (…)


def surface(x, y, b, w):
    errors = b[:, None] + (w[:, None] * x - y)[:, None]  # (weights, biases, examples)
    return ops.mean(errors**2, axis=2)  # (weights, biases)


def standardised_surface(x, y, b, w):
    return surface(_standardise(x), y, b, w)  # (weights, biases)


def too_small(x, y, start, rates):
    return _descend(x, y, start, rates[0])  # (epochs + 1, 2)


def right(x, y, start, rates):
    return _descend(x, y, start, rates[1])  # (epochs + 1, 2)


def too_large(x, y, start, rates):
    return _descend(x, y, start, rates[2])  # (epochs + 1, 2)


def standardised(x, y, start, rates):
    return _descend(_standardise(x), y, start, rates[3])  # (epochs + 1, 2)


def losses(x, y, start, rates):
    plain = [_loss(x, y, path(x, y, start, rates)) for path in (too_small, right, too_large)]
    bowl = _loss(_standardise(x), y, standardised(x, y, start, rates))  # (epochs + 1,)
    return ops.stack([*plain, bowl], axis=1)  # (epochs + 1, 4)


def held_out_loss(x, y, start, rates, x_test, y_test):
    return _loss(x_test, y_test, right(x, y, start, rates)[-1])  # ()
