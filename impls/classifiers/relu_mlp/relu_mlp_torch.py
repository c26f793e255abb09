import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.hidden = nn.Linear(784, hidden)
        self.head = nn.Linear(hidden, 10)

    def forward(self, x):
        h = torch.relu(self.hidden(x))  # (batch, hidden)
        return self.head(h)  # (batch, 10)
