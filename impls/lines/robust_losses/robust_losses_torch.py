import torch


def _losses(delta):
    return (  # squared, absolute, Huber: each of the shape of the error
        lambda error: error**2 / 2,
        lambda error: torch.abs(error),  # its derivative at 0 is 0
        lambda error: torch.where(torch.abs(error) <= delta, error**2 / 2, delta * (torch.abs(error) - delta / 2)),
    )


def _gradient(which, x, y, point, delta):
    point = point.detach().requires_grad_()
    loss = torch.mean(_losses(delta)[which](x @ point[:2] + point[2] - y))  # ()
    return torch.autograd.grad(loss, point)[0]  # by each w and by b, (3,)


def _updates(which, x, y, point, rate, order, delta):
    points = [point]
    for rows in order.reshape(-1, order.shape[-1]):
        torch._dynamo.graph_break()  # torch.compile would unroll the loop, for minutes
        point = point - rate * _gradient(which, x[rows], y[rows], point, delta)  # (3,)
        points.append(point)
    return torch.stack(points)  # (updates + 1, 3)


def curves(predictions, delta):
    return torch.stack([loss(predictions) for loss in _losses(delta)], dim=1)  # (predictions, 3)


def slopes(predictions, delta):  # PyTorch derives by leaves that require it
    predictions = predictions.detach().requires_grad_()
    # One after the other: what torch.compile makes one graph of can be gone back through only once.
    columns = [torch.autograd.grad(torch.sum(loss(predictions)), predictions)[0] for loss in _losses(delta)]
    return torch.stack(columns, dim=1)  # (predictions, 3)


def squared_fit(x, y, start, rate, order, delta):
    return _updates(0, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def absolute_fit(x, y, start, rate, order, delta):
    return _updates(1, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def huber_fit(x, y, start, rate, order, delta):
    return _updates(2, x, y, start, rate, order, delta)[:: order.shape[1]]  # (epochs + 1, 3)


def distances(x, y, start, rate, order, delta, truth):
    paths = [_updates(which, x, y, start, rate, order, delta) for which in range(3)]  # of (updates + 1, 3)
    return torch.amax(torch.abs(torch.stack(paths, dim=1) - truth), dim=2)  # (updates + 1, 3)
