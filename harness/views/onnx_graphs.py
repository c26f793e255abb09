"""What ONNX files are made of, side by side: operators, weights, sizes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.record import Row
from harness.views.tables import Grid

FACTS = {  # columns of ``onnx_contents.contents``, and what they are called here
    "file_bytes": "file bytes",
    "opset": "opset",
    "ir_version": "IR version",
    "producer": "producer",
    "metadata": "metadata",
    "inputs": "inputs",
    "outputs": "outputs",
    "initializers": "initialisers",
    "initializers_numbers": "numbers in them",
    "constants": "tensors in operators",
    "constants_numbers": "numbers in those",
    "functions": "functions",
}
LONGEST = 200  # characters in a field
CAPTION = "Operators in loops and branches are counted once, however often they run; a function's at each call.\n"


def diff_grid(files: Sequence[Path], found: Sequence[Row]) -> Grid:
    """A column for each file: figures of the whole, then how often it has each operator.

    Args:
        files: at least one.
        found: the contents of each (see ``onnx_contents.contents``).
    """
    rows = [[words, *(_shown(row[fact]) for row in found)] for fact, words in FACTS.items()]
    counts = [row["operators"] for row in found]
    rows.append(["operators", *(f"{sum(count.values()):,}" for count in counts)])
    rows.append(["kinds of operator", *(f"{len(count):,}" for count in counts)])
    rows += [[name, *(str(count.get(name, "")) for count in counts)] for name in sorted(set().union(*counts))]
    heads = [str(file) for file in files]
    return Grid(["", *heads], set(heads), set(), rows, CAPTION)


def _shown(fact: object) -> str:
    words = f"{fact:,}" if isinstance(fact, int) else ", ".join(fact) if isinstance(fact, list) else str(fact)
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
