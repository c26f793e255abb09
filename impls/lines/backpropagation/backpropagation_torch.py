import torch


def _loss(x, y, w):  # what PyTorch records the graph of
    return (w * x - y) ** 2  # the shape of x


def _automatic(x, y, w):  # PyTorch records what is done to a tensor that requires its gradient
    w = w.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(_loss(x, y, w).sum(), w)  # the shape of w
    return gradient


def _by_hand(x, y, w):
    return 2 * (w * x - y) * x  # the shape of x


def _updates(derivative, x, y, w, rates):
    ws = [w]
    for rate in rates:
        for one, target in zip(x, y, strict=True):
            torch._dynamo.graph_break()  # torch.compile would unroll the loop, for minutes
            w = w - rate * derivative(one, target, w)  # ()
            ws.append(w)
    return torch.stack(ws)  # (updates + 1,)


def weights(x, y, w, rates):
    return _updates(_automatic, x, y, w, rates)[:: len(x)]  # (epochs + 1,)


def by_hand(x, y, w, rates):
    return _updates(_by_hand, x, y, w, rates)[:: len(x)]  # (epochs + 1,)


def gradients(x, y, w, rates):
    ws = _updates(_automatic, x, y, w, rates)[:-1]  # (updates,)
    ones, targets = torch.tile(x, (len(rates),)), torch.tile(y, (len(rates),))  # (updates,)
    return torch.stack([_automatic(ones, targets, ws), _by_hand(ones, targets, ws)], dim=1)  # (updates, 2)


def accumulated(x, y, w, rates):  # PyTorch itself keeps the total, in w.grad, until told to forget it
    ws = [w]
    w = w.clone().requires_grad_()  # ()
    for rate in rates:
        for one, target in zip(x, y, strict=True):
            _loss(one, target, w).backward()  # adds to w.grad
            with torch.no_grad():
                w -= rate * w.grad  # ()
        ws.append(w.detach().clone())
    return torch.stack(ws)  # (epochs + 1,)
