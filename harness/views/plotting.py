"""Single drawings and the figure that they stand in: curves, rows of pictures, a surface with the paths on it.

Matplotlib is imported when something is drawn and not before, and without its ``pyplot``, which would look for a
screen and keep every figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.record import write_whole
from impls.spec import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.gridspec import SubplotSpec

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")  # Okabe and Ito 2008
WRONG, RIGHT = COLOURS[1], COLOURS[2]
ON_SURFACE = ("#FFFFFF", "#D55E00", "#CC79A7", "#F0E442")
DASHES = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
STYLE: dict[Any, Any] = {
    "font.size": 12,
    "axes.titlesize": 13,
    "figure.titlesize": 16,
    "legend.fontsize": 11,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
}
DPI = 140
WIDTH, HEIGHT = 5.6, 4.2  # of one drawing, in inches
LARGEST = 1e100  # what is beyond is left out, as infinite values are: matplotlib's own arithmetic would overflow
WIDE = 100  # from this ratio of the largest to the smallest value on, equal steps would show the large ones alone
SAME = 0.01  # of the height of a drawing: curves that are nowhere further apart lie on one another
LEVELS = 21
FINE = 20  # parts of a path's step
GAP = 1  # pixels between pictures


@dataclass(frozen=True)
class Curve:
    """A line, or the points alone; a note stands at its end."""

    x: Array
    y: Array
    label: str
    colour: str
    dashes: Any = "-"
    points: bool = False
    note: str = ""


@contextmanager
def drawn(path: Path, title: str, columns: float, rows: float) -> Iterator[Figure]:
    """A figure for so many drawings, written to the file when all is drawn; it looks the same for every user."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        figure = Figure(figsize=(columns * WIDTH, rows * HEIGHT + 0.5), layout="constrained")
        figure.suptitle(title)
        yield figure
        write_whole(path, lambda file: figure.savefig(file, format="png", dpi=DPI))


def drawable(values: Array, *, logarithmic: bool = False) -> Array:
    """The values in float64, NaN in place of each that cannot be drawn."""
    values = np.asarray(values, np.float64)
    return np.where((np.abs(values) < LARGEST) & ((values > 0) | (not logarithmic)), values, math.nan)


def is_wide(values: Sequence[Array]) -> bool:
    """Whether values, all positive, span so much that equal factors show them better than equal steps."""
    found = np.concatenate([drawable(some).ravel() for some in values])
    found = found[~np.isnan(found)]
    return bool(found.size and found.min() > 0 and found.max() > WIDE * found.min())


def plot(axes: Axes, curves: Sequence[Curve], *, logarithmic: bool) -> None:
    """Draw curves with their legend. Of those that coincide, the earlier are broader, so that each can be seen."""
    if logarithmic:
        axes.set_yscale("log")
    values = [drawable(curve.y, logarithmic=logarithmic) for curve in curves]
    heights = [np.log(y) if logarithmic else y for y in values]
    seen = np.concatenate([*heights, np.zeros(0)])
    seen = seen[~np.isnan(seen)]
    near = SAME * float(np.ptp(seen)) if seen.size else 0.0
    for place, (curve, y) in enumerate(zip(curves, values, strict=True)):
        if curve.points:
            axes.plot(curve.x, y, "o", color=curve.colour, label=curve.label, markersize=6, alpha=0.7, mew=0)
            continue
        covering = {
            other.colour
            for other, height in zip(curves[place + 1 :], heights[place + 1 :], strict=True)
            if not other.points and height.shape == y.shape and np.allclose(height, heights[place], 0, near, True)
        }
        width = 2 + 2 * len(covering - {curve.colour})
        mark = "o" if np.count_nonzero(~np.isnan(y)) == 1 else ""  # a line needs two points to be seen
        label = curve.label + ("" if np.isfinite(curve.y).all() else " (diverges)")
        style: dict[str, Any] = {"color": curve.colour, "linestyle": curve.dashes, "linewidth": width}
        axes.plot(curve.x, y, label=label, marker=mark, markersize=width + 4, **style)
        if curve.note:
            last = np.flatnonzero(~np.isnan(y))[-1:]
            for end in zip(curve.x[last], y[last], strict=True):
                axes.annotate(curve.note, end, (6, 0), textcoords="offset points", va="center")
    if curves:
        axes.legend()


