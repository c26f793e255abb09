"""Keras as its beginners' guides have it: Sequential or functional models, compile, and fit."""

import keras
from keras import layers

from impls.spec import SGD, Adam, RMSprop


def softmax_regression():
    return keras.Sequential([keras.Input((784,)), layers.Dense(10)])


def relu_mlp():
    return keras.Sequential([keras.Input((784,)), layers.Dense(512, activation="relu"), layers.Dense(10)])


def cnn():
    first = layers.Conv2D(10, 5), layers.MaxPooling2D(2), layers.ReLU()
    second = layers.Conv2D(20, 5), layers.MaxPooling2D(2), layers.ReLU()
    return keras.Sequential([keras.Input((28, 28, 1)), *first, *second, layers.Flatten(), layers.Dense(10)])


def block(x, channels):
    h = layers.Conv2D(channels, 3, padding="same", activation="relu")(x)
    h = layers.Conv2D(channels, 3, padding="same")(h)
    return layers.ReLU()(layers.add([x, h]))


def resnet():
    x = keras.Input((28, 28, 1))
    h = layers.MaxPooling2D(2)(layers.Conv2D(16, 5, activation="relu")(x))
    h = block(h, 16)
    h = layers.MaxPooling2D(2)(layers.Conv2D(32, 5, activation="relu")(h))
    h = block(h, 32)
    return keras.Model(x, layers.Dense(10)(layers.Flatten()(h)))


def recurrent():
    return keras.Sequential([keras.Input((64, 64)), layers.SimpleRNN(128, return_sequences=True), layers.Dense(8)])


MODELS = {
    "softmax_regression": softmax_regression,
    "relu_mlp": relu_mlp,
    "cnn": cnn,
    "resnet": resnet,
    "rnn-useful": recurrent,
}


def new(lesson, seed):
    keras.utils.set_random_seed(seed)
    return MODELS[lesson]()


def optimizer_of(numbers):
    match numbers:
        case SGD(rate, momentum):
            return keras.optimizers.SGD(rate, momentum=momentum)
        case RMSprop(rate, decay, epsilon):
            return keras.optimizers.RMSprop(rate, rho=decay, epsilon=epsilon)
        case Adam(rate, beta1, beta2, epsilon):
            return keras.optimizers.Adam(rate, beta_1=beta1, beta_2=beta2, epsilon=epsilon)


def train(model, numbers, x, y, epochs, lap):
    model.compile(
        optimizer=optimizer_of(numbers.optimizer),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    ended = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: lap())  # by then fit has read loss and accuracy
    model.fit(x, y, batch_size=numbers.batch, epochs=epochs, verbose=0, callbacks=[ended])


def predict(model, x):
    return model.predict(x, verbose=0)
