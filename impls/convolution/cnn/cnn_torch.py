import torch
from torch import nn
from torch.nn.functional import max_pool2d


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, 5)
        self.conv2 = nn.Conv2d(10, 20, 5)
        self.head = nn.Linear(320, 10)

    def forward(self, x):
        h = x.permute(0, 3, 1, 2)  # (batch, 1, 28, 28); PyTorch's convolutions take channels first
        h = torch.relu(max_pool2d(self.conv1(h), 2))  # (batch, 10, 12, 12)
        h = torch.relu(max_pool2d(self.conv2(h), 2))  # (batch, 20, 4, 4)
        h = h.permute(0, 2, 3, 1).flatten(1)  # (batch, 320); rows, columns, channels, as the lesson has them
        return self.head(h)  # (batch, 10)
