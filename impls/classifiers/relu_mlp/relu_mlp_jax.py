from flax import nnx


class Net(nnx.Module):
    def __init__(self, rngs, hidden):
        self.hidden = nnx.Linear(784, hidden, rngs=rngs)
        self.head = nnx.Linear(hidden, 10, rngs=rngs)

    def __call__(self, x):
        h = nnx.relu(self.hidden(x))  # (batch, hidden)
        return self.head(h)  # (batch, 10)
