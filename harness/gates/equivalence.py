"""G4: are accuracies over seeds the same, each framework drawing for itself? ``lessonbench equivalence``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from harness.catalogue import UsageError
from harness.csv_tables import write_table
from harness.gates import paired
from harness.jobs import Launcher, able
from harness.plan import Cell, Options, configured, make_plan
from harness.record import Row, read_arrays
from harness.report import outcome
from harness.setting import Setting
from impls.spec import Array, NetLesson

MODULE = "harness.children.seeds_worker"
PILOT = 5


@dataclass(frozen=True)
class Number:
    """How many seeds: as many as a pilot of five asks for, from ``least`` up; twice as many where these do not do.

    ``least`` is at least those five; ``most`` are taken in all, half of them at the first look.
    """

    least: int = 10
    most: int = 120


def equivalence(options: Options, number: Number, setting: Setting) -> list[Row]:
    """Train nets over seeds, and write ``accuracies.csv`` and ``equivalence.csv``, anew after each lesson.

    Args:
        options: which lessons, frameworks and modes; the reference is always trained beside them.
        number: of seeds.
        setting: where, and with what.

    Returns:
        A row for each lesson, framework and mode; see ``results/README.md``.

    Raises:
        UsageError: no such lesson is left by the filters.
    """
    cells = [cell.traced for cell in able(make_plan(options)) if _is_classifier(cell)]
    if not cells:
        raise UsageError("no net is left that can run here and is judged by its accuracy; loosen the filters.")
    rows: list[Row] = []
    accuracies: list[Row] = []
    with setting.begun(options, cells) as begun:
        whole = True
        try:
            for lesson in dict.fromkeys(cell.lesson for cell in cells):
                mine = [cell for cell in cells if cell.lesson == lesson]
                family = Family(begun.launcher, mine[0].reference, tuple(c for c in mine if c != mine[0].reference))
                rows += family.rows(number)
                accuracies += family.accuracies
                write_table(setting.path, "equivalence.csv", rows)
                write_table(setting.path, "accuracies.csv", accuracies)
        except KeyboardInterrupt:
            whole = False
        counts = {"ok" if all(row["verdict"] != "unchecked" for row in rows) else "failed": len(rows)}
        begun.finish(counts if whole else {"interrupted": len(rows)}, {}, whole=whole)
    return rows


def _is_classifier(cell: Cell) -> bool:
    lesson = configured(cell)
    return isinstance(lesson, NetLesson) and lesson.metric == "accuracy"


@dataclass
class Family:
    """One lesson's implementations, and the one that they are held against."""

    launcher: Launcher
    reference: Cell
    others: tuple[Cell, ...]

    def __post_init__(self) -> None:
        self.accuracies: list[Row] = []

    def rows(self, number: Number) -> list[Row]:
        """Train as many seeds as it takes, and judge.

        Those that are not equivalent at the first look are looked at once more with as many seeds again: what a few
        seeds cannot show is no difference yet.
        """
        right = self._trained(self.others, range(PILOT))
        needed = {other: _needed(self._pairs(right, other), number.most // 2) for other in self.others}
        asked = max((pairs for other, pairs in needed.items() if not other.native), default=0)
        first = max(PILOT, min(max(number.least, asked), number.most // 2))
        right |= self._trained(self.others, range(PILOT, first))
        rows = {other: self._row(other, right, first, needed[other]) for other in self.others}
        if open_ones := tuple(other for other, row in rows.items() if row["verdict"] == "fail"):
            second = min(2 * first, number.most)
            right |= self._trained(open_ones, range(first, second))
            rows |= {other: self._row(other, right, second, needed[other]) for other in open_ones}
        self.accuracies = [self._accuracy(cell, right) for cell in sorted(right, key=self._place)]
        return list(rows.values())

    def _place(self, cell: Cell) -> tuple[int, int]:
        ways = [(way.framework, way.mode) for way in (self.reference, *self.others)]
        return ways.index((cell.framework, cell.mode)), cell.seed

    def _seeded(self, way: Cell, place: int) -> Cell:
        return replace(way, seed=self.reference.seed + place)

    def _trained(self, others: Sequence[Cell], places: Sequence[int]) -> dict[Cell, Array]:
        """Which labels the reference and others predict, (labels,), of those that came to their end and have enough."""
        cells = [self._seeded(way, place) for place in places for way in (self.reference, *others)]
        self.launcher.progress.planned(len(self.launcher.endings) + len(cells))
        self.launcher.share("accuracy", {cell: {} for cell in cells}, MODULE)
        kept = {cell: self.launcher.folder.record(cell, "accuracy").with_suffix(".npz") for cell in cells}
        return {cell: read_arrays(file)["right"] for cell, file in kept.items() if file.exists()}

    def _pairs(self, right: Mapping[Cell, Array], other: Cell) -> list[tuple[Array, Array]]:
        mine = {cell: array for cell, array in right.items() if replace(cell, seed=other.seed) == other}
        theirs = {cell: right.get(replace(self.reference, seed=cell.seed)) for cell in mine}
        return [(mine[cell], array) for cell, array in theirs.items() if array is not None]

    def _accuracy(self, cell: Cell, right: Mapping[Cell, Array]) -> Row:
        theirs = right.get(replace(self.reference, seed=cell.seed))
        row = asdict(cell) | {"accuracy": float(right[cell].mean())}
        if theirs is None or cell.framework == self.reference.framework:
            return row
        alone, reference_alone, p = paired.exact_mcnemar(right[cell], theirs)
        return row | {"right_alone": alone, "reference_right_alone": reference_alone, "mcnemar_p": p}

    def _row(self, other: Cell, right: Mapping[Cell, Array], seeds: int, needed: int) -> Row:
        row = asdict(other) | {"reference": self.reference.framework, "margin": paired.MARGIN}
        if reason := self._trouble(other, seeds):
            return row | {"verdict": "unchecked", "reason": reason}
        pairs = self._pairs(right, other)
        if not pairs:
            labels = self.launcher.folder.read(self._seeded(other, 0), "accuracy")["labels"]
            reason = f"{labels:,} test labels are too few to tell {100 * paired.MARGIN:g} points"
            return row | {"verdict": "reported", "reason": reason}
        mine, theirs = (np.stack(side) for side in zip(*pairs, strict=True))
        found = paired.equivalence(_differences(pairs))
        resampled = paired.bootstrap(mine, theirs)
        same = paired.within(found.interval)
        row |= {"seeds": len(pairs), "needed": needed, "accuracy": float(mine.mean())}
        row |= {"lowest": float(mine.mean(axis=1).min())}
        row |= {"reference_accuracy": float(theirs.mean()), "reference_lowest": float(theirs.mean(axis=1).min())}
        row |= {"difference": found.mean, "low": found.interval.low, "high": found.interval.high, "p": found.p}
        row |= {"bootstrap_low": resampled.low, "bootstrap_high": resampled.high, "reason": ""}
        if other.native:
            return row | {"verdict": "reported"}
        if not same and needed > len(pairs):
            row["reason"] = f"by the pilot more than {len(pairs)} seeds are needed"
        return row | {"verdict": "pass" if same else "fail"}

    def _trouble(self, other: Cell, seeds: int) -> str:
        for place in range(seeds):
            for way in (self.reference, other):
                cell = self._seeded(way, place)
                ending = self.launcher.endings.get(f"{cell.name}.accuracy")
                status, reason = outcome(self.launcher.folder, cell, "accuracy", ending)
                if status != "ok":
                    return f"{cell.framework} seed {cell.seed} {status}: {reason}"
        return ""


def _needed(pairs: Sequence[tuple[Array, Array]], most: int) -> int:
    return paired.pairs_needed(_differences(pairs), most) if len(pairs) > 1 else 0


def _differences(pairs: Sequence[tuple[Array, Array]]) -> list[float]:
    return [float(mine.mean() - theirs.mean()) for mine, theirs in pairs]
