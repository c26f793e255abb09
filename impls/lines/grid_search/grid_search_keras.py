from keras import ops


def errors(x, y, w):
    predictions = w[:, None] * x  # (slopes, examples)
    return ops.mean((predictions - y) ** 2, axis=1)  # (slopes,)


def best(x, y, w):
    return w[ops.argmin(errors(x, y, w))]  # ()
