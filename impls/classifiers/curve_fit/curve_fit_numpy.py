from impls.learners.numpy_layers import Dense, Module, Tanh


class Net(Module):
    def __init__(self):
        super().__init__()
        self.hidden = Dense(1, 10)
        self.tanh1 = Tanh()  # a module, since its backward pass needs what forward gave
        self.head = Dense(10, 1)
        self.tanh2 = Tanh()

    def forward(self, x):
        h = self.tanh1(self.hidden(x))  # (batch, 10)
        return self.tanh2(self.head(h))  # (batch, 1)

    def backward(self, dy):
        dh = self.head.backward(self.tanh2.backward(dy))  # (batch, 10)
        self.hidden.parameter_gradients(self.tanh1.backward(dh))  # nothing asks for the gradient of x
