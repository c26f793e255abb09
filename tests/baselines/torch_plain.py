"""PyTorch as its quickstart tutorial has it: a DataLoader, and a loop over its batches that prints the loss."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from impls.spec import SGD, Adam, RMSprop


def softmax_regression():
    return nn.Linear(784, 10)


def relu_mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))


def cnn():
    first = nn.Conv2d(1, 10, 5), nn.MaxPool2d(2), nn.ReLU()
    second = nn.Conv2d(10, 20, 5), nn.MaxPool2d(2), nn.ReLU()
    return nn.Sequential(*first, *second, nn.Flatten(), nn.Linear(320, 10))


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding="same")
        self.conv2 = nn.Conv2d(channels, channels, 3, padding="same")
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(x + self.conv2(self.relu(self.conv1(x))))


def resnet():
    first = nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2), Block(16)
    second = nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2), Block(32)
    return nn.Sequential(*first, *second, nn.Flatten(), nn.Linear(512, 10))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(64, 128, batch_first=True)
        self.head = nn.Linear(128, 8)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.head(states)


MODELS = {
    "softmax_regression": softmax_regression,
    "relu_mlp": relu_mlp,
    "cnn": cnn,
    "resnet": resnet,
    "rnn-useful": Recurrent,
}


def new(lesson, seed):
    torch.manual_seed(seed)
    return MODELS[lesson]()


def optimizer_of(numbers, parameters):
    match numbers:
        case SGD(rate, momentum):
            return torch.optim.SGD(parameters, lr=rate, momentum=momentum)
        case RMSprop(rate, decay, epsilon):
            return torch.optim.RMSprop(parameters, lr=rate, alpha=decay, eps=epsilon)
        case Adam(rate, beta1, beta2, epsilon):
            return torch.optim.Adam(parameters, lr=rate, betas=(beta1, beta2), eps=epsilon)


def inputs(x):
    """Images with their channels first, as torchvision hands them out."""
    return torch.tensor(x).permute(0, 3, 1, 2).contiguous() if x.ndim == 4 else torch.tensor(x)


def train(model, numbers, x, y, epochs, lap):
    examples = TensorDataset(inputs(x), torch.tensor(y, dtype=torch.int64))
    loader = DataLoader(examples, batch_size=numbers.batch, shuffle=True)
    loss_of = nn.CrossEntropyLoss()
    optimizer = optimizer_of(numbers.optimizer, model.parameters())
    for epoch in range(epochs):
        model.train()
        for step, (x_batch, y_batch) in enumerate(loader):
            logits = model(x_batch)
            loss = loss_of(logits.flatten(0, -2), y_batch.flatten())  # of sequences each step counts as an example
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 100 == 0:
                print(f"epoch {epoch + 1}, step {step}: loss {loss.item():.4f}")
        lap()


def predict(model, x):
    model.eval()
    with torch.no_grad():
        return model(inputs(x)).numpy()
