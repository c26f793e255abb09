import torch
from torch import nn
from torch.nn.functional import max_pool2d


class Block(nn.Module):
    def __init__(self, channels, shortcut):
        super().__init__()
        self.shortcut = shortcut
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        h = torch.relu(self.conv1(x))  # (batch, channels, rows, columns)
        h = self.conv2(h)  # (batch, channels, rows, columns)
        if self.shortcut:
            h = x + h  # (batch, channels, rows, columns)
        return torch.relu(h)  # (batch, channels, rows, columns)


class Net(nn.Module):
    def __init__(self, shortcut):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.block1 = Block(16, shortcut)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.block2 = Block(32, shortcut)
        self.head = nn.Linear(512, 10)

    def forward(self, x):
        h = x.permute(0, 3, 1, 2)  # (batch, 1, 28, 28); PyTorch's convolutions take channels first
        h = max_pool2d(torch.relu(self.conv1(h)), 2)  # (batch, 16, 12, 12)
        h = self.block1(h)  # (batch, 16, 12, 12)
        h = max_pool2d(torch.relu(self.conv2(h)), 2)  # (batch, 32, 4, 4)
        h = self.block2(h)  # (batch, 32, 4, 4)
        h = h.permute(0, 2, 3, 1).flatten(1)  # (batch, 512); rows, columns, channels, as the lesson has them
        return self.head(h)  # (batch, 10)
