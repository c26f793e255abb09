import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 512)
        self.head = nn.Linear(512, 10)

    def forward(self, x):
        h = torch.relu(self.hidden(x))  # (batch, 512)
        return self.head(h)  # (batch, 10)
