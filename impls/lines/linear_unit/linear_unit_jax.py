from flax import nnx


class Net(nnx.Module):
    def __init__(self, rngs):
        self.head = nnx.Linear(1, 1, rngs=rngs)

    def __call__(self, x):
        return self.head(x)  # (batch, 1)
