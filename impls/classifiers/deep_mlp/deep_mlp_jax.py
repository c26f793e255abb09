from flax import nnx


class Net(nnx.Module):
    def __init__(self, rngs):
        self.hidden1 = nnx.Linear(784, 512, rngs=rngs)
        self.hidden2 = nnx.Linear(512, 256, rngs=rngs)
        self.hidden3 = nnx.Linear(256, 128, rngs=rngs)
        self.hidden4 = nnx.Linear(128, 64, rngs=rngs)
        self.head = nnx.Linear(64, 10, rngs=rngs)

    def __call__(self, x):
        h = nnx.relu(self.hidden1(x))  # (batch, 512)
        h = nnx.relu(self.hidden2(h))  # (batch, 256)
        h = nnx.relu(self.hidden3(h))  # (batch, 128)
        h = nnx.relu(self.hidden4(h))  # (batch, 64)
        return self.head(h)  # (batch, 10)
