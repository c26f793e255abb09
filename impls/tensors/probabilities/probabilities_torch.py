import torch
from torch.nn import functional


def softmax(x, axis):
    return torch.softmax(x, dim=axis)


def log_softmax(x, axis):
    return torch.log_softmax(x, dim=axis)


def sigmoid(x):
    return torch.sigmoid(x)


def log_sigmoid(x):
    return functional.logsigmoid(x)


def softplus(x):
    return functional.softplus(x)


def relu(x):
    return torch.relu(x)


def gelu(x, approximate):
    return functional.gelu(x, approximate="tanh" if approximate else "none")


def one_hot(labels, classes):
    return functional.one_hot(labels, classes)


def top_k(x, k):
    return torch.topk(x, k)


def cross_entropy(x, labels):
    return functional.cross_entropy(x, labels)


def binary_cross_entropy(x, targets):
    return functional.binary_cross_entropy_with_logits(x, targets)


def kl_divergence(p, q):
    return functional.kl_div(q.log(), p, reduction="none").sum(dim=-1)


def entropy(p):
    return torch.special.entr(p).sum(dim=-1)
