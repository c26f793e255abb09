from impls.learners.numpy_layers import Dense, Module, Sigmoid


class Net(Module):
    def __init__(self):
        super().__init__()
        self.hidden = Dense(784, 250, bias=False)
        self.sigmoid1 = Sigmoid()  # a module, since its backward pass needs what forward gave
        self.head = Dense(250, 10, bias=False)
        self.sigmoid2 = Sigmoid()

    def forward(self, x):
        h = self.sigmoid1(self.hidden(x))  # (batch, 250)
        return self.sigmoid2(self.head(h))  # (batch, 10)

    def backward(self, dy):
        dh = self.head.backward(self.sigmoid2.backward(dy))  # (batch, 250)
        self.hidden.parameter_gradients(self.sigmoid1.backward(dh))  # nothing asks for the gradient of x
