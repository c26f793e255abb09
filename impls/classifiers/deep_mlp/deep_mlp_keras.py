import keras
from keras import layers


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden1 = layers.Dense(512)
        self.hidden2 = layers.Dense(256)
        self.hidden3 = layers.Dense(128)
        self.hidden4 = layers.Dense(64)
        self.head = layers.Dense(10)

    def call(self, x):
        h = keras.ops.relu(self.hidden1(x))  # (batch, 512)
        h = keras.ops.relu(self.hidden2(h))  # (batch, 256)
        h = keras.ops.relu(self.hidden3(h))  # (batch, 128)
        h = keras.ops.relu(self.hidden4(h))  # (batch, 64)
        return self.head(h)  # (batch, 10)
