import keras
import tensorflow as tf
from keras import ops

_dropout = keras.layers.Dropout(0.5, autocast=False)  # here, since what TensorFlow compiles may make no layers


def training_pass(x, w1, b1, w2, b2, p, mask):
    h = ops.tanh(x @ w1 + b1)  # (examples, hidden)
    return ops.where(mask, h / (1 - p), 0) @ w2 + b2  # (examples, 1)


def evaluation_pass(x, w1, b1, w2, b2):
    h = ops.tanh(x @ w1 + b1)  # (examples, hidden)
    return _dropout(h, training=False) @ w2 + b2  # whatever the rate, (examples, 1)


def _loss(outputs, y):
    return ops.mean((outputs - y) ** 2)  # ()


def _gradients(outputs, y, net):
    with tf.GradientTape() as tape:
        tape.watch(net)
        loss = _loss(outputs(*net), y)
    return tape.gradient(loss, net)  # as the parameters


def training_gradients(x, y, w1, b1, w2, b2, p, mask):
    gradients = _gradients(lambda *net: training_pass(x, *net, p, mask), y, (w1, b1, w2, b2))
    return ops.concatenate([*map(ops.ravel, gradients)])  # (parameters,)


def evaluation_gradients(x, y, w1, b1, w2, b2):
    gradients = _gradients(lambda *net: evaluation_pass(x, *net), y, (w1, b1, w2, b2))
    return ops.concatenate([*map(ops.ravel, gradients)])  # (parameters,)


def _fit(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks):  # Keras' ops.scan stacks only what is like its carry
    def losses(net):
        return ops.stack([_loss(evaluation_pass(x, *net), y), _loss(evaluation_pass(x_test, *net), y_test)])  # (2,)

    def step(net, mask):
        gradients = _gradients(lambda *net: training_pass(x, *net, p, mask), y, net)
        return tuple(array - rate * gradient for array, gradient in zip(net, gradients, strict=True)), net

    _, nets = ops.scan(step, (w1, b1, w2, b2), masks)
    return ops.vectorized_map(losses, nets)  # before each step, (steps, 2)


def losses(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks):
    without = _fit(x, y, x_test, y_test, w1, b1, w2, b2, 0 * p, rate, ops.ones_like(masks))  # (steps, 2)
    dropout = _fit(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks)  # (steps, 2)
    return ops.concatenate([without, dropout], axis=1)  # (steps, 4)


def mean_distances(x, v, p, many):
    passes = ops.where(many, x / (1 - p), 0) @ v  # (masks, examples, 1)
    means = ops.cumsum(passes, axis=0) / ops.arange(1, many.shape[0] + 1, dtype=x.dtype)[:, None, None]
    return ops.max(ops.abs(means - x @ v), axis=(1, 2))  # (masks,)
