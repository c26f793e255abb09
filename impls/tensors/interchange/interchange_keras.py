import tensorflow as tf
from keras import ops


def to_float32(x):
    return ops.cast(x, "float32")


def to_integer(x):
    return ops.cast(x, "int32")


def to_bool(x):
    return ops.cast(x, "bool")


def bits(x):
    return ops.view(ops.cast(x, "float32"), "int32")


def from_numpy_copied(x):
    return tf.constant(x.numpy())


def from_numpy_shared(x):
    return tf.convert_to_tensor(x.numpy())  # TensorFlow copies all the same


def to_numpy(x):
    return ops.convert_to_numpy(x)


def through_dlpack(x):
    return tf.experimental.dlpack.from_dlpack(tf.experimental.dlpack.to_dlpack(x))
