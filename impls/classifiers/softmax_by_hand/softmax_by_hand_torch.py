import torch


def softmax(logits):
    powers = torch.exp(logits - torch.amax(logits, dim=1, keepdim=True))  # (examples, classes)
    return powers / torch.sum(powers, dim=1, keepdim=True)  # (examples, classes)


def cross_entropy(logits, labels):
    shifted = logits - torch.amax(logits, dim=1, keepdim=True)  # (examples, classes)
    right = torch.take_along_dim(shifted, labels[:, None], dim=1)[:, 0]  # (examples,)
    return torch.log(torch.sum(torch.exp(shifted), dim=1)) - right  # (examples,)


def _loss(x, labels, w, b):
    return torch.mean(cross_entropy(x @ w + b, labels))  # ()


def _gradients(x, labels, w, b):  # PyTorch derives by leaves that require it
    w, b = w.detach().requires_grad_(), b.detach().requires_grad_()
    return torch.autograd.grad(_loss(x, labels, w, b), (w, b))  # by w (pixels, classes), by b (classes,)


def _epochs(x, labels, w, b, rate, order):
    ws, bs = [w], [b]
    for epoch in order:
        for rows in epoch:
            torch._dynamo.graph_break()  # torch.compile would unroll the loop, for minutes
            dw, db = _gradients(x[rows], labels[rows], w, b)
            w, b = w - rate * dw, b - rate * db  # (pixels, classes), (classes,)
        ws.append(w)
        bs.append(b)
    return ws, bs  # epochs + 1 of each


def losses(x, labels, w, b, rate, order):
    ws, bs = _epochs(x, labels, w, b, rate, order)
    return torch.stack([_loss(x, labels, w, b) for w, b in zip(ws, bs, strict=True)])  # (epochs + 1,)


def _share(x, labels, w, b):
    return torch.mean(torch.argmax(x @ w + b, dim=1) == labels, dtype=x.dtype)  # ()


def accuracy(x, labels, w, b, rate, order, x_test, labels_test):
    ws, bs = _epochs(x, labels, w, b, rate, order)
    train = torch.stack([_share(x, labels, w, b) for w, b in zip(ws, bs, strict=True)])  # (epochs + 1,)
    test = torch.stack([_share(x_test, labels_test, w, b) for w, b in zip(ws, bs, strict=True)])  # (epochs + 1,)
    return torch.stack([train, test], dim=1)  # (epochs + 1, 2)
