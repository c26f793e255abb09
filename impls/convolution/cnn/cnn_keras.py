import keras
from keras import layers
from keras.ops import max_pool


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv1 = layers.Conv2D(10, 5)
        self.conv2 = layers.Conv2D(20, 5)
        self.head = layers.Dense(10)

    def call(self, x):
        h = keras.ops.relu(max_pool(self.conv1(x), 2, 2))  # (batch, 12, 12, 10)
        h = keras.ops.relu(max_pool(self.conv2(h), 2, 2))  # (batch, 4, 4, 20)
        h = keras.ops.reshape(h, (-1, 320))  # (batch, 320); rows, columns, channels, as the lesson has them
        return self.head(h)  # (batch, 10)
