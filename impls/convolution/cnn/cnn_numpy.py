from impls.learners.numpy_images import Conv2D, Flatten, MaxPool2D
from impls.learners.numpy_layers import Dense, Module, ReLU


class Net(Module):
    def __init__(self):
        super().__init__()
        self.conv1 = Conv2D(1, 10, 5)
        self.pool1, self.relu1 = MaxPool2D(2), ReLU()  # modules, since their backward passes need what forward saw
        self.conv2 = Conv2D(10, 20, 5)
        self.pool2, self.relu2 = MaxPool2D(2), ReLU()
        self.flatten = Flatten()
        self.head = Dense(320, 10)

    def forward(self, x):
        h = self.relu1(self.pool1(self.conv1(x)))  # (batch, 12, 12, 10)
        h = self.relu2(self.pool2(self.conv2(h)))  # (batch, 4, 4, 20)
        h = self.flatten(h)  # (batch, 320); rows, columns, channels
        return self.head(h)  # (batch, 10)

    def backward(self, dy):
        dh = self.head.backward(dy)  # (batch, 320)
        dh = self.flatten.backward(dh)  # (batch, 4, 4, 20)
        dh = self.conv2.backward(self.pool2.backward(self.relu2.backward(dh)))  # (batch, 12, 12, 10)
        self.conv1.parameter_gradients(self.pool1.backward(self.relu1.backward(dh)))  # x needs no gradient
