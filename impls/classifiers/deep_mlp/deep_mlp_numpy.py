from impls.learners.numpy_layers import Dense, Module, ReLU


class Net(Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = Dense(784, 512)
        self.relu1 = ReLU()  # a module, since its backward pass needs what forward saw
        self.hidden2 = Dense(512, 256)
        self.relu2 = ReLU()
        self.hidden3 = Dense(256, 128)
        self.relu3 = ReLU()
        self.hidden4 = Dense(128, 64)
        self.relu4 = ReLU()
        self.head = Dense(64, 10)

    def forward(self, x):
        h = self.relu1(self.hidden1(x))  # (batch, 512)
        h = self.relu2(self.hidden2(h))  # (batch, 256)
        h = self.relu3(self.hidden3(h))  # (batch, 128)
        h = self.relu4(self.hidden4(h))  # (batch, 64)
        return self.head(h)  # (batch, 10)

    def backward(self, dy):
        dh = self.head.backward(dy)  # (batch, 64)
        dh = self.hidden4.backward(self.relu4.backward(dh))  # (batch, 128)
        dh = self.hidden3.backward(self.relu3.backward(dh))  # (batch, 256)
        dh = self.hidden2.backward(self.relu2.backward(dh))  # (batch, 512)
        self.hidden1.parameter_gradients(self.relu1.backward(dh))  # nothing asks for the gradient of x
