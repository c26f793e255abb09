"""Two dense nets trained by a loop in one graph of TensorFlow, with Keras' layers and optimiser and nothing else."""

import keras
import tensorflow as tf

from impls import spec


def train(lesson, weights, x, y, order, lap):
    model = keras.Sequential([keras.Input((len(weights[0]),))])
    for bias in weights[1:-1:2]:
        model.add(keras.layers.Dense(len(bias), activation="relu"))
    model.add(keras.layers.Dense(len(weights[-1])))
    model.set_weights(weights)
    match lesson.optimizer:
        case spec.SGD(rate):
            optimizer = keras.optimizers.SGD(rate)
        case spec.RMSprop(rate, decay, epsilon):
            optimizer = keras.optimizers.RMSprop(rate, rho=decay, epsilon=epsilon)
    optimizer.build(model.trainable_variables)
    x, y = tf.constant(x), tf.constant(y, tf.int64)

    @tf.function
    def train_epoch(order):
        losses = tf.TensorArray(tf.float32, len(order))
        for i in tf.range(len(order)):
            rows = order[i]
            with tf.GradientTape() as tape:
                logits = model(tf.gather(x, rows), training=True)
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.gather(y, rows), logits))
            losses = losses.write(i, loss)
            variables = model.trainable_variables
            optimizer.apply(tape.gradient(loss, variables), variables)
        return losses.stack()

    for rows_of_epoch in order:
        lap(train_epoch(tf.constant(rows_of_epoch, tf.int64)).numpy())
    return model.get_weights()
