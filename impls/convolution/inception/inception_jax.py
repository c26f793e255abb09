from flax import nnx
from jax import numpy as jnp


class Block(nnx.Module):
    def __init__(self, rngs, inputs):
        self.branch1x1 = nnx.Conv(inputs, 16, (1, 1), rngs=rngs)
        self.branch5x5_1 = nnx.Conv(inputs, 16, (1, 1), rngs=rngs)
        self.branch5x5_2 = nnx.Conv(16, 24, (5, 5), padding=2, rngs=rngs)
        self.branch3x3_1 = nnx.Conv(inputs, 16, (1, 1), rngs=rngs)
        self.branch3x3_2 = nnx.Conv(16, 24, (3, 3), padding=1, rngs=rngs)
        self.branch3x3_3 = nnx.Conv(24, 24, (3, 3), padding=1, rngs=rngs)
        self.branch_pool = nnx.Conv(inputs, 24, (1, 1), rngs=rngs)

    def __call__(self, x):
        y1 = self.branch1x1(x)  # (batch, rows, columns, 16)
        y2 = self.branch5x5_2(self.branch5x5_1(x))  # (batch, rows, columns, 24)
        y3 = self.branch3x3_3(self.branch3x3_2(self.branch3x3_1(x)))  # (batch, rows, columns, 24)
        # jax2onnx exports a border that is given in numbers as none; "SAME" is one pixel on each side here.
        means = nnx.avg_pool(
            x, window_shape=(3, 3), strides=(1, 1), padding="SAME", count_include_pad=True
        )  # (batch, rows, columns, inputs)
        y4 = self.branch_pool(means)  # (batch, rows, columns, 24)
        return jnp.concatenate([y1, y2, y3, y4], axis=-1)  # (batch, rows, columns, 88)


class Net(nnx.Module):
    def __init__(self, rngs):
        self.conv1 = nnx.Conv(1, 10, (5, 5), padding="VALID", rngs=rngs)
        self.block1 = Block(rngs, 10)
        self.conv2 = nnx.Conv(88, 20, (5, 5), padding="VALID", rngs=rngs)
        self.block2 = Block(rngs, 20)
        self.head = nnx.Linear(1408, 10, rngs=rngs)

    def __call__(self, x):
        h = nnx.relu(nnx.max_pool(self.conv1(x), window_shape=(2, 2), strides=(2, 2)))  # (batch, 12, 12, 10)
        h = self.block1(h)  # (batch, 12, 12, 88)
        h = nnx.relu(nnx.max_pool(self.conv2(h), window_shape=(2, 2), strides=(2, 2)))  # (batch, 4, 4, 20)
        h = self.block2(h)  # (batch, 4, 4, 88)
        h = h.reshape(-1, 1408)  # (batch, 1408); rows, columns, channels, as the lesson has them
        return self.head(h)  # (batch, 10)
