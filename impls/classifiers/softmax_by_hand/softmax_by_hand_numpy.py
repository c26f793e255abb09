import numpy as np


def softmax(logits):
    powers = np.exp(logits - np.max(logits, axis=1, keepdims=True))  # (examples, classes)
    return powers / np.sum(powers, axis=1, keepdims=True)  # (examples, classes)


def cross_entropy(logits, labels):
    shifted = logits - np.max(logits, axis=1, keepdims=True)  # (examples, classes)
    right = np.take_along_axis(shifted, labels[:, None], axis=1)[:, 0]  # (examples,)
    return np.log(np.sum(np.exp(shifted), axis=1)) - right  # (examples,)


def _gradients(x, labels, w, b):
    by_logits = softmax(x @ w + b)  # (batch, classes)
    by_logits[np.arange(len(labels)), labels] -= 1
    by_logits /= len(labels)
    return x.T @ by_logits, np.sum(by_logits, axis=0)  # by w (pixels, classes), by b (classes,)


def _epochs(x, labels, w, b, rate, order):
    epochs = [(w, b)]
    for epoch in order:
        for rows in epoch:
            dw, db = _gradients(x[rows], labels[rows], w, b)
            w, b = w - rate * dw, b - rate * db  # (pixels, classes), (classes,)
        epochs.append((w, b))
    return epochs  # epochs + 1 of these pairs


def losses(x, labels, w, b, rate, order):
    epochs = _epochs(x, labels, w, b, rate, order)
    return np.stack([np.mean(cross_entropy(x @ w + b, labels)) for w, b in epochs])  # (epochs + 1,)


def _share(x, labels, w, b):
    return np.mean(np.argmax(x @ w + b, axis=1) == labels, dtype=x.dtype)  # ()


def accuracy(x, labels, w, b, rate, order, x_test, labels_test):
    epochs = _epochs(x, labels, w, b, rate, order)
    return np.stack(
        [[_share(x, labels, w, b), _share(x_test, labels_test, w, b)] for w, b in epochs]
    )  # (epochs + 1, 2)
