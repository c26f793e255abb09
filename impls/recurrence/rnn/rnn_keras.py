import keras
from keras import layers


class Net(keras.Model):
    def __init__(self, inputs, hidden, depth=1, classes=0):  # noqa: ARG002 - Keras finds the inputs' size itself
        super().__init__()
        self.rnn = [layers.SimpleRNN(hidden, return_sequences=True) for _ in range(depth)]
        self.head = layers.Dense(classes) if classes else layers.Identity()

    def call(self, x):
        h = x
        for layer in self.rnn:
            h = layer(h)  # (batch, steps, hidden)
        return self.head(h)  # (batch, steps, classes)
