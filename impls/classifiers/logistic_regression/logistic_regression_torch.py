import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, deep):
        super().__init__()
        self.deep = deep
        if deep:
            self.hidden1 = nn.Linear(8, 6)
            self.hidden2 = nn.Linear(6, 4)
        self.head = nn.Linear(4 if deep else 8, 1)

    def forward(self, x):
        if self.deep:
            x = torch.sigmoid(self.hidden1(x))  # (batch, 6)
            x = torch.sigmoid(self.hidden2(x))  # (batch, 4)
        return self.head(x)  # (batch, 1)
