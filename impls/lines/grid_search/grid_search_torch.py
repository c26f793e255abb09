import torch


def errors(x, y, w):
    predictions = w[:, None] * x  # (slopes, examples)
    return torch.mean((predictions - y) ** 2, dim=1)  # (slopes,)


def best(x, y, w):
    return w[torch.argmin(errors(x, y, w))]  # ()
