import keras
import tensorflow as tf
from keras import ops


def softmax(x, axis):
    return ops.softmax(x, axis=axis)


def log_softmax(x, axis):
    return ops.log_softmax(x, axis=axis)


def sigmoid(x):
    return ops.sigmoid(x)


def log_sigmoid(x):
    return ops.log_sigmoid(x)


def softplus(x):
    return ops.softplus(x)


def relu(x):
    return ops.relu(x)


def gelu(x, approximate):
    return ops.gelu(x, approximate=approximate)


def one_hot(labels, classes):
    return ops.one_hot(labels, classes, dtype="int32")


def top_k(x, k):
    return ops.top_k(x, k)


def cross_entropy(x, labels):
    return ops.mean(ops.sparse_categorical_crossentropy(labels, x, from_logits=True))


def binary_cross_entropy(x, targets):
    return ops.mean(ops.binary_crossentropy(targets, x, from_logits=True))


def kl_divergence(p, q):
    return keras.losses.kl_divergence(p, q)


def entropy(p):
    return -ops.sum(tf.math.xlogy(p, p), axis=-1)
