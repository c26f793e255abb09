"""A run's cells to be read by people: every figure of each cell, or one figure with the frameworks side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from harness.catalogue import choose
from harness.record import Row, printable

Formats = Mapping[str, tuple[str, float, str]]  # by the column of a table: heading, factor, format

FORMATS: Formats = {  # of cells.csv
    "value": ("value", 1, ".4g"),
    "target": ("target", 1, ".4g"),
    "first_step_s": ("first step s", 1, ".2f"),
    "train_examples_per_s": ("train", 1, ",.0f"),
    "train_examples_per_cpu_s": ("train per cpu s", 1, ",.0f"),
    "predict_examples_per_s": ("predict", 1, ",.0f"),
    "peak_memory_bytes": ("peak MB", 1e-6, ",.0f"),
}
COLOURS = dict.fromkeys(("ok", "pass", "same", "faster"), "green")
COLOURS |= dict.fromkeys(("missing", "unchecked", "too few", "contended"), "yellow")
EQUALITY = {  # what is told of a cell's gates: gate, dtype, and how the quantity begins
    "float64 gap": ("G2", "float64", "loss of"),
    "predictions": ("G2", "float64", "predictions"),
    "float32 departs at": ("G3", "float32", "step of departure"),
    "float32 predictions": ("G3", "float32", "predictions"),
}
ALONE = {
    "lesson",
    "definition",
    "known answer",
    "finite differences",
    "own outputs",
    "own float64",
}  # what needs no reference
OF_FILE = "onnx", "outputs"
INTERVAL = "accuracy, 95 % interval"
EQUALITY_CAPTION = """float64 gap: of the losses of a trajectory, or of a function's results, relative
predictions: after the trajectory, how many classes differ, or the largest difference over the largest output
float32 departs at: the step in which the losses part; predictions after the trajectory, likewise
"""
FILE_CAPTION = "of what is held against an ONNX file alone: the outputs' largest difference over the largest output\n"
INTERVAL_CAPTION = "accuracy: mean over seeds, less the reference's, in points\n"
VARIED = ("device", "dtype", "threads", "seed")  # named where a run has several


@dataclass(frozen=True)
class Grid:
    """What stands in a table, as words.

    Args:
        heads: of the columns.
        right: the heads of those that hold numbers.
        coloured: the heads of those that hold verdicts.
        rows: a word for each head.
        caption: what is the same in all rows, and the units.
    """

    heads: list[str]
    right: set[str]
    coloured: set[str]
    rows: list[list[str]]
    caption: str

    def screen(self) -> Table:
        """For the screen, as it stands here: foreign words may look like markup, or hold signs that move a cursor."""
        lines = "\n".join(map(printable, self.caption.split("\n")))
        table = Table(caption=Text(lines, "table.caption"), caption_justify="left")
        for head in self.heads:
            numbers = head in self.right
            table.add_column(Text(printable(head)), justify="right" if numbers else "left", no_wrap=not numbers)
        for row in self.rows:
            table.add_row(*(self._cell(head, word) for head, word in zip(self.heads, row, strict=True)))
        return table

    def _cell(self, head: str, word: str) -> Text:
        return Text(printable(word), COLOURS.get(word, "red") if head in self.coloured else "")

    def markdown(self) -> str:
        """For a document."""
        align = ["---:" if head in self.right else "---" for head in self.heads]
        lines = [f"| {' | '.join(words)} |" for words in (self.heads, align, *self.rows)]
        return "\n".join([*lines, "", f"*{self.caption}*"])


def cells_grid(rows: Sequence[Row]) -> Grid:
    """Every cell of a run, a row each."""
    names, caption = headings(rows)
    names[1:1] = ["framework", "mode"]
    figures, verdicts = [heading for heading, _, _ in FORMATS.values()], ["gates", "status"]
    body = [[*words(row, names), *(figure(row, column) for column in FORMATS), *words(row, verdicts)] for row in rows]
    heads = [*names, *figures, *verdicts]
    return Grid(heads, set(figures), set(verdicts), body, f"{caption}; rates in examples per second")


def column_grid(rows: Sequence[Row], column: str, against: str | None = None, formats: Formats = FORMATS) -> Grid:
    """One figure, a row for each lesson and a column for each framework (and mode, where it has several).

    Args:
        rows: of a table with a row for each cell, at least one.
        column: of that table, one of ``formats``.
        against: a framework's column of this grid by whose figure each row is divided.
        formats: of the columns that may be asked for.

    Raises:
        UsageError: there is no such column.
    """
    (column,) = choose("column", [column], formats)
    across = names_of_ways(rows)
    columns = list(dict.fromkeys(map(across, rows)))
    if against is not None:
        (against,) = choose("framework", [against], columns)
    names, caption = headings(rows)
    lines: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows:
        lines.setdefault(tuple(words(row, names)), {})[across(row)] = row
    body = []
    for line, cells in lines.items():
        if against is None:
            figures = [figure(cells[head], column, formats) if head in cells else "" for head in columns]
        else:
            figures = [_ratio(cells.get(head), cells.get(against), column) for head in columns]
        body.append([*line, *figures])
    over = f", over that of {against}" if against else ""
    return Grid([*names, *columns], set(columns), set(), body, f"{column}{over}; {caption}")


def equality_grid(rows: Sequence[Row], intervals: Sequence[Row] = ()) -> Grid:
    """How equal each cell is: a row for each.

    Args:
        rows: of equality.csv, at least one.
        intervals: of equivalence.csv.
    """
    names, caption = headings(rows)
    figures = [*EQUALITY, *([INTERVAL] if intervals else []), "gates"]
    seeded = {_way(row): _interval(row) for row in intervals if row["seeds"]}
    cells: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        cells.setdefault(tuple(words(row, [*names, "framework", "mode"])), []).append(row)
    body = []
    for cell, gates in cells.items():
        asked = [row["verdict"] for row in gates if row["verdict"] != "reported"]
        passed = sum(verdict in ("pass", "deviates") for verdict in asked)
        verdict = next((bad for bad in ("fail", "unchecked", "deviates") if bad in asked), "pass")
        interval = [seeded.get(_way(gates[0]), "")] if intervals else []
        gaps = list(_gaps(gates))
        if {str(row["reference"]) for row in gates} <= ALONE:
            gaps[0] = "reference"
        body.append([*cell, *gaps, *interval, f"{passed} of {len(asked)}", verdict])
    heads = [*names, "framework", "mode", *figures, "verdict"]
    explained = EQUALITY_CAPTION + (INTERVAL_CAPTION if intervals else "")
    explained += FILE_CAPTION if any((row["reference"], row["quantity"]) == OF_FILE for row in rows) else ""
    return Grid(heads, set(figures), {"verdict"}, body, explained + caption)


def _way(row: Row) -> tuple[object, ...]:
    return row["lesson"], row["framework"], row["mode"]


def _gaps(gates: Sequence[Row]) -> Iterator[str]:
    """The figures of ``EQUALITY``, from one cell's gates; nothing where it is the reference itself.

    Of a net that is held against a model's file alone, the gaps of its outputs in either dtype.
    """
    of_file = {row["trace_dtype"]: row["gap"] for row in gates if (row["reference"], row["quantity"]) == OF_FILE}
    if of_file and not any(row["gate"] == "G2" for row in gates):
        gaps = (of_file.get("float64", math.nan), math.nan, math.nan, of_file["float32"])
        yield from ("" if math.isnan(float(gap)) else f"{float(gap):.1e}" for gap in gaps)
        return
    for gate, dtype, quantity in EQUALITY.values():
        of_gate = [row for row in gates if (row["gate"], row["trace_dtype"]) == (gate, dtype)]
        found = [float(row["gap"]) for row in of_gate if row["quantity"].startswith(quantity)]
        if gate == "G2" and not of_gate and quantity == "loss of":  # a lesson of functions has no trajectory
            found = [float(row["gap"]) for row in gates if row["gate"] == "G1" and row["reference"] not in ALONE]
        gap = max(found, default=math.nan)
        if math.isnan(gap):
            yield ""
        elif math.isinf(gap):
            yield "none" if quantity == "step of departure" else "inf"
        else:
            yield f"{gap:.0f}" if gap == int(gap) else f"{gap:.1e}"


def _interval(row: Row) -> str:
    return f"{100 * float(row['low']):+.3f} to {100 * float(row['high']):+.3f}"


def equivalence_grid(rows: Sequence[Row]) -> Grid:
    """Mean accuracies over seeds beside the reference's, and the interval of their difference, all in hundredths."""
    names, caption = headings(rows)
    figures = ["seeds", "accuracy", "reference", "difference", "95 % interval"]
    body = []
    for row in rows:
        shown = [""] * len(figures)
        if row.get("seeds"):
            points = {name: 100 * float(row[name]) for name in ("accuracy", "reference_accuracy", "difference")}
            shown = [f"{row['seeds']:.0f}", f"{points['accuracy']:.2f}", f"{points['reference_accuracy']:.2f}"]
            shown += [f"{points['difference']:+.3f}", _interval(row)]
        body.append([*words(row, [*names, "framework", "mode"]), *shown, str(row["verdict"])])
    heads = [*names, "framework", "mode", *figures, "verdict"]
    margin = f"points; equivalent within ±{100 * float(rows[0]['margin']):g}"
    return Grid(heads, set(figures), {"verdict"}, body, f"{margin}; {caption}")


