from flax import nnx


class Net(nnx.Module):
    def __init__(self, rngs):
        self.hidden = nnx.Linear(784, 250, use_bias=False, rngs=rngs)
        self.head = nnx.Linear(250, 10, use_bias=False, rngs=rngs)

    def __call__(self, x):
        h = nnx.sigmoid(self.hidden(x))  # (batch, 250)
        return nnx.sigmoid(self.head(h))  # (batch, 10)
