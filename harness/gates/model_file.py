"""A model in a file as what a user's implementations are held against: ``FOLDER.onnx`` in the lesson's folder.

Two children do it. One takes the file apart and runs it; one of the implementation's framework loads the file's
weights into the net and runs that. Here their arrays are compared; neither a framework nor ONNX is imported.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from harness.catalogue import UsageError, lessons, load_lesson
from harness.gates import departure, verify
from harness.gates.departure import Departure
from harness.gates.verify import CONSTANT_BOUND, Traced
from harness.jobs import Launcher, able
from harness.parity import parity, scaled_gap
from harness.plan import Cell, configured
from harness.record import Row
from harness.report import outcome, traced
from impls.spec import NetLesson

REFERENCE = "onnx"  # in the tables
FILE_MODULE, HELD_MODULE = "harness.children.onnx_reference", "harness.children.held_worker"


def model_file(lesson: str) -> Path | None:
    """The file that a lesson's nets are held against: ``LESSON.onnx``, or the folder's for a variant with the same net.

    Raises:
        UsageError: there is one beside functions.
    """
    folder = lessons()[lesson].folder
    names = [lesson] + ([folder.name] if _net_of(lesson) == _net_of(folder.name) else [])
    found = next((path for name in names if (path := folder / f"{name}.onnx").exists()), None)
    if found and not isinstance(load_lesson(lesson), NetLesson):
        raise UsageError(f"{found} stands beside functions, and only nets are held against a file; remove it.")
    return found


def _net_of(lesson: str) -> object:
    found = load_lesson(lesson)
    return (found.input_shape, found.parameters, found.net) if isinstance(found, NetLesson) else None


class ModelFiles:
    """The files beside the lessons of some cells, and what becomes of the nets that are held against them.

    Args:
        launcher: runs the children.
        cells: of any lessons; those whose lesson has no file are none of its business.
    """

    def __init__(self, launcher: Launcher, cells: Sequence[Cell]) -> None:
        self._launcher = launcher
        self._held = {cell: path for cell in able(cells) if (path := model_file(cell.lesson))}
        self._sources = {cell.reference: path for cell, path in self._held.items()}

    @property
    def children(self) -> int:
        """How many pieces of work ``read`` and ``hold`` have for children."""
        return len(self._held) + len(self._sources)

    def read(self) -> None:
        """Take the files apart.

        Raises:
            UsageError: one is no model that nets can be held against.
        """
        self._launcher.share("file", {cell: {"model": str(path)} for cell, path in self._sources.items()}, FILE_MODULE)
        for cell, path in self._sources.items():
            if refused := traced(self._launcher.folder, cell, "file").figures.get("refused"):
                raise UsageError(f"{path.parent}: {refused}")

    def hold(self) -> None:
        """Run the nets with the weights of the files, where these are the lesson's."""
        fit = {}
        for cell in self._held:
            if self._source(cell).figures.get("parameters") == _lesson(cell).shapes:
                arrays = self._launcher.folder.record(cell.reference, "file").with_suffix(".npz")
                fit[cell] = {"file": str(arrays)}
        self._launcher.share("hold", fit, HELD_MODULE)

    def gates(self, cell: Cell) -> list[Row]:
        """The rows of a net's gates against its file; none if there is no file."""
        if cell not in self._held:
            return []
        lesson, mine, theirs = _lesson(cell), self._net(cell), self._source(cell)
        record, exact = {}, math.nan
        if "outputs" in mine.arrays:
            record = parity(lesson, mine.arrays["outputs"], theirs.arrays["outputs"])
        if {"1/outputs"} <= mine.arrays.keys() & theirs.arrays.keys():
            exact = scaled_gap(mine.arrays["1/outputs"], theirs.arrays["1/outputs"])
        rows = verify.check_file(lesson, theirs.figures.get("parameters", {}), record, exact)
        return rows[:-1] if theirs.figures.get("single_only") else rows

    def parting(self, cell: Cell) -> Departure | None:
        """Where a net first parts from its file."""
        lesson, mine, theirs = _lesson(cell), self._net(cell), self._source(cell)
        have, want = theirs.figures.get("parameters", {}), lesson.shapes
        for name in dict.fromkeys([*want, *have]):
            if have and have.get(name) != want.get(name):
                return Departure("parameter", name, 0, math.inf, _hint(name, have.get(name), want.get(name)))
        loose = replace(lesson.tolerances, step_relative=CONSTANT_BOUND)
        found = departure.find(replace(lesson, tolerances=loose), mine, theirs, scaled_gap)
        return found and replace(found, step=0)

    def trouble(self, cell: Cell) -> str:
        """Why a net could not be held against its file, in a sentence; empty if it was."""
        if cell not in self._held:
            return ""
        if unmatched := self._source(cell).figures.get("unmatched"):
            return str(unmatched)
        for owner, job in ((cell.reference, "file"), (cell, "hold")):
            ending = self._launcher.endings.get(f"{owner.name}.{job}")
            status, reason = outcome(self._launcher.folder, owner, job, ending)
            if status not in ("ok", "interrupted"):
                return f"{job} {status}: {reason}; its log is in {self._launcher.folder.work}"
        return ""

    def _source(self, cell: Cell) -> Traced:
        return traced(self._launcher.folder, cell.reference, "file")

    def _net(self, cell: Cell) -> Traced:
        return traced(self._launcher.folder, cell, "hold")


def _lesson(cell: Cell) -> NetLesson:
    return cast(NetLesson, configured(cell))


def _hint(name: str, found: list[int] | None, expected: list[int] | None) -> str:
    if found is None:
        dropped = "; exporters leave out a bias that is zero" if name.endswith("bias") else ""
        return f"the file has no {name}{dropped}"
    if expected is None:
        return f"the file has {name}, of which the lesson knows nothing"
    return f"{found} in the file, where the lesson has {expected}"
