"""Who ran what, and how far from whom: the matrix of ``onnx matrix`` on the screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from harness.record import Row
from harness.views.tables import Grid, headings, names_of_ways, words

CAPTION = """largest difference of an output, over the largest output; = to the bit; ! beyond the bound
"""
SPEED = """how many times as fast as the exporting framework's own prediction, from NumPy to NumPy; then milliseconds
of a single call: the 99th percentile, or ~ the median where there were too few calls for that
"""


def matrix_grid(rows: Sequence[Row]) -> Grid:
    """A row for each exported net, whatever it varies in, and for each runtime a column."""
    runtimes = _runtimes(rows)
    heads, body, caption = _by_net(rows, (), {name: name for name in runtimes}, shown)
    return Grid([*heads, *runtimes], set(runtimes), set(runtimes), body, CAPTION + caption)


def speed_grid(rows: Sequence[Row]) -> Grid:
    """A row for each exported net at each batch, and a column for each runtime, the framework's own being one."""
    runtimes = [name for name in _runtimes(rows) if name not in {row["exporter"] for row in rows}]
    columns = {row["exporter"]: "own" for row in rows} | {name: name for name in runtimes}
    heads, body, caption = _by_net(rows, ("batch",), columns, _speed)
    numbers = {"batch", "own", *runtimes}
    return Grid([*heads, "own", *runtimes], numbers, set(), body, SPEED + caption)


def _runtimes(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(str(row["runtime"]) for row in rows))


def _by_net(
    rows: Sequence[Row], more: Sequence[str], columns: Mapping[str, str], word: Callable[[Row], str]
) -> tuple[list[str], list[list[str]], str]:
    """Heads, lines and caption of a table with a line for each net, and for each of ``more``, which are columns too.

    Args:
        rows: at least one.
        more: columns by whose values a net has several lines.
        columns: by runtime its column; in the order of the columns.
        word: what stands in it.
    """
    names, caption = headings(rows)
    way, heads = names_of_ways(rows), [*names, *more]
    lines: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        lesson, *others = words(row, heads)
        line = lines.setdefault((lesson, way(row), *others), dict.fromkeys(columns.values(), ""))
        line[columns[row["runtime"]]] = word(row)
    return ["lesson", "framework", *heads[1:]], [[*net, *line.values()] for net, line in lines.items()], caption


def _speed(row: Row) -> str:
    """The ratio and a latency; of the framework's own the latency alone."""
    if row["status"] not in ("ok", "contended") or "examples_per_s" not in row:
        return str(row["status"])
    tail = row["latency_p99_s"]
    latency = f"~{1e3 * row['latency_median_s']:.2g}" if tail is None else f"{1e3 * tail:.2g}"
    ratio = "" if row["runtime"] == row["exporter"] or row["ratio"] is None else f"{row['ratio']:.2f}× "
    return f"{ratio}{latency}"


def shown(row: Row) -> str:
    """A row's figure, or the verdict of one that has none."""
    if row["verdict"] not in ("pass", "fail"):
        return str(row["verdict"])
    sign = "=" if row.get("bit_exact") else "!" if row["verdict"] == "fail" else ""
    return f"{sign}{float(row['max_rel']):.1e}"
