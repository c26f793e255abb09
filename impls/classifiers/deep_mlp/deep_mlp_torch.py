import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(784, 512)
        self.hidden2 = nn.Linear(512, 256)
        self.hidden3 = nn.Linear(256, 128)
        self.hidden4 = nn.Linear(128, 64)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        h = torch.relu(self.hidden1(x))  # (batch, 512)
        h = torch.relu(self.hidden2(h))  # (batch, 256)
        h = torch.relu(self.hidden3(h))  # (batch, 128)
        h = torch.relu(self.hidden4(h))  # (batch, 64)
        return self.head(h)  # (batch, 10)
