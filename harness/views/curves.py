"""The rows of ``curves.csv`` that are no epoch's: losses by step, gradients by layer, lines of functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from harness.gates.verify import Traced
from harness.record import Row
from impls.spec import FunctionLesson, Line, NetLesson, Pictures, Points, Surface, Weights


def steps(traced: Mapping[str, Traced]) -> Iterator[Row]:
    """The losses of the first steps, in each dtype that was followed."""
    for dtype, found in traced.items():
        for step, loss in enumerate(found.arrays.get("losses", ()), start=1):
            yield {"axis": "step", "position": step, "quantity": f"train_loss_{dtype}", "value": float(loss)}


def gradients(lesson: NetLesson, traced: Traced) -> Iterator[Row]:
    """How large the first gradient is, layer by layer: its root mean square for each kernel."""
    kernels = [p.name for p in lesson.parameters if p.name.endswith("kernel")]
    for place, name in enumerate(kernels, start=1):
        if (gradient := traced.arrays.get(f"gradient/{name}")) is not None:
            size = float(np.sqrt(np.mean(np.square(gradient))))
            yield {"axis": "layer", "position": place, "quantity": f"gradient {name}", "value": size}


def lines(lesson: FunctionLesson, inputs: Weights, results: Weights) -> Iterator[Row]:
    """The points in a lesson's picture, and its lines and paths; surfaces and pictures are left out, being large."""
    for panel in lesson.picture:
        drawn: tuple[Line, ...] = ()
        if isinstance(panel.content, Surface):
            axes = (panel.content.horizontal, panel.content.vertical)
            drawn = tuple(Line(path, axes) for path in panel.content.paths)
        elif isinstance(panel.content, Points):
            here = panel.content.function in results  # inputs are no results
            drawn = (Line(panel.content.function, (panel.x_label, panel.y_label)),) if here else ()
        elif not isinstance(panel.content, Pictures):
            drawn = panel.content
        for line in drawn:
            function, against, labels = line.function, line.against, line.labels
            values = results[function].reshape(len(results[function]), -1)
            places = inputs.get(against, results.get(against, np.arange(len(values)))).ravel()
            for label, column in zip(labels, values.T, strict=True):
                quantity = function if len(labels) == 1 else f"{function}: {label}"
                for place, value in zip(places, column, strict=True):
                    yield {"axis": against or "index", "position": place, "quantity": quantity, "value": float(value)}
