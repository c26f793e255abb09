import keras
from keras import layers


class Net(keras.Model):
    def __init__(self, steps, inputs, hidden, classes=0):  # noqa: ARG002 - Keras finds the inputs' size itself
        super().__init__()
        self.steps = steps
        self.cell = layers.SimpleRNNCell(hidden)
        self.head = layers.Dense(classes) if classes else layers.Identity()

    def call(self, x):
        h = keras.ops.zeros((keras.ops.shape(x)[0], self.cell.units))  # (batch, hidden)
        states = []
        for t in range(self.steps):
            h, _ = self.cell(x[:, t], [h])  # (batch, hidden)
            states.append(h)
        h = keras.ops.stack(states, axis=1)  # (batch, steps, hidden)
        return self.head(h)  # (batch, steps, classes)
