from impls.learners.numpy_layers import Identity, Module
from impls.learners.numpy_recurrent import RNN, Layers, SequenceDense


class Net(Module):
    def __init__(self, inputs, hidden, depth=1, classes=0):
        super().__init__()
        self.rnn = Layers(*(RNN(hidden if i else inputs, hidden) for i in range(depth)))
        self.head = SequenceDense(hidden, classes) if classes else Identity()

    def forward(self, x):
        h = self.rnn(x)  # (batch, steps, hidden)
        return self.head(h)  # (batch, steps, classes)

    def backward(self, dy):
        dh = self.head.backward(dy)  # (batch, steps, hidden)
        self.rnn.parameter_gradients(dh)  # nothing asks for the gradient of x