def names_of_ways(rows: Sequence[Row]) -> Callable[[Row], str]:
    """What calls a row by its framework, and by its mode too where that framework has several in these rows."""
    modes: dict[str, set[str]] = {}
    for row in rows:
        modes.setdefault(row["framework"], set()).add(row["mode"])

    def name(row: Row) -> str:
        framework = str(row["framework"])
        return framework if len(modes[framework]) == 1 else f"{framework} {row['mode']}"

    return name


def headings(rows: Sequence[Row]) -> tuple[list[str], str]:
    """The columns that name a lesson's run, and a caption of what is the same in all rows, at least one."""
    varied = [name for name in VARIED if len({row[name] for row in rows}) > 1]
    shared = [f"{name} {rows[0][name]}" for name in ("profile", *VARIED) if name not in varied]
    return ["lesson", *varied], ", ".join(shared)


def words(row: Row, names: Sequence[str]) -> list[str]:
    """These columns of a row."""
    return [str(row[name]) for name in names]


def figure(row: Row, column: str, formats: Formats = FORMATS) -> str:
    """A figure of a row; nothing where there is none."""
    _, factor, form = formats[column]
    return "" if row.get(column) is None else format(float(row[column]) * factor, form)


def _ratio(row: Row | None, other: Row | None, column: str) -> str:
    if row is None or other is None or row[column] is None or not other[column]:
        return ""
    return format(float(row[column]) / float(other[column]), ".2f")