def plot_pictures(axes: Axes, rows: Sequence[tuple[str, Array]], *, across: int) -> None:
    """Draw rows of grey pictures, each with its label before it, on the scale of the first row: its smallest white.

    Args:
        axes: to be drawn on.
        rows: label and pictures (n, height, width) of each.
        across: how many pictures stand beside each other; the others of a row go on below.
    """
    axes.set_axis_off()
    lines: list[tuple[str, Array]] = []
    for label, pictures in rows:
        framed = np.pad(drawable(pictures), ((0, 0), (GAP, 0), (GAP, 0)), constant_values=math.nan)
        for start in range(0, len(framed), across):
            lines.append((label if start == 0 else "", np.concatenate(list(framed[start : start + across]), axis=1)))
    if not lines:
        return
    width = max(line.shape[1] for _, line in lines)
    filled = [np.pad(line, ((0, 0), (0, width - line.shape[1])), constant_values=math.nan) for _, line in lines]
    scale = drawable(rows[0][1])
    low, high = (float(np.nanmin(scale)), float(np.nanmax(scale))) if np.isfinite(scale).any() else (0.0, 1.0)
    canvas = np.ma.masked_invalid(np.concatenate(filled))
    axes.imshow(canvas, cmap="gray_r", vmin=low, vmax=high, interpolation="nearest")
    for place, (label, line) in enumerate(lines):
        axes.text(-GAP, (place + 0.5) * len(line), label, ha="right", va="center")


def plot_surface(
    figure: Figure,
    places: Sequence[SubplotSpec],
    grid: tuple[Array, Array, Array],
    paths: Mapping[str, Array],
    *,
    labels: tuple[str, str, str],
    logarithmic: bool,
) -> Axes:
    """Draw a surface as filled contours and, beside them, in three dimensions, with paths on both.

    The contours are equal factors apart where equal steps would show the heights alone, and not the valleys.

    Args:
        figure: to be drawn on.
        places: of the two drawings.
        grid: the horizontal and the vertical axis (columns,) and (rows,), both rising, and the heights (rows, columns).
        paths: for each word of the legend points (n, 2); what lies beyond the grid is left out.
        labels: of the axes and of the height.
        logarithmic: the axis of the heights.

    Returns:
        The contours' axes.
    """
    from matplotlib.colors import LogNorm, Normalize
    from matplotlib.patheffects import Normal, Stroke

    x, y, z = grid[0], grid[1], drawable(grid[2], logarithmic=logarithmic)
    low = float(np.nanmin(z))
    ends = low, max(float(np.nanmax(z)), low + 1e-6 * max(abs(low), 1))  # contours need some height
    factors = logarithmic or is_wide([z])
    levels = (np.geomspace if factors else np.linspace)(*ends, LEVELS)
    norm = (LogNorm if factors else Normalize)(*ends)
    flat = figure.add_subplot(places[0])
    filled = flat.contourf(x, y, np.ma.masked_invalid(z), levels=levels, norm=norm, cmap="viridis")
    flat.contour(filled, colors="white", linewidths=0.4, alpha=0.6)
    bar = figure.colorbar(filled, ax=flat, label=labels[2])
    bar.set_ticks(list(levels[::5]), labels=[f"{level:.2g}" for level in levels[::5]])
    flat.set(xlabel=labels[0], ylabel=labels[1], xlim=(x.min(), x.max()), ylim=(y.min(), y.max()))
    flat.grid(visible=False)

    deep: Any = figure.add_subplot(places[1], projection="3d", computed_zorder=False)
    heights = np.log10(z) if logarithmic else z
    hues = Normalize(*np.log10(ends)) if logarithmic else norm
    deep.plot_surface(*np.meshgrid(x, y), heights, cmap="viridis", norm=hues, linewidth=0, alpha=0.85)
    deep.set(xlabel=labels[0], ylabel=labels[1])
    if logarithmic:
        deep.zaxis.set_major_formatter(lambda height, _: f"{10**height:.2g}")
    for colour, (word, path) in zip(ON_SURFACE, paths.items(), strict=False):
        a, b = drawable(path).T
        style: dict[str, Any] = {"color": colour, "linewidth": 1.2, "markersize": 2.5}
        style["path_effects"] = [Stroke(linewidth=2.2, foreground="black"), Normal()]
        flat.plot(a, b, label=word, marker="o", **style)
        flat.plot(a[:1], b[:1], marker="s", markersize=8, color=colour, markeredgecolor="black")
        between = np.linspace(0, len(a) - 1, FINE * (len(a) - 1) + 1)  # a line follows the surface to the grid's end
        for way, at in (("-", between), ("o", np.arange(len(a)))):
            u, v = (np.interp(at, np.arange(len(a)), points) for points in (a, b))
            over = _height(x, y, heights, u, v)
            deep.plot(*(np.where(np.isnan(over), math.nan, place) for place in (u, v)), over, way, **style)
    if paths:
        flat.legend(title="from the square on")
    return flat


def _height(x: Array, y: Array, z: Array, a: Array, b: Array) -> Array:
    """The surface over the points (a, b), between the points of its grid; NaN beyond the grid."""
    column, row = (np.interp(at, axis, np.arange(len(axis)), math.nan, math.nan) for at, axis in ((a, x), (b, y)))
    inside = np.isfinite(column + row)
    i, j = (np.minimum(np.where(inside, at, 0).astype(int), n - 2) for at, n in ((row, len(y)), (column, len(x))))
    u, v = row - i, column - j
    height: Array = (1 - u) * ((1 - v) * z[i, j] + v * z[i, j + 1]) + u * ((1 - v) * z[i + 1, j] + v * z[i + 1, j + 1])
    return height
