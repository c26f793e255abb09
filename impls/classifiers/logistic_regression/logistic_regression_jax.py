from flax import nnx


class Net(nnx.Module):
    def __init__(self, rngs, deep):
        self.deep = deep
        if deep:
            self.hidden1 = nnx.Linear(8, 6, rngs=rngs)
            self.hidden2 = nnx.Linear(6, 4, rngs=rngs)
        self.head = nnx.Linear(4 if deep else 8, 1, rngs=rngs)

    def __call__(self, x):
        if self.deep:
            x = nnx.sigmoid(self.hidden1(x))  # (batch, 6)
            x = nnx.sigmoid(self.hidden2(x))  # (batch, 4)
        return self.head(x)  # (batch, 1)
