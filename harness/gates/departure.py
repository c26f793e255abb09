"""Where two implementations part: the first array that differs, in the order in which a net computes. NumPy alone.

Both sides were looked at from the same weights and batches in float64 (see ``trace.inspect``). Whatever is computed
from equal inputs and differs is the fault's place; what comes after it differs as a consequence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from harness.children.trace import FORM_STEPS
from harness.gates import hints, hints_images
from harness.gates.verify import Traced
from harness.parity import gap, scaled_gap
from impls.spec import Array, NetLesson, Weights, slot_names

Stage = Literal["parameter", "initial value", "input", "output", "loss", "gradient", "slot", "update", "trajectory"]

MILESTONES = (1, 2, 5, 10, 20, 50, 100, 200)  # steps at which the growth of the gap is reported
LATER_BOUND = 1e-8  # of the largest number of an array
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
        size = "" if math.isinf(self.gap) else f", relative gap {self.gap:.1e}"
        hint = f": {self.hint}" if self.hint else ""
        first = f"first at step {self.step}" if self.step else "first"
        return f"{first}, {what}{size}{hint}"


def find(
    lesson: NetLesson, found: Traced, expected: Traced, apart: Callable[[Array, Array], float] | None = None
) -> Departure | None:
    """Compare two inspections; None if nothing differs by more than the lesson's tolerances of one step.

    Args:
        lesson: with its parameters, optimiser and tolerances.
        found: of the implementation that is looked at.
        expected: of the one that it is held against.
        apart: how far arrays are apart, relative; number by number, as the lesson's tolerances have it, unless given.
    """
    t = lesson.tolerances
    search = _Search(lesson, found, expected, apart or partial(gap, relative=t.step_relative, absolute=t.step_absolute))
    return next(search.everything(), None)


class _Search:
    def __init__(
        self, lesson: NetLesson, found: Traced, expected: Traced, apart: Callable[[Array, Array], float]
    ) -> None:
        self._apart = apart
        self._lesson, self._names = lesson, [parameter.name for parameter in lesson.parameters]
        self._shapes = found.figures.get("parameters", {})
        self._untrained = found.figures.get("untrained", ())
        self._a, self._b = found.arrays, expected.arrays

    def everything(self) -> Iterator[Departure]:
        """Every difference, in the order of time."""
        yield from self._parameters()
        for name in self._names:
            yield from self._held("initial value", name, f"initial/{name}", hints.of_values)
        for step in self._steps():
            first = step == 1
            before = {n: self._b.get(f"initial/{n}" if first else f"{step - 1}/after/{n}") for n in self._names}
            yield from self._forward(step)
            yield from self._held("loss", "", f"{step}/loss", hints.of_loss, step)
            for name in reversed(self._names):  # the one next to the loss is where the backward pass goes astray
                yield from self._held(
                    "gradient", name, f"{step}/gradient/{name}", hints.of_gradient(before[name]), step
                )
            for name in self._names:
                for place in slot_names(self._lesson.optimizer):
                    yield from self._held("slot", f"{place}/{name}", f"{step}/{place}/{name}", hints.of_slot, step)
                yield from self._held("update", name, f"{step}/after/{name}", hints.of_update(before[name]), step)
        yield from self._trajectory()

    def _steps(self) -> list[int]:
        """Those that both sides were looked at in: the first ones, and it may be that in which the losses part."""
        ends = (key for key in self._a if key.endswith("/outputs") and key in self._b)
        return sorted(int(key.removesuffix("/outputs")) for key in ends)

    def _parameters(self) -> Iterator[Departure]:
        want = self._lesson.shapes
        for name in dict.fromkeys([*want, *self._shapes]):
            if self._shapes.get(name) != want.get(name):
                untrained = name in self._untrained
                others = [other for other in self._shapes if other not in want]
                hint = hints.of_shape(name, self._shapes.get(name), want.get(name), others, untrained=untrained)
                yield Departure("parameter", name, 1, math.inf, hint)

    def _forward(self, step: int) -> Iterator[Departure]:
        """What passes the sub-modules that both sides have, in the reference's order of time, and what comes out.

        Where one side pads or activates inside its layer and the other does so outside, that is no difference yet.
        The net comes last, uncompiled under the empty name, and then as its learner has it predict.
        """
        start, before = f"{step}/inner/", None
        for key in [key for key in self._b if key.startswith(start) and key in self._a]:
            module, _, kind = key.removeprefix(start).rpartition(" ")
            if kind == "input":
                yield from self._held("input", module, key, hints.between(before), step)
            elif not module or not hints.activated(self._a[key], self._b[key]):
                hint = self._of_layer(module, step) if module else hints.between(before)
                yield from self._held("output", module or AT_END, key, hint, step)
            before = self._b[key]
        whole = f"{start} output" in self._a and f"{start} output" in self._b
        hint = (lambda *_: hints.OF_COMPILED) if whole else hints.between(before)
        yield from self._held("output", AT_END, f"{step}/outputs", hint, step)

    def _of_layer(self, module: str, step: int) -> Callable[[Array, Array], str]:
        """Of what comes out of a layer, into which the same went; of a convolution also how it pads."""
        kernel, bias = (self._a.get(f"initial/{module}.{kind}") for kind in ("kernel", "bias"))
        x = self._b.get(f"{step}/inner/{module} input")
        if x is None or kernel is None or kernel.ndim != 4 or step > 1:  # of later steps the weights are not there
            return hints.of_output(bias)
        of_padding, otherwise = hints_images.of_convolution(x, kernel, bias), hints.of_output(bias)
        return lambda found, expected: of_padding(found, expected) or otherwise(found, expected)

    def _trajectory(self) -> Iterator[Departure]:
        """The losses of the learner's own epoch, where each step that was looked at is right."""
        gaps = self._gaps()
        for place in np.flatnonzero(~(gaps <= self._lesson.tolerances.trajectory_loss)):
            yield self._departure("trajectory", "loss", int(place) + 1, float(gaps[place]), hints.OF_TRAJECTORY)

    def _held(
        self, stage: Stage, where: str, key: str, hint: Callable[[Array, Array], str], step: int = 1
    ) -> Iterator[Departure]:
        if key not in self._a or key not in self._b:
            return
        apart, bound = self._apart, self._lesson.tolerances.step_relative
        if step > FORM_STEPS:  # what was alike until then is so but for the rounding of all these steps
            apart, bound = scaled_gap, max(bound, LATER_BOUND)
        found, expected = self._a[key], self._b[key]
        if stage == "input":
            found, expected = hints_images.without_border(found, expected)
        distance = apart(found, expected)
        if not distance <= bound:
            said = hint(found, expected) or (hints.OF_LATER if step > FORM_STEPS else "")
            yield self._departure(stage, where, step, distance, said)

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
