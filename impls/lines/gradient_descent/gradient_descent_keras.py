from keras import ops


def slope(x, y, w):
    return 2 * ops.mean((w * x - y) * x)  # of the mean squared error, ()


def weights(x, y, w, rates):
    def step(w, rate):
        w = w - rate * slope(x, y, w)  # ()
        return w, w

    _, ws = ops.scan(step, w, rates)  # (epochs,)
    return ops.append(w, ws)  # (epochs + 1,)


def losses(x, y, w, rates):
    predictions = weights(x, y, w, rates)[:, None] * x  # (epochs + 1, examples)
    return ops.mean((predictions - y) ** 2, axis=1)  # (epochs + 1,)


def prediction(x, y, w, rates, unseen):
    return weights(x, y, w, rates)[-1] * unseen  # ()
