"""Who ran a model, and how far from whom: the table of ``onnx check`` on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from harness.record import Row
from harness.views.tables import Grid

FIGURES = {  # of the rows: heading, format
    "max_abs": ("max abs", ".1e"),
    "max_rel": ("max rel", ".1e"),
    "bound": ("bound", ".0e"),
    "median_ulp": ("median ulp", ".3g"),
    "max_rel_float64": ("from float64", ".1e"),
    "agree_share": ("same place", ".2%"),
    "value": ("value", ".4g"),
}
CAPTION = """max abs: largest difference of an output from {}; max rel: over the largest output, at most the bound
median ulp: difference in units in the last place; = to the bit
from float64: max rel from the same model computed in float64; same place: of the largest output
"""


def check_grid(rows: Sequence[Row], basis: str) -> Grid:
    """A row for each runtime; figures that none has are left out."""
    columns = {name: how for name, how in FIGURES.items() if any(name in row for row in rows)}
    figures = [head for head, _ in columns.values()]
    body = []
    for row in rows:
        shown = [format(row[name], form) if name in row else "" for name, (_, form) in columns.items()]
        exact = "=" if row.get("bit_exact") else ""
        body.append([row["runtime"], row.get("version", ""), *shown, exact, row["verdict"]])
    heads = ["runtime", "version", *figures, "=", "verdict"]
    return Grid(heads, set(figures), {"verdict"}, body, CAPTION.format(basis))
