"""JAX as the basics of Flax NNX have it: a compiled training step, and a Python loop over shuffled NumPy arrays."""

import jax
import numpy as np
import optax
from flax import nnx

from impls.spec import SGD, Adam, RMSprop


def pooled(x):
    return nnx.max_pool(x, window_shape=(2, 2), strides=(2, 2))


def softmax_regression(rngs):
    return nnx.Linear(784, 10, rngs=rngs)


def relu_mlp(rngs):
    return nnx.Sequential(nnx.Linear(784, 512, rngs=rngs), nnx.relu, nnx.Linear(512, 10, rngs=rngs))


class CNN(nnx.Module):
    def __init__(self, rngs):
        self.conv1 = nnx.Conv(1, 10, (5, 5), padding="VALID", rngs=rngs)
        self.conv2 = nnx.Conv(10, 20, (5, 5), padding="VALID", rngs=rngs)
        self.head = nnx.Linear(320, 10, rngs=rngs)

    def __call__(self, x):
        h = nnx.relu(pooled(self.conv1(x)))
        h = nnx.relu(pooled(self.conv2(h)))
        return self.head(h.reshape(len(h), -1))


class Block(nnx.Module):
    def __init__(self, channels, rngs):
        self.conv1 = nnx.Conv(channels, channels, (3, 3), rngs=rngs)
        self.conv2 = nnx.Conv(channels, channels, (3, 3), rngs=rngs)

    def __call__(self, x):
        return nnx.relu(x + self.conv2(nnx.relu(self.conv1(x))))


class ResNet(nnx.Module):
    def __init__(self, rngs):
        self.conv1 = nnx.Conv(1, 16, (5, 5), padding="VALID", rngs=rngs)
        self.block1 = Block(16, rngs)
        self.conv2 = nnx.Conv(16, 32, (5, 5), padding="VALID", rngs=rngs)
        self.block2 = Block(32, rngs)
        self.head = nnx.Linear(512, 10, rngs=rngs)

    def __call__(self, x):
        h = self.block1(pooled(nnx.relu(self.conv1(x))))
        h = self.block2(pooled(nnx.relu(self.conv2(h))))
        return self.head(h.reshape(len(h), -1))


def recurrent(rngs):
    return nnx.Sequential(nnx.RNN(nnx.SimpleCell(64, 128, rngs=rngs)), nnx.Linear(128, 8, rngs=rngs))


MODELS = {
    "softmax_regression": softmax_regression,
    "relu_mlp": relu_mlp,
    "cnn": CNN,
    "resnet": ResNet,
    "rnn-useful": recurrent,
}


def new(lesson, seed):
    np.random.seed(seed)  # of the shuffling
    return MODELS[lesson](nnx.Rngs(seed))


def optimizer_of(numbers):
    match numbers:
        case SGD(rate, momentum):
            return optax.sgd(rate, momentum=momentum or None)
        case RMSprop(rate, decay, epsilon):
            return optax.rmsprop(rate, decay=decay, eps=epsilon, eps_in_sqrt=False)  # as the lesson says
        case Adam(rate, beta1, beta2, epsilon):
            return optax.adam(rate, b1=beta1, b2=beta2, eps=epsilon)


@nnx.jit
def train_step(model, optimizer, x, y):
    def loss_of(model):
        return optax.softmax_cross_entropy_with_integer_labels(model(x), y).mean()

    loss, gradients = nnx.value_and_grad(loss_of)(model)
    optimizer.update(model, gradients)
    return loss


def train(model, numbers, x, y, epochs, lap):
    optimizer = nnx.Optimizer(model, optimizer_of(numbers.optimizer), wrt=nnx.Param)
    for epoch in range(epochs):
        order = np.random.permutation(len(x))
        for start in range(0, len(x), numbers.batch):
            rows = order[start : start + numbers.batch]
            loss = train_step(model, optimizer, x[rows], y[rows])
        print(f"epoch {epoch + 1}: loss {loss:.4f}")
        jax.block_until_ready(nnx.state(model))
        lap()


def predict(model, x):
    return np.asarray(model(x))
