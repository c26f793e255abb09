"""The child that measures what the machine itself can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain

import numpy as np

from harness.children.serving import Progress, serve
from harness.children.timing import Effort, Samples, effort, sample
from harness.plan import Cell
from harness.record import Row
from impls.spec import Array

MOVED = 2**28  # bytes that a piece of copying reads and writes at least, so that starting it does not show
SAMPLES = 6  # unless it is told: the fewest that have an interval


def peak(request: Row) -> Progress:
    """Time products and copies in the cell's dtype, on its threads; what is done is kept after each.

    The request has ``squares``, the rows of the matrices, and ``sets``, the bytes of an array and its copy together.
    A timing has ``quantity`` (``matmul`` or ``copy``), ``size_bytes`` (of all arrays together), and of its samples
    ``examples`` (operations, or bytes read and written, of each), ``wall_s``, ``cpu_s`` and ``waited_s``.
    """
    cell = Cell(**request["cell"])
    each = effort(cell.profile, request.get("samples") or SAMPLES)
    timings: list[Row] = []
    for timing in chain(_products(request["squares"], cell, each), _copies(request["sets"], cell, each)):
        timings.append(timing)
        yield {"timings": timings}, {}


def _products(squares: Sequence[int], cell: Cell, effort: Effort) -> Iterator[Row]:
    rng = np.random.Generator(np.random.PCG64(0))
    for rows in squares:
        a, b = rng.standard_normal((2, rows, rows)).astype(cell.dtype)
        product = np.empty_like(a)
        taken = _timed(partial(np.matmul, a, b, out=product), 2 * rows**3, effort)
        yield _timing("matmul", 3 * a.nbytes, taken)


def _copies(sets: Sequence[int], cell: Cell, effort: Effort) -> Iterator[Row]:
    """Copies by one thread or by all, whichever moves more: a small array is not worth dividing."""
    with ThreadPoolExecutor(cell.threads) as pool:
        for size in sets:
            source = np.ones(size // 2 // np.dtype(cell.dtype).itemsize, cell.dtype)
            target = np.empty_like(source)
            times = max(1, MOVED // size)
            ways = []
            for threads in sorted({1, cell.threads}):
                parts = [np.array_split(array, threads) for array in (target, source)]
                ways.append(_timed(partial(_copy_parts, pool, parts, times), times * size, effort))
            yield _timing("copy", size, max(ways, key=Samples.per_s))


def _copy_parts(pool: ThreadPoolExecutor, parts: Sequence[Sequence[Array]], times: int) -> None:
    list(pool.map(partial(_copy, times), *parts))


def _copy(times: int, target: Array, source: Array) -> None:
    for _ in range(times):
        np.copyto(target, source)


def _timed(work: Callable[[], object], amount: int, effort: Effort) -> Samples:
    once = Samples(amount)
    work()  # the first time its arrays are given their memory
    once.take(work, _no_wait)
    return sample(work, _no_wait, amount, effort, once.wall_s[0])


def _no_wait() -> None:
    """NumPy returns when it is done."""


def _timing(quantity: str, size_bytes: int, taken: Samples) -> Row:
    return {"quantity": quantity, "size_bytes": size_bytes} | taken.durations()


if __name__ == "__main__":
    serve(peak, "peak")
