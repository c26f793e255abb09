"""Where two implementations part: the first array that differs, in the order in which a net computes. NumPy alone.

Both sides were looked at from the same weights and batches in float64 (see ``trace.inspect``). Whatever is computed
from equal inputs and differs is the fault's place; what comes after it differs as a consequence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from harness.children.trace import FORM_STEPS
from harness.gates import hints
from harness.gates.verify import Traced
from harness.parity import gap
from impls.spec import Array, NetLesson, Weights, slot_names

Stage = Literal["parameter", "initial value", "input", "output", "loss", "gradient", "slot", "update", "trajectory"]

MILESTONES = (1, 2, 5, 10, 20, 50, 100, 200)  # steps at which the growth of the gap is reported
AT_END = "the net's outputs"


@dataclass(frozen=True)
class Departure:
    """The first difference.

    Args:
        stage: what differs: a parameter's name or shape, its value after loading, what goes into or comes out of a
            sub-module, the loss, a gradient, the optimiser's memory, the new parameter, the losses of later steps.
        where: the parameter or sub-module.
        step: of training, from 1; 0 where nothing was trained.
        gap: how far apart, relative; infinite for another shape or a number that is none.
        hint: what it looks like, or nothing.
        growth: the relative gap of the losses at some later steps, in words.
    """

    stage: Stage
    where: str
    step: int
    gap: float
    hint: str = ""
    growth: str = ""

    def sentence(self) -> str:
        """For people."""
        place = {"input": f"what goes into {self.where}", "output": f"what comes out of {self.where}"}
        what = place.get(self.stage, f"{self.stage} {self.where}".strip())
        size = "" if math.isinf(self.gap) else f", {self.gap:.1e} apart"
        hint = f": {self.hint}" if self.hint else ""
        first = f"first at step {self.step}" if self.step else "first"
        return f"{first}, {what}{size}{hint}"


def find(lesson: NetLesson, found: Traced, expected: Traced) -> Departure | None:
    """Compare two inspections; None if nothing differs by more than the lesson's tolerances of one step.

    Args:
        lesson: with its parameters, optimiser and tolerances.
        found: of the implementation that is looked at.
        expected: of the one that it is held against.
    """
    search = _Search(lesson, found, expected)
    return next(search.everything(), None)


class _Search:
    def __init__(self, lesson: NetLesson, found: Traced, expected: Traced) -> None:
        self._lesson, self._names = lesson, [parameter.name for parameter in lesson.parameters]
        self._shapes = found.figures.get("parameters", {})
        self._untrained = found.figures.get("untrained", ())
        self._a, self._b = found.arrays, expected.arrays

    def everything(self) -> Iterator[Departure]:
        """Every difference, in the order of time."""
        yield from self._parameters()
        for name in self._names:
            yield from self._held("initial value", name, f"initial/{name}", hints.of_values)
        before = {name: self._b.get(f"initial/{name}") for name in self._names}
        for step in range(1, FORM_STEPS + 1):
            yield from self._forward(step)
            yield from self._held("loss", "", f"{step}/loss", hints.of_loss, step)
            for name in reversed(self._names):  # the one next to the loss is where the backward pass goes astray
                yield from self._held("gradient", name, f"{step}/gradient/{name}", hints.of_gradient, step)
            for name in self._names:
                for place in slot_names(self._lesson.optimizer):
                    yield from self._held("slot", f"{place}/{name}", f"{step}/{place}/{name}", hints.of_slot, step)
                yield from self._held("update", name, f"{step}/after/{name}", hints.of_update(before[name]), step)
            before = {name: self._b.get(f"{step}/after/{name}") for name in self._names}
        yield from self._trajectory()

    def _parameters(self) -> Iterator[Departure]:
        want = {parameter.name: list(parameter.shape) for parameter in self._lesson.parameters}
        for name in dict.fromkeys([*want, *self._shapes]):
            if self._shapes.get(name) != want.get(name):
                untrained = name in self._untrained
                hint = hints.of_shape(name, self._shapes.get(name), want.get(name), untrained=untrained)
                yield Departure("parameter", name, 1, math.inf, hint)

    def _forward(self, step: int) -> Iterator[Departure]:
        """What passes the sub-modules that both sides have, in the reference's order of time, and what comes out.

        The net comes last, uncompiled under the empty name, and then as its learner has it predict.
        """
        start, before = f"{step}/inner/", None
        for key in [key for key in self._b if key.startswith(start) and key in self._a]:
            module, _, kind = key.removeprefix(start).rpartition(" ")
            if kind == "input":
                yield from self._held("input", module, key, hints.between(before), step)
            else:
                bias = self._b.get(f"initial/{module}.bias")
                hint = hints.of_output(bias) if module else hints.between(before)
                yield from self._held("output", module or AT_END, key, hint, step)
            before = self._b[key]
        whole = f"{start} output" in self._a and f"{start} output" in self._b
        hint = (lambda *_: hints.OF_COMPILED) if whole else hints.between(before)
        yield from self._held("output", AT_END, f"{step}/outputs", hint, step)

    def _trajectory(self) -> Iterator[Departure]:
        """The losses of the learner's own epoch, where every single step is right."""
        gaps = self._gaps()
        for place in np.flatnonzero(~(gaps <= self._lesson.tolerances.trajectory_loss)):
            yield self._departure("trajectory", "loss", int(place) + 1, float(gaps[place]), hints.OF_TRAJECTORY)

    def _held(
        self, stage: Stage, where: str, key: str, hint: Callable[[Array, Array], str], step: int = 1
    ) -> Iterator[Departure]:
        t = self._lesson.tolerances
        if key not in self._a or key not in self._b:
            return
        distance = gap(self._a[key], self._b[key], t.step_relative, t.step_absolute)
        if not distance <= t.step_relative:
            yield self._departure(stage, where, step, distance, hint(self._a[key], self._b[key]))

    def _departure(self, stage: Stage, where: str, step: int, distance: float, hint: str) -> Departure:
        gaps = self._gaps()
        growth = ", ".join(f"{gaps[s - 1]:.0e} at step {s}" for s in MILESTONES if step <= s <= len(gaps))
        return Departure(stage, where, step, distance, hint, growth)

    def _gaps(self) -> Array:
        """The relative gap of the losses at each step."""
        if "losses" not in self._a or "losses" not in self._b:
            return np.zeros(0)
        together = min(len(self._a["losses"]), len(self._b["losses"]))
        a, b = self._a["losses"][:together], self._b["losses"][:together]
        with np.errstate(all="ignore"):
            gaps: Array = np.abs(a - b) / np.abs(b)
        return gaps


def merged(*traced: Traced) -> Traced:
    """What several jobs left of one cell."""
    figures: dict[str, object] = {}
    arrays: Weights = {}
    for each in traced:
        figures |= each.figures
        arrays |= each.arrays
    return Traced(figures, arrays)
