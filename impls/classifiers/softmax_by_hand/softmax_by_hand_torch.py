import torch


def softmax(logits):
    powers = torch.exp(logits - torch.amax(logits, dim=1, keepdim=True))  # (examples, classes)
    return powers / torch.sum(powers, dim=1, keepdim=True)  # (examples, classes)


def cross_entropy(logits, labels):
    shifted = logits - torch.amax(logits, dim=1, keepdim=True)  # (examples, classes)
    right = torch.take_along_dim(shifted, labels[:, None], dim=1)[:, 0]  # (examples,)
    return torch.log(torch.sum(torch.exp(shifted), dim=1)) - right  # (examples,)


def _gradients(x, labels, w, b):
    w, b = w.detach().requires_grad_(), b.detach().requires_grad_()
    loss = torch.mean(cross_entropy(x @ w + b, labels))  # ()
    return torch.autograd.grad(loss, (w, b))  # by w (pixels, classes), by b (classes,)


def _epochs(x, labels, w, b, rate, order):
    epochs = [(w, b)]
    for epoch in order:
        for rows in epoch:
            torch._dynamo.graph_break()  # torch.compile would unroll the loop, for minutes
            dw, db = _gradients(x[rows], labels[rows], w, b)
            w, b = w - rate * dw, b - rate * db  # (pixels, classes), (classes,)
        epochs.append((w, b))
    return epochs  # epochs + 1 of these pairs


def losses(x, labels, w, b, rate, order):
    epochs = _epochs(x, labels, w, b, rate, order)
    return torch.stack([torch.mean(cross_entropy(x @ w + b, labels)) for w, b in epochs])  # (epochs + 1,)


def _share(x, labels, w, b):
    return torch.mean(torch.argmax(x @ w + b, dim=1) == labels, dtype=x.dtype)  # ()


def accuracy(x, labels, w, b, rate, order, x_test, labels_test):
    epochs = _epochs(x, labels, w, b, rate, order)
    train = torch.stack([_share(x, labels, w, b) for w, b in epochs])  # (epochs + 1,)
    test = torch.stack([_share(x_test, labels_test, w, b) for w, b in epochs])  # (epochs + 1,)
    return torch.stack([train, test], dim=1)  # (epochs + 1, 2)
