from impls.learners.numpy_layers import Dense, Module, Sigmoid


class Net(Module):
    def __init__(self, deep):
        super().__init__()
        self.deep = deep
        if deep:
            self.hidden1 = Dense(8, 6)
            self.sigmoid1 = Sigmoid()  # a module, since its backward pass needs what forward gave
            self.hidden2 = Dense(6, 4)
            self.sigmoid2 = Sigmoid()
        self.head = Dense(4 if deep else 8, 1)

    def forward(self, x):
        if self.deep:
            x = self.sigmoid1(self.hidden1(x))  # (batch, 6)
            x = self.sigmoid2(self.hidden2(x))  # (batch, 4)
        return self.head(x)  # (batch, 1)

    def backward(self, dy):
        if not self.deep:
            self.head.parameter_gradients(dy)  # nothing asks for the gradient of x
            return
        dx = self.head.backward(dy)  # (batch, 4)
        dx = self.hidden2.backward(self.sigmoid2.backward(dx))  # (batch, 6)
        self.hidden1.parameter_gradients(self.sigmoid1.backward(dx))
