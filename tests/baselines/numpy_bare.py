"""Two dense nets trained by a loop in NumPy and nothing else: no layers, no learner, no harness."""

import numpy as np

from impls.spec import RMSprop


def train(lesson, weights, x, y, order, lap):
    kernels, biases = weights[::2], weights[1::2]
    squares = [np.zeros_like(array) for array in weights]
    rate, examples = lesson.optimizer.learning_rate, np.arange(lesson.batch)
    for rows_of_epoch in order:
        losses = np.empty(len(rows_of_epoch))
        for step, rows in enumerate(rows_of_epoch):
            inputs = [x[rows]]
            for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
                hidden = inputs[-1] @ kernel
                hidden += bias
                inputs.append(np.maximum(hidden, 0, out=hidden))
            logits = inputs[-1] @ kernels[-1]
            logits += biases[-1]
            logits -= logits.max(axis=1, keepdims=True)
            error = np.exp(logits)
            total = error.sum(axis=1, keepdims=True)
            losses[step] = np.mean(np.log(total[:, 0]) - logits[examples, y[rows]])
            error /= total
            error[examples, y[rows]] -= 1
            error /= lesson.batch
            gradients = []
            for layer in reversed(range(len(kernels))):
                gradients += [error.sum(axis=0), inputs[layer].T @ error]
                if layer:
                    error = error @ kernels[layer].T
                    error *= inputs[layer] > 0
            for array, square, gradient in zip(weights, squares, reversed(gradients), strict=True):
                if isinstance(lesson.optimizer, RMSprop):
                    square *= lesson.optimizer.decay
                    square += (1 - lesson.optimizer.decay) * gradient**2
                    gradient /= np.sqrt(square) + lesson.optimizer.epsilon
                gradient *= rate
                array -= gradient
        lap(losses)
    return weights
