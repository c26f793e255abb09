"""Many children, side by side or in turn: what becomes of one does not touch the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from pathlib import Path
from queue import SimpleQueue

from harness.child import NOT_BEGUN, Child, Ending, Limits, Running
from harness.nursery import Nursery

PREPARING = 4  # children that prepare themselves at a time at most
PREPARED = 2  # times as many lie in memory at most, up to a GiB each, until nothing else runs


def run_children(
    children: Sequence[Child],
    folder: Path,
    limits: Limits,
    *,
    slots: Sequence[Sequence[int]],
    stop: threading.Event,
    started: Callable[[Child], None],
    ended: Callable[[Child, Ending], None],
) -> None:
    """Run children, as many at a time as there are slots, each on the cores of its slot.

    Args:
        children: in the order in which they are to start.
        folder: gets ``NAME.json`` (the request) and ``NAME.log`` (what the child printed) for each.
        limits: of each child.
        slots: the cores of each slot; a single slot means one child at a time.
        stop: once set, running children are ended and the rest is not started.
        started, ended: called from the threads that run the children.
    """
    free: SimpleQueue[Sequence[int]] = SimpleQueue()
    for slot in slots:
        free.put(slot)

    def run_one(child: Child) -> None:
        cpus = free.get()
        try:
            if stop.is_set():
                ending = NOT_BEGUN
            else:
                started(child)
                ending = run_child(child, folder, limits, cpus=cpus[: child.cpus], stop=stop)
            ended(child, ending)
        finally:
            free.put(cpus)

    with ThreadPoolExecutor(max_workers=len(slots)) as pool:
        try:
            for future in [pool.submit(run_one, child) for child in children]:
                future.result()
        except BaseException:
            stop.set()
            raise


def run_in_turn(
    children: Sequence[Child],
    folder: Path,
    limits: Limits,
    *,
    cpus: Sequence[int],
    stop: threading.Event,
    started: Callable[[Child], None],
    ended: Callable[[Child, Ending], None],
) -> None:
    """Run children of which each has the machine to itself, once it is prepared.

    Preparing, which is mostly importing, is done side by side, on a core for each up to four; whoever is prepared stops
    itself, which freezes all its threads. When some are, and nothing else runs, they go on one by one. Who import the
    same are forked from one process that has done so.

    Args:
        cpus: the cores that children may use.
        children, folder, limits, stop, started, ended: as in ``run_children``.
    """
    nurseries: dict[tuple[object, ...], Nursery] = {}
    prepared: list[Running] = []
    futures: list[Future[None]] = []

    def prepare(child: Child) -> None:
        if stop.is_set():
            ended(child, NOT_BEGUN)
            return
        started(child)
        running = Running(child, folder, limits, cpus[: child.cpus], stop, pauses=True, origin=nurseries.get(child.kin))
        prepared.append(running)
        running.watch()

    at_once = min(len(cpus), PREPARING)
    size = PREPARED * at_once
    # The pool stays to the end: a child dies with the thread that started it (see the worker's prctl).
    with ExitStack() as open_nurseries, ThreadPoolExecutor(max_workers=at_once) as pool:
        try:
            for child in children:
                if child.kin and child.kin not in nurseries and not stop.is_set():
                    nursery = Nursery(child, folder, cpus, limits.deadline_s)
                    nurseries[child.kin] = open_nurseries.enter_context(closing(nursery))
            for some in (children[start : start + size] for start in range(0, len(children), size)):
                futures = [pool.submit(prepare, child) for child in some]
                for future in futures:
                    future.result()
                while prepared:
                    prepared[0].resume()
                    prepared[0].watch()
                    running = prepared.pop(0)
                    ended(running.child, running.close())
        except BaseException:
            stop.set()
            raise
        finally:
            wait(futures)
            for running in prepared:  # there are some left only if the run is being ended
                running.watch()
                ended(running.child, running.close())


def run_child(child: Child, folder: Path, limits: Limits, *, cpus: Sequence[int], stop: threading.Event) -> Ending:
    """Run one child to its end; the arguments are those of ``run_children``."""
    running = Running(child, folder, limits, cpus, stop)
    try:
        running.watch()
    finally:
        ending = running.close()
    return ending
