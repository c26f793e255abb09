import torch


def _loss(x, y, w1, b1, w2, b2):  # of one net or of many
    h = torch.tanh(x @ w1 + b1[..., None, :])  # (…, examples, hidden)
    return torch.mean((h @ w2 + b2[..., None, :] - y) ** 2, dim=(-2, -1))  # (…)


def _phase(x, y, net, rate, order, learns):  # PyTorch: what requires no gradient gets none, and no optimiser moves it
    net = [array.clone().requires_grad_(moves) for array, moves in zip(net, learns, strict=True)]
    optimizer, nets = torch.optim.SGD(net, lr=rate), []
    for epoch in order:
        for rows in epoch:
            torch._dynamo.graph_break()  # torch.compile would unroll the loop, for minutes
            optimizer.zero_grad()
            _loss(x[rows], y[rows], *net).backward()
            optimizer.step()
        nets.append([array.detach().clone() for array in net])
    return [torch.stack(arrays) for arrays in zip(*nets, strict=True)]  # epochs of each


def _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    start = w1, b1, w2, b2
    first = _phase(x, y, start, rate, frozen, (False, False, True, True))
    second = _phase(x, y, [arrays[-1] for arrays in first], rate, thawed, (True, True, True, True))
    parts = zip(start, first, second, strict=True)
    return [torch.cat([array[None], *both]) for array, *both in parts]  # epochs + 1 of each


def losses(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    nets = _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)
    return _loss(x, y, *nets)  # (epochs + 1,)


def changes(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    w1s, _, w2s, _ = _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)
    hidden, head = torch.amax(torch.abs(w1s - w1), dim=(1, 2)), torch.amax(torch.abs(w2s - w2), dim=(1, 2))
    return torch.stack([hidden, head], dim=1)  # (epochs + 1, 2)


def kept(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    return _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)[0][len(frozen)]  # (inputs, hidden)


def learnt(x, y, w1, b1, w2, b2, rate, frozen, thawed):
    return _nets(x, y, w1, b1, w2, b2, rate, frozen, thawed)[0][-1]  # (inputs, hidden)
