from keras import ops


def slope(x, y, w):
    return 2 * (w * x - y) * x  # of each example's squared error, the shape of x


def updates(x, y, w, rates):
    # Keras' scan on TensorFlow stacks nothing of another shape than the carry's: an epoch carries all of its weights.
    def epoch(ws, rate):
        def update(w, example):
            w = w - rate * slope(*example, w)  # ()
            return w, w

        _, ws = ops.scan(update, ws[-1], (x, y))  # (examples,)
        return ws, ws

    _, ws = ops.scan(epoch, ops.repeat(w, x.shape[0]), rates)  # (epochs, examples)
    return ops.append(w, ws)  # (updates + 1,)


def weights(x, y, w, rates):
    return updates(x, y, w, rates)[:: x.shape[0]]  # (epochs + 1,)


def losses(x, y, w, rates):
    predictions = weights(x, y, w, rates)[:, None] * x  # (epochs + 1, examples)
    return ops.mean((predictions - y) ** 2, axis=1)  # (epochs + 1,)


def prediction(x, y, w, rates, unseen):
    return weights(x, y, w, rates)[-1] * unseen  # ()
