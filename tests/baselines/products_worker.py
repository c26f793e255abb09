"""The child that times a dense net's products and training. Run as ``python -m baselines.products_worker``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from harness.children.serving import Progress
from harness.children.throughput_worker import Bench, ThroughputWork
from harness.children.worker import serve
from harness.speed.pooled import Pool
from impls.spec import Array

SQUARE = 2048  # rows and columns: large enough for any library of products to be at its best
# What goes in, (batch, in); the kernel, (in, out); the gradient of what comes out, (batch, out).
Layer = tuple[Array, Array, Array]


class ProductsWork(ThroughputWork):
    """A dense net whose products are timed by themselves, beside a large one and beside its training."""

    def square(self) -> Progress:
        """Operations per second of a large product."""
        yield {"square": self._rate(self._bench(), _square())}, {}

    def products(self) -> Progress:
        """The same, and of the net's ``products`` and ``train`` at the request's ``batch``."""
        bench, batch = self._bench(), self.request["batch"]
        layers = layers_of([p.shape for p in self.lesson.parameters if len(p.shape) == 2], batch)
        pairs = pairs_of(layers, self.cell.framework)
        found = {"square": self._rate(bench, _square()), "products": self._rate(bench, pairs)}
        trained = Pool([next(bench.calls(batch))])
        yield found | {"train": trained.per_s("wall") * operations(pairs) / batch}, {}

    def _rate(self, bench: Bench, pairs: Sequence[tuple[Array, Array]]) -> float:
        multiply = multiplier(self.cell.framework, pairs)
        return bench.watch.timed(multiply, bench.learner.wait, operations(pairs))[1].per_s()


def _square() -> list[tuple[Array, Array]]:
    return [tuple(np.random.default_rng(0).standard_normal((2, SQUARE, SQUARE), dtype=np.float32))]


def layers_of(shapes: Sequence[tuple[int, ...]], batch: int) -> list[Layer]:
    """Matrices as large as those of dense layers with kernels of these shapes."""
    rng = np.random.default_rng(0)

    def matrix(rows: int, columns: int) -> Array:
        return rng.standard_normal((rows, columns), dtype=np.float32)

    return [(matrix(batch, ins), matrix(ins, outs), matrix(batch, outs)) for ins, outs in shapes]


def pairs_of(layers: Sequence[Layer], framework: str) -> list[tuple[Array, Array]]:
    """What a training step multiplies: forward, for the kernel's gradient, and for that of what went into a layer.

    Nobody asks for the last of the first layer. Transposes are views, as BLAS takes them, and PyTorch keeps kernels
    as (out, in).
    """
    pairs = []
    for at, (x, kernel, error) in enumerate(layers):
        if framework == "torch":
            turned = np.ascontiguousarray(kernel.T)
            pairs += [(x, turned.T), (error.T, x)] + [(error, turned)] * (at > 0)
        else:
            pairs += [(x, kernel), (x.T, error)] + [(error, kernel.T)] * (at > 0)
    return pairs


def operations(pairs: Sequence[tuple[Array, Array]]) -> int:
    """Multiplications and additions."""
    return sum(2 * a.shape[0] * a.shape[1] * b.shape[1] for a, b in pairs)


def multiplier(framework: str, pairs: Sequence[tuple[Array, Array]]) -> Callable[[], list[Any]]:
    """What multiplies each pair in a framework, into arrays that are there already where the framework can.

    Its wait is the learner's. A transposed view stays one: what is compiled is handed the array behind it.
    """
    match framework:
        case "numpy":
            outs = [np.empty((len(a), b.shape[1]), a.dtype) for a, b in pairs]
            return lambda: [np.matmul(a, b, out=out) for (a, b), out in zip(pairs, outs, strict=True)]
        case "torch":
            import torch

            tensors = [(torch.from_numpy(a), torch.from_numpy(b)) for a, b in pairs]
            into = [torch.empty((len(a), b.shape[1])) for a, b in tensors]
            return lambda: [torch.mm(a, b, out=out) for (a, b), out in zip(tensors, into, strict=True)]
    views = [(_is_view(a), _is_view(b)) for a, b in pairs]
    behind = [tuple(array.T if _is_view(array) else array for array in pair) for pair in pairs]
    if framework == "jax":
        import jax

        @jax.jit
        def products(pairs: Any) -> list[Any]:
            turned = zip(pairs, views, strict=True)
            return [(a.T if at else a) @ (b.T if bt else b) for (a, b), (at, bt) in turned]

        arrays = jax.device_put(behind)
        return lambda: jax.block_until_ready(products(arrays))
    import tensorflow as tf

    constants = [(tf.constant(a), tf.constant(b)) for a, b in behind]

    @tf.function
    def multiply(pairs: Any) -> list[Any]:
        turned = zip(pairs, views, strict=True)
        return [tf.matmul(a, b, transpose_a=at, transpose_b=bt) for (a, b), (at, bt) in turned]

    return lambda: multiply(constants)


def _is_view(array: Array) -> bool:
    """Whether it is the transpose of what lies in memory."""
    return not array.flags.c_contiguous


if __name__ == "__main__":
    serve(ProductsWork)
