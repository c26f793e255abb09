import torch


def _loss(x, y, w, b):
    error = x @ w + b[..., None, :] - y  # (…, batch, 1)
    return torch.mean(error**2, dim=(-2, -1)) / 2  # (…)


def _slopes(x, y, w, b):
    w, b = w.detach().requires_grad_(), b.detach().requires_grad_()
    return torch.autograd.grad(_loss(x, y, w, b), (w, b))  # by w (2, 1), by b (1,)


def _updates(x, y, w, b, rate, order):
    ws, bs = [w], [b]
    for rows in order.reshape(-1, order.shape[-1]):
        torch._dynamo.graph_break()  # torch.compile would unroll the loop, for minutes
        dw, db = _slopes(x[rows], y[rows], w, b)
        w, b = w - rate * dw, b - rate * db  # (2, 1), (1,)
        ws.append(w)
        bs.append(b)
    return torch.stack(ws), torch.stack(bs)  # (updates + 1, 2, 1), (updates + 1, 1)


def parameters(x, y, w, b, rate, order):
    ws, bs = _updates(x, y, w, b, rate, order)
    return torch.cat([ws[-1, :, 0], bs[-1]])  # (3,)


def losses(x, y, w, b, rate, order):
    ws, bs = _updates(x, y, w, b, rate, order)
    steps = order.shape[1]
    return _loss(x, y, ws[::steps], bs[::steps])  # of all examples before each epoch and after the last, (epochs + 1,)


def diverge(x, y, w, b, large, longer):
    ws, bs = _updates(x, y, w, b, large, longer)
    rows = longer.reshape(-1, longer.shape[-1])  # (updates, batch)
    return _loss(x[rows], y[rows], ws[:-1], bs[:-1])  # of each batch before its update, (updates,)
