from impls.learners.numpy_layers import Dense, Module, ReLU


class Net(Module):
    def __init__(self):
        super().__init__()
        self.hidden = Dense(784, 512)
        self.relu = ReLU()  # a module, since its backward pass needs what forward saw
        self.head = Dense(512, 10)

    def forward(self, x):
        h = self.relu(self.hidden(x))  # (batch, 512)
        return self.head(h)  # (batch, 10)

    def backward(self, dy):
        dh = self.head.backward(dy)  # (batch, 512)
        self.hidden.parameter_gradients(self.relu.backward(dh))  # nothing asks for the gradient of x
