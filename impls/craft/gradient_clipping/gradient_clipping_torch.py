import torch
from torch import func
from torch.nn import utils


def _loss(net, x, y, penalty=0):  # PyTorch's func.grad derives by the first argument
    w, b = net
    return torch.mean((x @ w + b - y) ** 2) + penalty / 2 * torch.sum(w**2)  # ()


def _clippings(limit):
    def by_norm(net):
        # PyTorch's clip_grad_norm_ adds 1e-6 to the norm, which is more than float64 would round.
        norm = utils.get_total_norm([array.grad for array in net])  # of both together
        for array in net:
            array.grad *= torch.clamp(limit / norm, max=1)

    return None, lambda net: utils.clip_grad_value_(net, limit), by_norm


def _updates(x, y, w, b, rate, order, penalty=0, decay=0, clipping=None):  # PyTorch's optimiser decays by groups
    points = [torch.cat([w, b])]
    net = [array.clone().requires_grad_() for array in (w, b)]
    groups = [{"params": net[:1], "weight_decay": decay}, {"params": net[1:]}]
    optimizer = torch.optim.SGD(groups, lr=rate)
    for rows in order.reshape(-1, order.shape[-1]):
        torch._dynamo.graph_break()  # torch.compile would unroll the loop, for minutes
        optimizer.zero_grad()
        _loss(net, x[rows], y[rows], penalty).backward()
        if clipping:
            clipping(net)
        optimizer.step()
        points.append(torch.cat(net).detach())
    return torch.stack(points)  # (updates + 1, 3)


def norms(x, slip, w, b):
    dw, db = func.vmap(func.grad(_loss), in_dims=(None, 0, 0))((w, b), x, slip)  # each example's own
    return torch.linalg.vector_norm(torch.cat([dw, db], dim=1), dim=1)  # (examples,)


def distances(x, slip, w, b, rate, limit, order, truth):
    paths = [_updates(x, slip, w, b, rate, order, clipping=clipping) for clipping in _clippings(limit)]
    return torch.amax(torch.abs(torch.stack(paths, dim=1) - truth), dim=2)  # (updates + 1, 3)


def penalised(x, y, w, b, rate, penalty, order):
    return _updates(x, y, w, b, rate, order, penalty=penalty)  # (updates + 1, 3)


def decayed(x, y, w, b, rate, penalty, order):
    return _updates(x, y, w, b, rate, order, decay=penalty)  # (updates + 1, 3)
