"""Who ran what, and how far from whom: the matrix of ``onnx matrix`` on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from harness.record import Row
from harness.views.tables import Grid

CAPTION = """largest difference of an output, over the largest output; = to the bit; ! beyond the bound
"""


def matrix_grid(rows: Sequence[Row]) -> Grid:
    """A row for each lesson and framework, and for each runtime a column."""
    runtimes = list(dict.fromkeys(str(row["runtime"]) for row in rows))
    nets = list(dict.fromkeys((row["lesson"], row["framework"], row["seed"]) for row in rows))
    by_net = {(*net, name): "" for net in nets for name in runtimes}
    by_net |= {(row["lesson"], row["framework"], row["seed"], row["runtime"]): shown(row) for row in rows}
    seeds = len({seed for *_, seed in nets}) > 1
    heads = ["lesson", "framework", *(["seed"] if seeds else []), *runtimes]
    body = []
    for lesson, framework, seed in nets:
        cells = [by_net[lesson, framework, seed, name] for name in runtimes]
        body.append([lesson, framework, *([str(seed)] if seeds else []), *cells])
    return Grid(heads, set(runtimes), set(runtimes), body, CAPTION)


def shown(row: Row) -> str:
    """A row's figure, or the verdict of one that has none."""
    if row["verdict"] not in ("pass", "fail"):
        return str(row["verdict"])
    sign = "=" if row.get("bit_exact") else "!" if row["verdict"] == "fail" else ""
    return f"{sign}{row['max_rel']:.1e}"
