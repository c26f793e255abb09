from impls.learners.numpy_layers import Dense, Module, ReLU


class Net(Module):
    def __init__(self, hidden):
        super().__init__()
        self.hidden = Dense(784, hidden)
        self.relu = ReLU()  # a module, since its backward pass needs what forward saw
        self.head = Dense(hidden, 10)

    def forward(self, x):
        h = self.relu(self.hidden(x))  # (batch, hidden)
        return self.head(h)  # (batch, 10)

    def backward(self, dy):
        dh = self.head.backward(dy)  # (batch, hidden)
        self.hidden.parameter_gradients(self.relu.backward(dh))  # nothing asks for the gradient of x
