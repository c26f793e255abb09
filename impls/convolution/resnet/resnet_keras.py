import keras
from keras import layers
from keras.ops import max_pool


class Block(layers.Layer):
    def __init__(self, channels, shortcut):
        super().__init__()
        self.shortcut = shortcut
        self.conv1 = layers.Conv2D(channels, 3, padding="same")
        self.conv2 = layers.Conv2D(channels, 3, padding="same")

    def call(self, x):
        h = keras.ops.relu(self.conv1(x))  # (batch, rows, columns, channels)
        h = self.conv2(h)  # (batch, rows, columns, channels)
        if self.shortcut:
            h = x + h  # (batch, rows, columns, channels)
        return keras.ops.relu(h)  # (batch, rows, columns, channels)


class Net(keras.Model):
    def __init__(self, shortcut):
        super().__init__()
        self.conv1 = layers.Conv2D(16, 5)
        self.block1 = Block(16, shortcut)
        self.conv2 = layers.Conv2D(32, 5)
        self.block2 = Block(32, shortcut)
        self.head = layers.Dense(10)

    def call(self, x):
        h = max_pool(keras.ops.relu(self.conv1(x)), 2, 2)  # (batch, 12, 12, 16)
        h = self.block1(h)  # (batch, 12, 12, 16)
        h = max_pool(keras.ops.relu(self.conv2(h)), 2, 2)  # (batch, 4, 4, 32)
        h = self.block2(h)  # (batch, 4, 4, 32)
        h = keras.ops.reshape(h, (-1, 512))  # (batch, 512); rows, columns, channels, as the lesson has them
        return self.head(h)  # (batch, 10)
