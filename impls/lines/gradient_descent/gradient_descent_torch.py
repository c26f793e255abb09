import torch


def slope(x, y, w):
    return 2 * torch.mean((w * x - y) * x)  # of the mean squared error, ()


def weights(x, y, w, rates):
    ws = [w]
    for rate in rates:
        torch._dynamo.graph_break()  # torch.compile would unroll the loop, for a minute: now it compiles slope alone
        w = w - rate * slope(x, y, w)  # ()
        ws.append(w)
    return torch.stack(ws)  # (epochs + 1,)


def losses(x, y, w, rates):
    predictions = weights(x, y, w, rates)[:, None] * x  # (epochs + 1, examples)
    return torch.mean((predictions - y) ** 2, dim=1)  # (epochs + 1,)


def prediction(x, y, w, rates, unseen):
    return weights(x, y, w, rates)[-1] * unseen  # ()
