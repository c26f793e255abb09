from flax import nnx


class Block(nnx.Module):
    def __init__(self, rngs, channels, shortcut):
        self.shortcut = shortcut
        self.conv1 = nnx.Conv(channels, channels, (3, 3), padding=1, rngs=rngs)
        self.conv2 = nnx.Conv(channels, channels, (3, 3), padding=1, rngs=rngs)

    def __call__(self, x):
        h = nnx.relu(self.conv1(x))  # (batch, rows, columns, channels)
        h = self.conv2(h)  # (batch, rows, columns, channels)
        if self.shortcut:
            h = x + h  # (batch, rows, columns, channels)
        return nnx.relu(h)  # (batch, rows, columns, channels)


class Net(nnx.Module):
    def __init__(self, rngs, shortcut):
        self.conv1 = nnx.Conv(1, 16, (5, 5), padding="VALID", rngs=rngs)
        self.block1 = Block(rngs, 16, shortcut)
        self.conv2 = nnx.Conv(16, 32, (5, 5), padding="VALID", rngs=rngs)
        self.block2 = Block(rngs, 32, shortcut)
        self.head = nnx.Linear(512, 10, rngs=rngs)

    def __call__(self, x):
        h = nnx.max_pool(nnx.relu(self.conv1(x)), window_shape=(2, 2), strides=(2, 2))  # (batch, 12, 12, 16)
        h = self.block1(h)  # (batch, 12, 12, 16)
        h = nnx.max_pool(nnx.relu(self.conv2(h)), window_shape=(2, 2), strides=(2, 2))  # (batch, 4, 4, 32)
        h = self.block2(h)  # (batch, 4, 4, 32)
        h = h.reshape(-1, 512)  # (batch, 512); rows, columns, channels, as the lesson has them
        return self.head(h)  # (batch, 10)
