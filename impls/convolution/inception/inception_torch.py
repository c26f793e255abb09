import torch
from torch import nn
from torch.nn.functional import avg_pool2d, max_pool2d


class Block(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.branch1x1 = nn.Conv2d(inputs, 16, 1)
        self.branch5x5_1 = nn.Conv2d(inputs, 16, 1)
        self.branch5x5_2 = nn.Conv2d(16, 24, 5, padding=2)
        self.branch3x3_1 = nn.Conv2d(inputs, 16, 1)
        self.branch3x3_2 = nn.Conv2d(16, 24, 3, padding=1)
        self.branch3x3_3 = nn.Conv2d(24, 24, 3, padding=1)
        self.branch_pool = nn.Conv2d(inputs, 24, 1)

    def forward(self, x):
        y1 = self.branch1x1(x)  # (batch, 16, rows, columns)
        y2 = self.branch5x5_2(self.branch5x5_1(x))  # (batch, 24, rows, columns)
        y3 = self.branch3x3_3(self.branch3x3_2(self.branch3x3_1(x)))  # (batch, 24, rows, columns)
        y4 = self.branch_pool(avg_pool2d(x, 3, stride=1, padding=1))  # (batch, 24, rows, columns)
        return torch.cat([y1, y2, y3, y4], dim=1)  # (batch, 88, rows, columns)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, 5)
        self.block1 = Block(10)
        self.conv2 = nn.Conv2d(88, 20, 5)
        self.block2 = Block(20)
        self.head = nn.Linear(1408, 10)

    def forward(self, x):
        h = x.permute(0, 3, 1, 2)  # (batch, 1, 28, 28); PyTorch's convolutions take channels first
        h = torch.relu(max_pool2d(self.conv1(h), 2))  # (batch, 10, 12, 12)
        h = self.block1(h)  # (batch, 88, 12, 12)
        h = torch.relu(max_pool2d(self.conv2(h), 2))  # (batch, 20, 4, 4)
        h = self.block2(h)  # (batch, 88, 4, 4)
        h = h.permute(0, 2, 3, 1).flatten(1)  # (batch, 1408); rows, columns, channels, as the lesson has them
        return self.head(h)  # (batch, 10)
