from impls.learners.numpy_layers import Identity, Module
from impls.learners.numpy_recurrent import RNNCell, SequenceDense, Stack


class Net(Module):
    def __init__(self, steps, inputs, hidden, classes=0):
        super().__init__()
        self.steps = steps
        self.cell = RNNCell(inputs, hidden)
        self.stack = Stack()  # a module, since it keeps the memory of its output
        self.head = SequenceDense(hidden, classes) if classes else Identity()

    def forward(self, x):
        h = self.cell.initial_state(x)  # (batch, hidden)
        states = []
        for t in range(self.steps):
            h = self.cell(x[:, t], h)  # (batch, hidden)
            states.append(h)
        h = self.stack(*states)  # (batch, steps, hidden)
        return self.head(h)  # (batch, steps, classes)

    def backward(self, dy):
        dy = self.head.backward(dy)  # (batch, steps, hidden)
        dh = 0  # nothing comes after the last step
        for t in reversed(range(self.steps)):
            dh = self.cell.backward(dy[:, t] + dh)  # (batch, hidden)
