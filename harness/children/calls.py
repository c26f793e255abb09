"""Calling a lesson's functions, and timing them. Runs in the child; knows frameworks only by their arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from harness.children.process import peak_memory
from harness.children.timing import OPERATION, Effort, Samples, sample
from harness.record import Row
from impls.spec import Array, Arrays, FunctionLesson, Way, Weights


class Calls:
    """The functions of a lesson in one framework, each with its inputs on the device.

    Args:
        lesson: names the functions and their inputs.
        implementation: the module that has the functions.
        arrays: the framework's.
        mode: of theirs.
        inputs: by name, canonical.

    Raises:
        AttributeError: the implementation lacks a function.
    """

    def __init__(
        self, lesson: FunctionLesson, implementation: ModuleType, arrays: Arrays, mode: str, inputs: Weights
    ) -> None:
        self.lesson, self.arrays, self.mode, self.inputs = lesson, arrays, mode, inputs
        self._implementation = implementation
        native = self._put(inputs)
        self._calls = {name: self._call(name, native) for name in lesson.functions}
        self.results: Weights = {}

    def once(self) -> Weights:
        """The result of each function, by name."""
        self.results = {name: self._array(name, call()) for name, call in self._calls.items()}
        return self.results

    def all(self) -> list[Any]:
        """Call every function; returns their native results."""
        return [call() for call in self._calls.values()]

    def timed(self, effort: Effort) -> Iterator[Row]:
        """The figures of a cell, first without and then with the rates; examples are the lesson's."""
        first = Samples(self.lesson.examples)
        first.take(self.once, self.arrays.wait)
        figures: Row = {
            "first_step_s": first.wall_s[0],
            "metric": "largest_error",
            "value": largest_error(self.lesson, self.results, self.inputs),
            "train_examples": self.lesson.examples,
        }
        yield figures
        again = Samples(self.lesson.examples)
        again.take(self.all, self.arrays.wait)
        samples = sample(self.all, self.arrays.wait, self.lesson.examples, effort, max(again.wall_s[0], 1e-5))
        yield figures | {
            "train_examples_per_s": samples.per_s(),
            "train_examples_per_cpu_s": samples.per_cpu_s(),
            "train_samples": len(samples.wall_s),
            "train_variation": samples.variation(),
            "train_dropped": samples.dropped(),
            **samples.kept("train"),
            "peak_memory_bytes": peak_memory(),
        }

    def operations(self) -> Iterator[Row]:
        """A row for each operation, size and way that the mode has of calling it: the samples' durations, in seconds.

        An operation that the mode does not compile has no such row; see ``operations.csv`` in results/README.md.
        """
        assert self.lesson.larger
        for larger, inputs in enumerate((self.inputs, self.lesson.larger(self.lesson.seed))):
            native = self._put(inputs)
            for name, operation in self.lesson.operations.items():
                for way in self.arrays.ways():
                    if way == "compiled" and not operation.compiles(self.mode):
                        continue
                    first = Samples(1)
                    call = self._call(name, native, way, larger=bool(larger))
                    first.take(call, self.arrays.wait)
                    first.take(call, self.arrays.wait)
                    taken = sample(call, self.arrays.wait, 1, OPERATION, max(first.wall_s[1], 1e-7))
                    yield {
                        "operation": name,
                        "way": way,
                        **self._sizes([inputs[key] for key in operation.inputs], call()),
                        "first_call_s": first.wall_s[0],
                        **taken.durations(),
                    }

    def _sizes(self, inputs: Sequence[Array], result: Any) -> Row:
        parts = [self.arrays.get(part) for part in (result if isinstance(result, tuple | list) else (result,))]
        numbers = sum(array.size for array in (*inputs, *parts))
        return {"numbers": numbers, "result": ", ".join(dict.fromkeys(str(part.dtype) for part in parts))}

    def _put(self, inputs: Weights) -> dict[str, Any]:
        return {name: self.arrays.put(array) for name, array in inputs.items()}

    def _call(
        self, name: str, native: Mapping[str, Any], way: Way | None = None, *, larger: bool = False
    ) -> Callable[[], Any]:
        function, operation = getattr(self._implementation, name), self.lesson.operations.get(name)
        if operation:
            function = operation.bound(function, larger=larger)
            way = way if operation.compiles(self.mode) else "eager"
        return partial(self.arrays.prepared(function, way), *(native[key] for key in self.lesson.functions[name]))

    def _array(self, name: str, result: Any) -> Array:
        operation = self.lesson.operations.get(name)
        return operation.array_of(result, self.arrays.get) if operation else self.arrays.get(result)


def largest_error(lesson: FunctionLesson, results: Weights, inputs: Weights) -> float:
    """The largest distance of a result from the answer that is known."""
    return max((_distance(results[name], answer(inputs)) for name, answer in lesson.answers.items()), default=0.0)


def _distance(found: Array, answer: Array) -> float:
    answer = np.asarray(answer)
    if found.shape != answer.shape:
        raise ValueError(f"a result has the shape {found.shape} where the known answer has {answer.shape}")
    return float(np.abs(found - answer).max())
