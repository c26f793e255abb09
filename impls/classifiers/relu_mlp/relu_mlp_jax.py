from flax import nnx


class Net(nnx.Module):
    def __init__(self, rngs):
        self.hidden = nnx.Linear(784, 512, rngs=rngs)
        self.head = nnx.Linear(512, 10, rngs=rngs)

    def __call__(self, x):
        h = nnx.relu(self.hidden(x))  # (batch, 512)
        return self.head(h)  # (batch, 10)
