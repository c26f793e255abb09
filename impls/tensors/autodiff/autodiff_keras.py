import tensorflow as tf
from keras import ops


def _curve(z):
    return z * ops.tanh(z)  # the shape of z


def _outputs(w, x):
    return _curve(ops.matmul(w, x))  # (rows,)


def _loss(w, x):
    return ops.sum(_outputs(w, x))  # ()


def gradient(w, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = _loss(w, x)
    return tape.gradient(loss, x)  # (columns,)


def gradients_of_several(w, x):
    with tf.GradientTape() as tape:
        tape.watch((w, x))
        loss = _loss(w, x)
    return tape.gradient(loss, (w, x))  # by w, by x


def vector_jacobian(w, x, back):
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = _outputs(w, x)
    return tape.gradient(outputs, x, output_gradients=back)  # (columns,)


def jacobian_vector(w, x, along):
    return ops.jvp(lambda x: _outputs(w, x), (x,), (along,))[1]  # (rows,)


def jacobian(w, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = _outputs(w, x)
    return tape.jacobian(outputs, x)  # (rows, columns)


def hessian(w, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        slopes = gradient(w, x)  # a tape within the tape
    return tape.jacobian(slopes, x)  # (columns, columns)


def hessian_vector(w, x, along):
    return ops.jvp(lambda x: gradient(w, x), (x,), (along,))[1]  # (columns,)


def second_derivative(points):
    with tf.GradientTape() as outer:
        outer.watch(points)
        with tf.GradientTape() as inner:
            inner.watch(points)
            values = _curve(points)
        slopes = inner.gradient(values, points)  # each point has a value of its own
    return outer.gradient(slopes, points)  # (points,)


def stopped_gradient(w, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = ops.matmul(w, x)  # (rows,)
        loss = ops.sum(z * ops.stop_gradient(ops.tanh(z)))  # ()
    return tape.gradient(loss, x)  # (columns,)


def accumulated_gradient(w, x, again):
    return reset_gradient(w, again, x) + reset_gradient(w, x, again)  # each the last one's, (rows, columns)


# TensorFlow keeps no gradients, so that there is nothing to forget.
def reset_gradient(w, x, again):  # noqa: ARG001
    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = _loss(w, again)
    return tape.gradient(loss, w)  # (rows, columns)


@ops.custom_gradient
def _rounded(z):  # Keras: the value, and the way back
    return ops.round(z), lambda by_rounded: by_rounded


def custom_gradient(w, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = ops.sum(_curve(_rounded(ops.matmul(w, x))))  # ()
    return tape.gradient(loss, x)  # (columns,)
