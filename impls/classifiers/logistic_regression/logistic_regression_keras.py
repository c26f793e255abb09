import keras
from keras import layers


class Net(keras.Model):
    def __init__(self, deep):
        super().__init__()
        self.deep = deep
        if deep:
            self.hidden1 = layers.Dense(6)
            self.hidden2 = layers.Dense(4)
        self.head = layers.Dense(1)

    def call(self, x):
        if self.deep:
            x = keras.ops.sigmoid(self.hidden1(x))  # (batch, 6)
            x = keras.ops.sigmoid(self.hidden2(x))  # (batch, 4)
        return self.head(x)  # (batch, 1)
