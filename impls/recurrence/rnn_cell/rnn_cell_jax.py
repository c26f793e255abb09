import jax.numpy as jnp
from flax import nnx


class Net(nnx.Module):
    def __init__(self, rngs, steps, inputs, hidden, classes=0):
        self.steps = steps
        self.cell = nnx.SimpleCell(inputs, hidden, dtype=None, rngs=rngs)  # it would compute in float32 always
        self.head = nnx.Linear(hidden, classes, rngs=rngs) if classes else nnx.identity

    def __call__(self, x):
        h = jnp.zeros((x.shape[0], self.cell.hidden_features), x.dtype)  # (batch, hidden)
        states = []
        for t in range(self.steps):
            h, _ = self.cell(h, x[:, t])  # (batch, hidden)
            states.append(h)
        h = jnp.stack(states, axis=1)  # (batch, steps, hidden)
        return self.head(h)  # (batch, steps, classes)
