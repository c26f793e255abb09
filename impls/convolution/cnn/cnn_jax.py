from flax import nnx


class Net(nnx.Module):
    def __init__(self, rngs):
        self.conv1 = nnx.Conv(1, 10, (5, 5), padding="VALID", rngs=rngs)
        self.conv2 = nnx.Conv(10, 20, (5, 5), padding="VALID", rngs=rngs)
        self.head = nnx.Linear(320, 10, rngs=rngs)

    def __call__(self, x):
        h = nnx.relu(nnx.max_pool(self.conv1(x), window_shape=(2, 2), strides=(2, 2)))  # (batch, 12, 12, 10)
        h = nnx.relu(nnx.max_pool(self.conv2(h), window_shape=(2, 2), strides=(2, 2)))  # (batch, 4, 4, 20)
        h = h.reshape(-1, 320)  # (batch, 320); rows, columns, channels, as the lesson has them
        return self.head(h)  # (batch, 10)
