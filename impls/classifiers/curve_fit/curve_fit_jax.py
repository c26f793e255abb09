from flax import nnx


class Net(nnx.Module):
    def __init__(self, rngs):
        self.hidden = nnx.Linear(1, 10, rngs=rngs)
        self.head = nnx.Linear(10, 1, rngs=rngs)

    def __call__(self, x):
        h = nnx.tanh(self.hidden(x))  # (batch, 10)
        return nnx.tanh(self.head(h))  # (batch, 1)
