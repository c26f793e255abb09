"""Faults as ports have them, and right variants of the same files: what the gates must catch, and what they must not.

Each replaces some text of one file: the net of a lesson, or a part of a framework's learner. ``fault_matrix`` plants
them one by one. Where a fault has its place, the first difference must be found there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Planted:
    """One change.

    Args:
        name: what it is.
        lesson: that it is planted in, or shown with.
        framework: whose file it is.
        file: ``net`` for the lesson's, else the word after the framework's name in ``impls/learners``.
        changes: texts, each in the file once, and what they become.
        where: the stage and the place where the first difference must be found; empty for a right variant.
        mode: that it is run in, if not the framework's first.
    """

    name: str
    lesson: str
    framework: str
    file: str
    changes: tuple[tuple[str, str], ...]
    where: str = ""
    mode: str = ""


def torch(name: str, lesson: str, file: str, sound: str, faulty: str, where: str = "") -> Planted:
    """In PyTorch."""
    return Planted(name, lesson, "torch", file, ((sound, faulty),), where)


def keras(name: str, lesson: str, file: str, sound: str, faulty: str, where: str = "") -> Planted:
    """In Keras."""
    return Planted(name, lesson, "keras", file, ((sound, faulty),), where)


def jax(name: str, lesson: str, file: str, sound: str, faulty: str, where: str = "") -> Planted:
    """In JAX."""
    return Planted(name, lesson, "jax", file, ((sound, faulty),), where)


def numpy(name: str, lesson: str, file: str, sound: str, faulty: str, where: str = "") -> Planted:
    """In NumPy."""
    return Planted(name, lesson, "numpy", file, ((sound, faulty),), where)


TORCH_SGD = "torch.optim.SGD(parameters, lr=learning_rate, momentum=momentum)"
KERAS_ROOT = "(keras.ops.sqrt(square) + self.epsilon)"
KERAS_ADAM = "(keras.ops.sqrt(v) + self.epsilon)"
RELU = "torch.relu(self.hidden(x))"

FAULTS = (
    # parameters
    torch(
        "no bias",
        "relu_mlp",
        "net",
        "nn.Linear(hidden, 10)",
        "nn.Linear(hidden, 10, bias=False)",
        "parameter head.bias",
    ),
    keras("no bias", "relu_mlp", "net", "Dense(10)", "Dense(10, use_bias=False)", "parameter head.bias"),
    jax("no bias", "relu_mlp", "net", "(hidden, 10, ", "(hidden, 10, use_bias=False, ", "parameter head.bias"),
    torch(
        "a branch of another width",
        "inception",
        "net",
        "branch3x3_2 = nn.Conv2d(16, 24, 3, padding=1)\n        self.branch3x3_3 = nn.Conv2d(24",
        "branch3x3_2 = nn.Conv2d(16, 16, 3, padding=1)\n        self.branch3x3_3 = nn.Conv2d(16",
        "parameter block1.branch3x3_2.kernel",
    ),
    torch(
        "a layer too many",
        "relu_mlp",
        "net",
        "self.head = nn",
        "self.extra = nn.Linear(3, 3)\n        self.head = nn",
        "parameter extra.kernel",
    ),
    torch(
        "a frozen layer",
        "relu_mlp",
        "net",
        "nn.Linear(hidden, 10)",
        "nn.Linear(hidden, 10).requires_grad_(False)",
        "parameter head.kernel",
    ),
    keras(
        "a frozen layer",
        "relu_mlp",
        "net",
        "layers.Dense(10)",
        "layers.Dense(10, trainable=False)",
        "parameter head.kernel",
    ),
    jax(
        "a parameter as a plain variable",
        "relu_mlp",
        "net",
        "self.head = nnx.Linear(hidden, 10, rngs=rngs)",
        "self.head = nnx.Linear(hidden, 10, rngs=rngs)\n        self.head.bias = nnx.Variable(self.head.bias[...])",
        "parameter head.bias",
    ),
    # initial values
    torch(
        "kernels are loaded, biases are not",
        "relu_mlp",
        "learner",
        "self._fill(parameter, weights[name])",
        "self._fill(parameter, weights[name] if parameter.ndim > 1 else weights[name] + 0.01)",
        "initial value hidden.bias",
    ),
    torch(
        "weights loaded through float32",
        "relu_mlp",
        "learner",
        "torch.tensor(array.transpose(FROM_CANONICAL[array.ndim]), dtype=self._dtype)",
        "torch.tensor(array.transpose(FROM_CANONICAL[array.ndim]), dtype=torch.float32)",
        "initial value hidden.kernel",
    ),
    # forward pass
    torch("GELU for ReLU", "relu_mlp", "net", RELU, "nn.functional.gelu(self.hidden(x))", "input head"),
    keras("leaky ReLU for ReLU", "relu_mlp", "net", "keras.ops.relu(", "keras.ops.leaky_relu(", "input head"),
    jax("a forgotten activation", "relu_mlp", "net", "nnx.relu(self.hidden(x))", "self.hidden(x)", "input head"),
    torch("single precision inside", "relu_mlp", "net", RELU, f"{RELU}.float().to(x.dtype)", "input head"),
    torch("dropout at work", "relu_mlp", "net", RELU, f"nn.functional.dropout({RELU}, 0.1)", "input head"),
    keras(
        "dropout in training alone",
        "relu_mlp",
        "net",
        "    def call(self, x):\n        h = keras.ops.relu(self.hidden(x))",
        "    def call(self, x, training=False):\n"
        "        h = keras.ops.relu(self.hidden(x))\n"
        "        h = keras.random.dropout(h, 0.1) if training else h",
        "input head",
    ),
    torch(
        "means of the batch in place of running means",
        "relu_mlp",
        "net",
        RELU,
        f"nn.functional.batch_norm({RELU}, None, None, training=True)",
        "input head",
    ),
    torch(
        "flatten with channels first", "cnn", "net", "h.permute(0, 2, 3, 1).flatten(1)", "h.flatten(1)", "input head"
    ),
    keras(
        "flatten with channels first",
        "cnn",
        "net",
        "keras.ops.reshape(h, (-1, 320))",
        "keras.ops.reshape(keras.ops.transpose(h, (0, 3, 1, 2)), (-1, 320))",
        "input head",
    ),
    torch(
        "mean-pool for max-pool",
        "cnn",
        "net",
        "relu(max_pool2d(self.conv1(h), 2))",
        "relu(nn.functional.avg_pool2d(self.conv1(h), 2))",
        "input conv2",
    ),
    torch("rows and columns exchanged", "cnn", "net", "x.permute(0, 3, 1, 2)", "x.permute(0, 3, 2, 1)", "input conv1"),
    torch(
        "a mean without its border",
        "inception",
        "net",
        "stride=1, padding=1)",
        "stride=1, padding=1, count_include_pad=False)",
        "input block1.branch_pool",
    ),
    keras(
        "a mean without its border",
        "inception",
        "net",
        "average_pool(framed, 3, strides=1)",
        'average_pool(x, 3, strides=1, padding="same")',
        "input block1.branch_pool",
    ),
    torch(
        "another border",
        "inception",
        "net",
        "nn.Conv2d(16, 24, 5, padding=2)",
        'nn.Conv2d(16, 24, 5, padding=2, padding_mode="replicate")',
        "output block1.branch5x5_2",
    ),
    numpy("a bias that is not added", "deep_mlp", "layers", "np.add(y, self.bias, out=y)", "y", "output hidden1"),
    jax(
        "a bias that is not added",
        "deep_mlp",
        "net",
        "self.head(h)",
        "self.head(h) - self.head.bias[...]",
        "output the net's outputs",
    ),
    torch("a state that starts at one", "rnn_cell", "net", "x.new_zeros(", "x.new_ones(", "output cell"),
    torch(
        "a state that is not handed on",
        "rnn_cell",
        "net",
        "            h = self.cell(x[:, t], h)",
        "            h = self.cell(x[:, t], 0 * h)",
        "output cell call 2",
    ),
    torch("a layer that is not called", "resnet", "net", "h = self.conv2(h)", "h = h", "output block1"),
    jax("a layer that is not called", "resnet", "net", "h = self.conv2(h)", "h = h", "output block1"),
    keras("a layer called for nothing", "resnet", "net", "h = self.conv2(h)", "self.conv2(h)", "output block1"),
    # compiling
    Planted(
        "a branch for the compiled net",
        "relu_mlp",
        "torch",
        "net",
        ((RELU, f"{RELU} * (0.99 if torch.compiler.is_compiling() else 1)"),),
        "output the net's outputs",
        mode="compiled",
    ),
    Planted(
        "a branch for the compiled net",
        "relu_mlp",
        "keras",
        "net",
        (
            ("import keras", "import keras\nimport tensorflow as tf"),
            ("self.hidden(x))", "self.hidden(x)) * (0.99 if tf.inside_function() else 1)"),
        ),
        "output the net's outputs",
    ),
    Planted(
        "a branch for the compiled net",
        "relu_mlp",
        "jax",
        "net",
        (
            ("from flax", "import jax\nfrom flax"),
            ("self.hidden(x))", "self.hidden(x)) * (0.99 if isinstance(x, jax.core.Tracer) else 1)"),
        ),
        "output the net's outputs",
    ),
    # loss
    torch(
        "a little label smoothing",
        "softmax_regression",
        "losses",
        "label_smoothing=smoothing",
        "label_smoothing=0.02",
        "loss",
    ),
    torch(
        "sum for mean",
        "softmax_regression",
        "losses",
        "smoothing, reduction=reduction",
        'smoothing, reduction="sum"',
        "loss",
    ),
    torch("a factor of ½", "linear_regression", "losses", "return factor * func", "return func", "loss"),
    jax("sum for mean", "softmax_regression", "losses", "values.mean() if", "values.sum() if", "loss"),
    keras(
        "a penalty on the weights",
        "softmax_regression",
        "on_tensorflow",
        "self._net(x, training=True), y)",
        "self._net(x, training=True), y) + 1e-4 * sum(keras.ops.sum(v.value**2) for v in self._variables.values())",
        "loss",
    ),
    # backward pass
    torch(
        "a frozen bias",
        "relu_mlp",
        "net",
        "self.hidden(x)",
        "self.hidden(x) - self.hidden.bias + self.hidden.bias.detach()",
        "gradient hidden.bias",
    ),
    Planted(
        "a shortcut without gradient",
        "resnet",
        "jax",
        "net",
        (("from flax", "import jax\nfrom flax"), ("h = x + h", "h = jax.lax.stop_gradient(x) + h")),
        "gradient conv2.bias",
    ),
    torch("a shortcut without gradient", "resnet", "net", "h = x + h", "h = x.detach() + h", "gradient conv2.bias"),
    numpy(
        "a mask that is left out",
        "relu_mlp",
        "layers",
        'np.multiply(dy, self.positive, out=self.buffer("dx", dy.shape, dy.dtype))',
        "dy",
        "gradient hidden.bias",
    ),
    numpy("a shortcut without gradient", "resnet", "net", "dx += dh", "dx += 0", "gradient conv2.bias"),
    # optimiser
    torch(
        "a learning rate 2 % off",
        "softmax_regression",
        "optimizers",
        "SGD(parameters, lr=learning_rate",
        "SGD(parameters, lr=1.02 * learning_rate",
        "update head.kernel",
    ),
    torch(
        "weight decay",
        "softmax_regression",
        "optimizers",
        TORCH_SGD,
        TORCH_SGD[:-1] + ", weight_decay=1e-4)",
        "update head.kernel",
    ),
    jax(
        "weight decay",
        "softmax_regression",
        "learner",
        "optax.apply_updates(parameters, updates)",
        "optax.apply_updates(jax.tree.map(lambda p: p * (1 - 1e-5), parameters), updates)",
        "update head.kernel",
    ),
    torch(
        "momentum with dampening",
        "cnn",
        "optimizers",
        TORCH_SGD,
        TORCH_SGD[:-1] + ", dampening=0.1)",
        "slot first/conv1.kernel",
    ),
    keras("another momentum", "cnn", "optimizers", "self.momentum * slot", "0.9 * slot", "slot first/conv1.kernel"),
    torch("another decay", "relu_mlp", "optimizers", "alpha=decay", "alpha=0.99", "slot second/hidden.kernel"),
    jax(
        "epsilon inside the root",
        "relu_mlp",
        "optimizers",
        "eps_in_sqrt=False",
        "eps_in_sqrt=True",
        "update hidden.kernel",
    ),
    keras(
        "epsilon inside the root",
        "relu_mlp",
        "optimizers",
        KERAS_ROOT,
        "keras.ops.sqrt(square + self.epsilon)",
        "update hidden.kernel",
    ),
    torch(
        "twice the epsilon",
        "rnn",
        "optimizers",
        "betas=(beta1, beta2), eps=epsilon",
        "betas=(beta1, beta2), eps=2 * epsilon",
        "update rnn.0.cell.kernel",
    ),
    keras(
        "epsilon before the bias correction",
        "rnn",
        "optimizers",
        KERAS_ADAM,
        "(keras.ops.sqrt(v) + self.epsilon / keras.ops.sqrt(1 - keras.ops.exp(step * math.log(self.beta_2))))",
        "update rnn.0.cell.kernel",
    ),
    numpy("no bias correction", "rnn", "optimizers", "1 / (1 - beta2**step)", "1", "update rnn.0.cell.kernel"),
    torch(
        "a parameter that is not updated",
        "softmax_regression",
        "optimizers",
        TORCH_SGD,
        'torch.optim.SGD([{"params": [p], "lr": learning_rate * (p.ndim > 1)} for p in parameters])',
        "update head.bias",
    ),
    torch(
        "gradients that are not reset",
        "softmax_regression",
        "learner",
        "        loss = self._backward(x, y)\n        self._optimizer.step()",
        "        loss = self._loss(x, y)\n        loss.backward()\n        self._optimizer.step()",
        "update head.kernel",
    ),
    torch(
        "clipped gradients",
        "softmax_regression",
        "learner",
        "        self._optimizer.step()",
        "        torch.nn.utils.clip_grad_norm_(self._net.parameters(), 0.1)\n        self._optimizer.step()",
        "update head.kernel",
    ),
    # epoch
    torch(
        "another order of the batches",
        "softmax_regression",
        "passes",
        "enumerate(order)",
        "enumerate(order.flip(0))",
        "trajectory loss",
    ),
    torch(
        "a batch left out",
        "softmax_regression",
        "passes",
        "enumerate(order)",
        "enumerate(order[:-1])",
        "trajectory loss",
    ),
    numpy(
        "a batch that is always the first",
        "softmax_regression",
        "learner",
        "np.take(x, rows,",
        "np.take(x, order[0],",
        "trajectory loss",
    ),
    torch(
        "a bound that is reached later",
        "softmax_regression",
        "net",
        "return self.head(x)",
        "return self.head(x).clamp(max=1.2)",
        "output the net's outputs",
    ),
    Planted(
        "another activation, in the layer",
        "relu_mlp",
        "keras",
        "net",
        (
            ("layers.Dense(hidden)", 'layers.Dense(hidden, activation="silu")'),
            ("keras.ops.relu(self.hidden(x))", "self.hidden(x)"),
        ),
        "input head",
    ),
)

VARIANTS = (
    torch(
        "pool after ReLU",
        "cnn",
        "net",
        "torch.relu(max_pool2d(self.conv1(h), 2))",
        "max_pool2d(torch.relu(self.conv1(h)), 2)",
    ),
    torch("ReLU as a clamp", "relu_mlp", "net", RELU, "self.hidden(x).clamp(min=0)"),
    torch(
        "a product written out",
        "relu_mlp",
        "net",
        "return self.head(h)",
        "return h @ self.head.weight.T + self.head.bias",
    ),
    torch(
        "cross-entropy in two steps",
        "softmax_regression",
        "losses",
        "return functional.cross_entropy(logits, labels, label_smoothing=smoothing, reduction=reduction)",
        "return functional.nll_loss(functional.log_softmax(logits, -1), labels, reduction=reduction)",
    ),
    torch(
        "a padded mean",
        "inception",
        "net",
        "avg_pool2d(x, 3, stride=1, padding=1)",
        "avg_pool2d(nn.functional.pad(x, (1, 1, 1, 1)), 3, stride=1)",
    ),
    torch("one parameter after the other", "cnn", "optimizers", TORCH_SGD, TORCH_SGD[:-1] + ", foreach=False)"),
    keras(
        "the activation in the layer",
        "relu_mlp",
        "net",
        "layers.Dense(hidden)",
        'layers.Dense(hidden, activation="relu")',
    ),
    keras("a layer for the flatten", "cnn", "net", "keras.ops.reshape(h, (-1, 320))", "layers.Flatten()(h)"),
    keras(
        "the squares by a product",
        "relu_mlp",
        "optimizers",
        "(1 - self.rho) * keras.ops.square(gradient)",
        "(1 - self.rho) * gradient * gradient",
    ),
    jax(
        "ReLU by a product",
        "relu_mlp",
        "net",
        "nnx.relu(self.hidden(x))",
        "(lambda h: h * (h > 0))(self.hidden(x))",
    ),
    jax(
        "cross-entropy from one-hot labels",
        "softmax_regression",
        "losses",
        "optax.softmax_cross_entropy_with_integer_labels(output, target)",
        "optax.softmax_cross_entropy(output, jax.nn.one_hot(target, output.shape[-1], dtype=output.dtype))",
    ),
    jax(
        "momentum by hand",
        "cnn",
        "optimizers",
        "return optax.sgd(learning_rate, momentum or None)",
        "return optax.chain(optax.trace(momentum), optax.scale(-learning_rate))",
    ),
    numpy(
        "a mean of rows by a product",
        "relu_mlp",
        "layers",
        "np.sum(dy, axis=0, out=self.bias_gradient)",
        "np.matmul(np.ones(len(dy)), dy, out=self.bias_gradient)",
    ),
    numpy(
        "ReLU by a product",
        "relu_mlp",
        "layers",
        'np.maximum(x, 0, out=self.buffer("y", x.shape, x.dtype))',
        'np.multiply(x, self.positive, out=self.buffer("y", x.shape, x.dtype))',
    ),
)
