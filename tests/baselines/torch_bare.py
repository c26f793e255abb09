"""Two dense nets trained by a loop in PyTorch and nothing else: no module, no learner, no harness."""

import torch
from torch.nn import functional
from torch.optim import SGD, RMSprop

from impls import spec


def train(lesson, weights, x, y, order, lap):
    # In PyTorch's own layout, (out, in).
    parameters = [torch.tensor(array.T.copy(), requires_grad=True) for array in weights]
    x, y, order = torch.tensor(x), torch.tensor(y, dtype=torch.int64), torch.tensor(order, dtype=torch.int64)
    match lesson.optimizer:
        case spec.SGD(rate):
            optimizer = SGD(parameters, lr=rate)
        case spec.RMSprop(rate, decay, epsilon):
            optimizer = RMSprop(parameters, lr=rate, alpha=decay, eps=epsilon)
    *hidden, kernel, bias = parameters
    for rows_of_epoch in order:
        losses = torch.empty(len(rows_of_epoch))
        for i, rows in enumerate(rows_of_epoch):
            optimizer.zero_grad()
            h = x[rows]
            for inner_kernel, inner_bias in zip(hidden[::2], hidden[1::2], strict=True):
                h = functional.relu(functional.linear(h, inner_kernel, inner_bias))
            loss = functional.cross_entropy(functional.linear(h, kernel, bias), y[rows])
            loss.backward()
            optimizer.step()
            losses[i] = loss.detach()
        lap(losses)
    return [parameter.detach().numpy().T for parameter in parameters]
