"""What passes inside a net: the inputs and outputs of its sub-modules, under the names that the lesson gives these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from impls.spec import Array, Weights


class Notes:
    """Arrays that were heard, in the order of time: ``NAME input`` and ``NAME output``.

    What a sub-module gets and gives in its second call is ``NAME call 2 input``, and so on. Of several inputs none is
    noted, since frameworks differ in their order; of several outputs the first. The net itself has the empty name.

    Args:
        canonical: makes a native array a canonical one, which must be a copy.
    """

    def __init__(self, canonical: Callable[[Any], Array]) -> None:
        self.arrays: Weights = {}
        self._canonical = canonical
        self._calls: Counter[str] = Counter()

    def before(self, name: str, inputs: tuple[Any, ...]) -> None:
        """A sub-module is called."""
        self._calls[name] += 1
        if len(inputs) == 1:
            self.arrays[f"{self._call(name)} input"] = self._canonical(inputs[0])

    def after(self, name: str, output: Any) -> None:
        """It returns."""
        first = output[0] if isinstance(output, tuple | list) else output
        self.arrays[f"{self._call(name)} output"] = self._canonical(first)

    def _call(self, name: str) -> str:
        return name if self._calls[name] <= 1 else f"{name} call {self._calls[name]}"


@contextmanager
def noted(notes: Notes, classes: Iterable[type], names: Mapping[int, str]) -> Iterator[None]:
    """Have the calls of objects of these classes noted, if their ``id`` has a name, for frameworks without hooks."""

    def listening(call: Callable[..., Any]) -> Callable[..., Any]:
        def heard(module: Any, *inputs: Any, **options: Any) -> Any:
            name = names.get(id(module))
            if name is None:
                return call(module, *inputs, **options)
            notes.before(name, inputs)
            output = call(module, *inputs, **options)
            notes.after(name, output)
            return output

        return heard

    calls: dict[Any, Callable[..., Any]] = {each: each.__call__ for each in classes}
    try:
        for each, call in calls.items():
            each.__call__ = listening(call)
        yield
    finally:
        for each, call in calls.items():
            each.__call__ = call
