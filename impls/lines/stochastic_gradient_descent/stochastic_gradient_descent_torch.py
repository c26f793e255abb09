import torch


def slope(x, y, w):
    return 2 * (w * x - y) * x  # of each example's squared error, the shape of x


def updates(x, y, w, rates):
    ws = [w]
    for rate in rates:
        torch._dynamo.graph_break()  # torch.compile would unroll the loop, for a minute: now it compiles slope alone
        for one, target in zip(x, y, strict=True):
            w = w - rate * slope(one, target, w)  # ()
            ws.append(w)
    return torch.stack(ws)  # (updates + 1,)


def weights(x, y, w, rates):
    return updates(x, y, w, rates)[:: len(x)]  # (epochs + 1,)


def losses(x, y, w, rates):
    predictions = weights(x, y, w, rates)[:, None] * x  # (epochs + 1, examples)
    return torch.mean((predictions - y) ** 2, dim=1)  # (epochs + 1,)


def prediction(x, y, w, rates, unseen):
    return weights(x, y, w, rates)[-1] * unseen  # ()
