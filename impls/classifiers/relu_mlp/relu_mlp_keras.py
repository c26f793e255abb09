import keras
from keras import layers


class Net(keras.Model):
    def __init__(self, hidden):
        super().__init__()
        self.hidden = layers.Dense(hidden)
        self.head = layers.Dense(10)

    def call(self, x):
        h = keras.ops.relu(self.hidden(x))  # (batch, hidden)
        return self.head(h)  # (batch, 10)
