"""Pictures of what came out, each a PNG: a lesson's own drawings, learning curves, test pictures, a fitted curve."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from harness.catalogue import frameworks, load_lesson
from harness.csv_tables import rows_of
from harness.record import Row
from harness.views.plotting import (
    COLOURS,
    DASHES,
    RIGHT,
    WRONG,
    Curve,
    drawn,
    is_wide,
    plot,
    plot_pictures,
    plot_surface,
)
from impls.spec import Array, FunctionLesson, Line, Panel, Pictures, Points, Surface

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEEP = 5  # layers with a kernel from which on a net is looked at layer by layer
HALVES = (1.0, 0.7)  # widths of a surface's two drawings
WAYS = ("mode", "device", "dtype", "threads", "seed", "profile")
QUANTITIES = {
    "train_loss": "training loss, mean of the epoch",
    "train_accuracy": "training accuracy",
    "accuracy": "test accuracy",
    "binary_accuracy": "test accuracy",
    "mean_squared_error": "mean squared error, test set",
    "parameter_error": "largest error of a parameter",
}


def draw_function_lesson(
    lesson: FunctionLesson, results: Mapping[str, Array], inputs: Mapping[str, Array], path: Path
) -> None:
    """Draw what a lesson of functions says is to be drawn; no file is made if that is nothing.

    Args:
        lesson: with its ``picture``.
        results: by function; a line, path or row of pictures whose function is not there is left out.
        inputs: the arrays that the functions were called on.
        path: of the file.
    """
    if not lesson.picture:
        return
    known = {**inputs, **results}
    surfaces = any(isinstance(panel.content, Surface) for panel in lesson.picture)
    columns = min(len(lesson.picture), 2 if surfaces or len(lesson.picture) == 4 else 3)
    rows = math.ceil(len(lesson.picture) / columns)
    with drawn(path, lesson.title, columns * (sum(HALVES) if surfaces else 1), rows) as figure:
        grid = figure.add_gridspec(rows, columns)
        for number, panel in enumerate(lesson.picture):
            place, surface = grid[divmod(number, columns)], panel.content
            if isinstance(surface, Pictures):
                _draw_pictures(figure.add_subplot(place), panel, surface, known)
            elif isinstance(surface, Points):
                _draw_points(figure.add_subplot(place), panel, surface, known)
            elif not isinstance(surface, Surface):
                _draw_lines(figure.add_subplot(place), panel, surface, known)
            elif {surface.function, surface.horizontal, surface.vertical} <= known.keys():
                x, y = (np.ravel(known[name]) for name in (surface.horizontal, surface.vertical))
                halves = place.subgridspec(1, 2, width_ratios=HALVES)
                axes = plot_surface(
                    figure,
                    (halves[0], halves[1]),
                    (x, y, known[surface.function]),
                    {_words(name): known[name] for name in surface.paths if name in known},
                    labels=(panel.x_label, panel.y_label, _words(surface.function)),
                    logarithmic=panel.logarithmic,
                )
                axes.set_title(panel.title)


def _draw_pictures(axes: Axes, panel: Panel, pictures: Pictures, known: Mapping[str, Array]) -> None:
    rows: list[tuple[str, Array]] = []
    for name in (name for name in pictures.rows if name in known):
        found = np.asarray(known[name], np.float64)
        rows += zip(pictures.rows[name], found.reshape(-1, *found.shape[-3:]), strict=True)
    plot_pictures(axes, rows, across=pictures.across or max((len(found) for _, found in rows), default=1))
    axes.set_title(panel.title)


def _draw_points(axes: Axes, panel: Panel, points: Points, known: Mapping[str, Array]) -> None:
    curves: list[Curve] = []
    if {points.function, points.classes} <= known.keys():
        found, classes = np.asarray(known[points.function]), np.asarray(known[points.classes])
        for label, (word, colour) in enumerate(zip(points.labels, COLOURS, strict=False)):
            x, y = found[classes == label, :2].T
            curves.append(Curve(x, y, word, colour, points=True))
    plot(axes, curves, logarithmic=False)
    axes.set(title=panel.title, xlabel=panel.x_label, ylabel=panel.y_label)


def _draw_lines(axes: Axes, panel: Panel, lines: Sequence[Line], known: Mapping[str, Array]) -> None:
    from matplotlib.ticker import MaxNLocator

    curves: list[Curve] = []
    for line in lines:
        if line.function in known:
            values = np.asarray(known[line.function])
            x = np.ravel(known[line.against]) if line.against else np.arange(len(values))
            for y, label in zip(values.reshape(len(x), -1).T, line.labels, strict=True):
                curves.append(Curve(x, y, label, COLOURS[len(curves) % len(COLOURS)], points=line.points))
    plot(axes, curves, logarithmic=panel.logarithmic)
    axes.set(title=panel.title, xlabel=panel.x_label, ylabel=panel.y_label)
    if not any(line.against for line in lines):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def draw_curves(rows: Sequence[Row], path: Path) -> None:
    """Draw loss and metric of a net lesson by epoch, and of a deep one the first gradient by layer, by framework.

    Args:
        rows: of ``curves.csv``, of one lesson; those of another axis than ``epoch`` and ``layer`` are passed over.
        path: of the file.
    """
    from matplotlib.ticker import MaxNLocator

    frame = pd.DataFrame([row for row in rows if row["axis"] == "epoch"])
    layers = pd.DataFrame([row for row in rows if row["axis"] == "layer"], columns=frame.columns)
    deep = layers["position"].nunique() >= DEEP
    varied = [way for way in WAYS if frame.groupby("framework")[way].nunique().max() > 1]
    frame["way"] = [_way(row, varied) for row in rows_of(frame)]
    names, ways = list(frameworks()), list(frame["way"].unique())
    frame["framework"] = pd.Categorical(frame["framework"], names)  # groups come in this order
    quantities = list(frame["quantity"].unique())
    numbers = [quantity for quantity in quantities if "[" in quantity]  # of parameters, such as head.bias[0]
    parts = [*([quantity] for quantity in quantities if quantity not in numbers), *([numbers] if numbers else [])]
    accuracy: Axes | None = None  # of training and of test data they have one scale
    across = len(parts) + deep
    with drawn(path, load_lesson(frame["lesson"].iloc[0]).title, across, 1) as figure:
        for place, part in enumerate(parts, start=1):
            curves: dict[str, list[Curve]] = {}
            mine = frame[frame["quantity"].isin(part)]
            for key, points in mine.groupby(["framework", "way", "quantity"], observed=True):
                name, way, quantity = map(str, key)
                x, y = (points[column].to_numpy(float) for column in ("position", "value"))
                colour, dashes = COLOURS[names.index(name) % len(COLOURS)], DASHES[ways.index(way) % len(DASHES)]
                known = curves.setdefault(name + way, [])
                note = quantity if len(part) > 1 and len(curves) == 1 else ""
                known.append(Curve(x, y, "" if known else name + way, colour, dashes, note=note))
            is_accuracy = part[0].endswith("accuracy")
            axes = figure.add_subplot(1, across, place, sharey=accuracy if is_accuracy else None)
            accuracy = axes if is_accuracy else accuracy
            together = [curve for some in curves.values() for curve in some]
            plot(axes, together, logarithmic=len(part) == 1 and is_wide([curve.y for curve in together]))
            axes.set(xlabel="epoch", ylabel=_words(part[0]) if len(part) == 1 else "parameters")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if deep:
            _draw_layers(figure.add_subplot(1, across, across), layers)


def _draw_layers(axes: Axes, layers: pd.DataFrame) -> None:
    """The size of the first gradient of each kernel, from the input on; of seeds and ways the first."""
    curves = []
    for name, points in layers.groupby("framework"):
        mine = points.drop_duplicates("position").sort_values("position")
        x, y = (mine[column].to_numpy(float) for column in ("position", "value"))
        curves.append(Curve(x, y, str(name), COLOURS[list(frameworks()).index(str(name)) % len(COLOURS)]))
    plot(axes, sorted(curves, key=lambda curve: COLOURS.index(curve.colour)), logarithmic=True)
    names = layers.drop_duplicates("position").sort_values("position")["quantity"]
    labels = [name.removeprefix("gradient ").removesuffix(".kernel") for name in names]
    axes.set_xticks(range(1, len(labels) + 1), labels, rotation=90, fontsize=9)
    axes.set(xlabel="layer, from the input on", ylabel="first gradient, root mean square")


def draw_examples(title: str, examples: Sequence[tuple[Array, str, str]], caption: str, path: Path) -> None:
    """Draw test pictures, each with its predicted and its true name.

    Args:
        title: of the whole.
        examples: of each the picture (height, width), the true and the predicted name.
        caption: a sentence or two below the pictures.
        path: of the file.
    """
    with drawn(path, title, 1.6, 1.6) as figure:
        figure.supxlabel(caption, fontsize=12)
        for place, (picture, true, predicted) in enumerate(examples, start=1):
            axes = figure.add_subplot(2, math.ceil(len(examples) / 2), place)
            axes.imshow(picture, cmap="gray_r")
            axes.set_axis_off()
            colour, mark = (RIGHT, "✓") if true == predicted else (WRONG, "✗")
            axes.set_title(f"{mark} {predicted}\ntrue: {true}", color=colour)


def draw_fit(title: str, points: Mapping[str, tuple[Array, Array]], fitted: tuple[Array, Array], path: Path) -> None:
    """Draw the function of one input that a net has learnt, and the points that it learnt from.

    Args:
        title: of the whole.
        points: inputs and targets, by what they are called; at most two.
        fitted: inputs, in rising order, and the net's outputs.
        path: of the file.
    """
    curves = [
        Curve(np.ravel(x), np.ravel(y), label, colour, points=True)
        for colour, (label, (x, y)) in zip((COLOURS[0], COLOURS[2]), points.items(), strict=False)
    ]
    with drawn(path, title, 1.2, 1) as figure:
        axes = figure.add_subplot()
        plot(axes, [*curves, Curve(np.ravel(fitted[0]), np.ravel(fitted[1]), "the net", COLOURS[1])], logarithmic=False)
        axes.set(xlabel="x", ylabel="y")


def _way(row: Row, varied: Sequence[str]) -> str:
    return "".join(f", {row[way]}" if isinstance(row[way], str) else f", {way} {row[way]}" for way in varied)


def _words(name: str) -> str:
    return QUANTITIES.get(name, name.replace("_", " "))
