import jax
import jax.numpy as jnp
from flax import nnx


class RNN(nnx.Module):  # JAX's own scan takes the cell as it is; jax2onnx cannot export the layer nnx.RNN
    def __init__(self, inputs, hidden, rngs):
        self.cell = nnx.SimpleCell(inputs, hidden, dtype=None, rngs=rngs)  # it would compute in float32 always

    def __call__(self, x):
        h = jnp.zeros((x.shape[0], self.cell.hidden_features), x.dtype)  # (batch, hidden)
        _, h = jax.lax.scan(self.cell, h, x.swapaxes(0, 1))  # (steps, batch, hidden)
        return h.swapaxes(0, 1)  # (batch, steps, hidden)


class Net(nnx.Module):
    def __init__(self, rngs, inputs, hidden, depth=1, classes=0):
        self.rnn = nnx.List([RNN(hidden if i else inputs, hidden, rngs) for i in range(depth)])
        self.head = nnx.Linear(hidden, classes, rngs=rngs) if classes else nnx.identity

    def __call__(self, x):
        h = x
        for layer in self.rnn:
            h = layer(h)  # (batch, steps, hidden)
        return self.head(h)  # (batch, steps, classes)
