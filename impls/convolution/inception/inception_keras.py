import keras
from keras import layers
from keras.ops import average_pool, max_pool


class Block(layers.Layer):
    def __init__(self):
        super().__init__()
        self.branch1x1 = layers.Conv2D(16, 1)
        self.branch5x5_1 = layers.Conv2D(16, 1)
        self.branch5x5_2 = layers.Conv2D(24, 5, padding="same")
        self.branch3x3_1 = layers.Conv2D(16, 1)
        self.branch3x3_2 = layers.Conv2D(24, 3, padding="same")
        self.branch3x3_3 = layers.Conv2D(24, 3, padding="same")
        self.branch_pool = layers.Conv2D(24, 1)

    def call(self, x):
        y1 = self.branch1x1(x)  # (batch, rows, columns, 16)
        y2 = self.branch5x5_2(self.branch5x5_1(x))  # (batch, rows, columns, 24)
        y3 = self.branch3x3_3(self.branch3x3_2(self.branch3x3_1(x)))  # (batch, rows, columns, 24)
        # Keras does not count its own border in a mean: these zeros are pixels to it.
        framed = keras.ops.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])  # (batch, rows + 2, columns + 2, inputs)
        y4 = self.branch_pool(average_pool(framed, 3, strides=1))  # (batch, rows, columns, 24)
        return keras.ops.concatenate([y1, y2, y3, y4], axis=-1)  # (batch, rows, columns, 88)


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv1 = layers.Conv2D(10, 5)
        self.block1 = Block()
        self.conv2 = layers.Conv2D(20, 5)
        self.block2 = Block()
        self.head = layers.Dense(10)

    def call(self, x):
        h = keras.ops.relu(max_pool(self.conv1(x), 2, 2))  # (batch, 12, 12, 10)
        h = self.block1(h)  # (batch, 12, 12, 88)
        h = keras.ops.relu(max_pool(self.conv2(h), 2, 2))  # (batch, 4, 4, 20)
        h = self.block2(h)  # (batch, 4, 4, 88)
        h = keras.ops.reshape(h, (-1, 1408))  # (batch, 1408); rows, columns, channels, as the lesson has them
        return self.head(h)  # (batch, 10)
