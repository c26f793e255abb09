import keras
from keras import layers


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(512)
        self.head = layers.Dense(10)

    def call(self, x):
        h = keras.ops.relu(self.hidden(x))  # (batch, 512)
        return self.head(h)  # (batch, 10)
