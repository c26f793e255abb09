from impls.learners.numpy_images import Conv2D, Flatten, MaxPool2D
from impls.learners.numpy_layers import Add, Dense, Module, ReLU


class Block(Module):
    def __init__(self, channels, shortcut):
        super().__init__()
        self.shortcut = shortcut
        self.conv1 = Conv2D(channels, channels, 3, padding=1)
        self.relu1 = ReLU()
        self.conv2 = Conv2D(channels, channels, 3, padding=1)
        self.sum, self.relu2 = Add(), ReLU()

    def forward(self, x):
        h = self.relu1(self.conv1(x))  # (batch, rows, columns, channels)
        h = self.conv2(h)  # (batch, rows, columns, channels)
        if self.shortcut:
            h = self.sum(x, h)  # (batch, rows, columns, channels)
        return self.relu2(h)  # (batch, rows, columns, channels)

    def backward(self, dy):
        dh = self.relu2.backward(dy)  # (batch, rows, columns, channels)
        dx = self.conv1.backward(self.relu1.backward(self.conv2.backward(dh)))  # (batch, rows, columns, channels)
        if self.shortcut:
            dx += dh  # (batch, rows, columns, channels); a sum hands its gradient on to both of its terms
        return dx  # (batch, rows, columns, channels)


class Net(Module):
    def __init__(self, shortcut):
        super().__init__()
        self.conv1 = Conv2D(1, 16, 5)
        self.relu1, self.pool1 = ReLU(), MaxPool2D(2)
        self.block1 = Block(16, shortcut)
        self.conv2 = Conv2D(16, 32, 5)
        self.relu2, self.pool2 = ReLU(), MaxPool2D(2)
        self.block2 = Block(32, shortcut)
        self.flatten = Flatten()
        self.head = Dense(512, 10)

    def forward(self, x):
        h = self.pool1(self.relu1(self.conv1(x)))  # (batch, 12, 12, 16)
        h = self.block1(h)  # (batch, 12, 12, 16)
        h = self.pool2(self.relu2(self.conv2(h)))  # (batch, 4, 4, 32)
        h = self.block2(h)  # (batch, 4, 4, 32)
        h = self.flatten(h)  # (batch, 512); rows, columns, channels
        return self.head(h)  # (batch, 10)

    def backward(self, dy):
        dh = self.head.backward(dy)  # (batch, 512)
        dh = self.flatten.backward(dh)  # (batch, 4, 4, 32)
        dh = self.block2.backward(dh)  # (batch, 4, 4, 32)
        dh = self.conv2.backward(self.relu2.backward(self.pool2.backward(dh)))  # (batch, 12, 12, 16)
        dh = self.block1.backward(dh)  # (batch, 12, 12, 16)
        self.conv1.parameter_gradients(self.relu1.backward(self.pool1.backward(dh)))  # x needs no gradient
