import keras
from keras import layers


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(10)
        self.head = layers.Dense(1)

    def call(self, x):
        h = keras.ops.tanh(self.hidden(x))  # (batch, 10)
        return keras.ops.tanh(self.head(h))  # (batch, 1)
