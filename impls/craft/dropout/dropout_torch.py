import torch
from torch.nn import functional


def training_pass(x, w1, b1, w2, b2, p, mask):
    h = torch.tanh(x @ w1 + b1)  # (examples, hidden)
    return torch.where(mask, h / (1 - p), 0) @ w2 + b2  # (examples, 1)


def evaluation_pass(x, w1, b1, w2, b2):
    h = torch.tanh(x @ w1 + b1)  # (examples, hidden)
    return functional.dropout(h, training=False) @ w2 + b2  # (examples, 1)


def _loss(outputs, y):
    return torch.mean((outputs - y) ** 2)  # ()


def _gradients(outputs, y, net):  # PyTorch derives by leaves that require it
    net = [array.detach().requires_grad_() for array in net]
    return torch.autograd.grad(_loss(outputs(*net), y), net)  # as the parameters


def training_gradients(x, y, w1, b1, w2, b2, p, mask):
    gradients = _gradients(lambda *net: training_pass(x, *net, p, mask), y, (w1, b1, w2, b2))
    return torch.cat([*map(torch.ravel, gradients)])  # (parameters,)


def evaluation_gradients(x, y, w1, b1, w2, b2):
    gradients = _gradients(lambda *net: evaluation_pass(x, *net), y, (w1, b1, w2, b2))
    return torch.cat([*map(torch.ravel, gradients)])  # (parameters,)


def _fit(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks):  # PyTorch's own optimiser changes the net in place
    net = [array.clone().requires_grad_() for array in (w1, b1, w2, b2)]
    optimizer, losses = torch.optim.SGD(net, lr=rate), []
    for mask in masks:
        torch._dynamo.graph_break()  # torch.compile would unroll the loop, for minutes
        with torch.no_grad():
            losses += [_loss(evaluation_pass(x, *net), y), _loss(evaluation_pass(x_test, *net), y_test)]
        optimizer.zero_grad()
        _loss(training_pass(x, *net, p, mask), y).backward()
        optimizer.step()
    return torch.stack(losses).reshape(-1, 2)  # before each step, (steps, 2)


def losses(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks):
    without = _fit(x, y, x_test, y_test, w1, b1, w2, b2, 0 * p, rate, torch.ones_like(masks))  # (steps, 2)
    dropout = _fit(x, y, x_test, y_test, w1, b1, w2, b2, p, rate, masks)  # (steps, 2)
    return torch.cat([without, dropout], dim=1)  # (steps, 4)


def mean_distances(x, v, p, many):
    passes = torch.where(many, x / (1 - p), 0) @ v  # (masks, examples, 1)
    means = torch.cumsum(passes, dim=0) / torch.arange(1, len(many) + 1, device=x.device)[:, None, None]
    return torch.amax(torch.abs(means - x @ v), dim=(1, 2))  # (masks,)
