from impls.learners.numpy_images import AveragePool2D, Concatenate, Conv2D, Flatten, MaxPool2D
from impls.learners.numpy_layers import Dense, Module, ReLU


class Block(Module):
    def __init__(self, inputs):
        super().__init__()
        self.branch1x1 = Conv2D(inputs, 16, 1)
        self.branch5x5_1 = Conv2D(inputs, 16, 1)
        self.branch5x5_2 = Conv2D(16, 24, 5, padding=2)
        self.branch3x3_1 = Conv2D(inputs, 16, 1)
        self.branch3x3_2 = Conv2D(16, 24, 3, padding=1)
        self.branch3x3_3 = Conv2D(24, 24, 3, padding=1)
        self.pool = AveragePool2D(3, padding=1)
        self.branch_pool = Conv2D(inputs, 24, 1)
        self.join = Concatenate()

    def forward(self, x):
        y1 = self.branch1x1(x)  # (batch, rows, columns, 16)
        y2 = self.branch5x5_2(self.branch5x5_1(x))  # (batch, rows, columns, 24)
        y3 = self.branch3x3_3(self.branch3x3_2(self.branch3x3_1(x)))  # (batch, rows, columns, 24)
        y4 = self.branch_pool(self.pool(x))  # (batch, rows, columns, 24)
        return self.join(y1, y2, y3, y4)  # (batch, rows, columns, 88)

    def backward(self, dy):
        dy1, dy2, dy3, dy4 = self.join.backward(dy)
        dx = self.branch1x1.backward(dy1)  # (batch, rows, columns, inputs); x went four ways, and the gradients add up
        dx += self.branch5x5_1.backward(self.branch5x5_2.backward(dy2))
        dx += self.branch3x3_1.backward(self.branch3x3_2.backward(self.branch3x3_3.backward(dy3)))
        dx += self.pool.backward(self.branch_pool.backward(dy4))
        return dx  # (batch, rows, columns, inputs)


class Net(Module):
    def __init__(self):
        super().__init__()
        self.conv1 = Conv2D(1, 10, 5)
        self.pool1, self.relu1 = MaxPool2D(2), ReLU()
        self.block1 = Block(10)
        self.conv2 = Conv2D(88, 20, 5)
        self.pool2, self.relu2 = MaxPool2D(2), ReLU()
        self.block2 = Block(20)
        self.flatten = Flatten()
        self.head = Dense(1408, 10)

    def forward(self, x):
        h = self.relu1(self.pool1(self.conv1(x)))  # (batch, 12, 12, 10)
        h = self.block1(h)  # (batch, 12, 12, 88)
        h = self.relu2(self.pool2(self.conv2(h)))  # (batch, 4, 4, 20)
        h = self.block2(h)  # (batch, 4, 4, 88)
        h = self.flatten(h)  # (batch, 1408); rows, columns, channels
        return self.head(h)  # (batch, 10)

    def backward(self, dy):
        dh = self.head.backward(dy)  # (batch, 1408)
        dh = self.flatten.backward(dh)  # (batch, 4, 4, 88)
        dh = self.block2.backward(dh)  # (batch, 4, 4, 20)
        dh = self.conv2.backward(self.pool2.backward(self.relu2.backward(dh)))  # (batch, 12, 12, 88)
        dh = self.block1.backward(dh)  # (batch, 12, 12, 10)
        self.conv1.parameter_gradients(self.pool1.backward(self.relu1.backward(dh)))  # x needs no gradient
