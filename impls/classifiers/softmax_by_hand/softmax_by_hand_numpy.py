import numpy as np


def softmax(logits):
    powers = np.exp(logits - np.max(logits, axis=1, keepdims=True))  # (examples, classes)
    return powers / np.sum(powers, axis=1, keepdims=True)  # (examples, classes)


def cross_entropy(logits, labels):
    shifted = logits - np.max(logits, axis=1, keepdims=True)  # (examples, classes)
    right = np.take_along_axis(shifted, labels[:, None], axis=1)[:, 0]  # (examples,)
    return np.log(np.sum(np.exp(shifted), axis=1)) - right  # (examples,)


def _loss(x, labels, w, b):
    return np.mean(cross_entropy(x @ w + b, labels))  # ()


def _gradients(x, labels, w, b):  # by hand: NumPy derives nothing itself
    by_logits = softmax(x @ w + b)  # (batch, classes)
    by_logits[np.arange(len(labels)), labels] -= 1
    by_logits /= len(labels)
    return x.T @ by_logits, np.sum(by_logits, axis=0)  # by w (pixels, classes), by b (classes,)


def _epochs(x, labels, w, b, rate, order):
    ws, bs = [w], [b]
    for epoch in order:
        for rows in epoch:
            dw, db = _gradients(x[rows], labels[rows], w, b)
            w, b = w - rate * dw, b - rate * db  # (pixels, classes), (classes,)
        ws.append(w)
        bs.append(b)
    return ws, bs  # epochs + 1 of each


def losses(x, labels, w, b, rate, order):
    ws, bs = _epochs(x, labels, w, b, rate, order)
    return np.stack([_loss(x, labels, w, b) for w, b in zip(ws, bs, strict=True)])  # (epochs + 1,)


def _share(x, labels, w, b):
    return np.mean(np.argmax(x @ w + b, axis=1) == labels, dtype=x.dtype)  # ()


def accuracy(x, labels, w, b, rate, order, x_test, labels_test):
    ws, bs = _epochs(x, labels, w, b, rate, order)
    train = np.stack([_share(x, labels, w, b) for w, b in zip(ws, bs, strict=True)])  # (epochs + 1,)
    test = np.stack([_share(x_test, labels_test, w, b) for w, b in zip(ws, bs, strict=True)])  # (epochs + 1,)
    return np.stack([train, test], axis=1)  # (epochs + 1, 2)
