"""Faults planted one by one, and what the gates make of them: ``PYTHONPATH=. python tests/fault_matrix.py --out FILE``.

Each is planted in a copy of its file; the lesson's first 200 steps on small data are traced with it, and held against
NumPy's as ``lessonbench verify`` does it. A table: whether a gate caught it, which, and where the first difference is.
"""

from __future__ import annotations

import csv
import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))

import click
from faults import FAULTS, VARIANTS, Planted
from workbench import make, small

from harness.catalogue import default_mode, lessons, load_lesson, missing_packages
from harness.children.trace import FIRST_STEPS, inspect, trace
from harness.gates import verify
from harness.gates.departure import find, merged
from harness.gates.verify import Traced
from impls.spec import Learner

SEED = 3
COLUMNS = ("fault", "lesson", "framework", "caught", "gate", "where_expected", "where_found", "located", "hint")


@dataclass(frozen=True)
class Found:
    """What became of one that was planted: the first gate that is no pass, where the difference is, and a hint."""

    gate: str
    where: str
    hint: str


@contextmanager
def planted(fault: Planted) -> Iterator[tuple[ModuleType, type]]:
    """The learner's module and the class of the net, made anew with the fault in one of their files."""
    net = lessons()[fault.lesson].load(fault.framework)
    learner = importlib.import_module(f"impls.learners.{fault.framework}_learner")
    sound = net if fault.file == "net" else importlib.import_module(f"impls.learners.{fault.framework}_{fault.file}")
    source = Path(str(sound.__file__)).read_text(encoding="utf-8")
    for text, other in fault.changes:
        assert source.count(text) >= 1, f"{fault.name}: {text!r} is not in {sound.__file__}"
        source = source.replace(text, other, 1)
    faulty = made(sound, source)
    sys.modules[sound.__name__] = faulty  # for those that import it when they are made
    try:
        parts = [faulty if part is sound else made(part) for part in (learner, net)]
        yield parts[0], parts[1].Net
    finally:
        sys.modules[sound.__name__] = sound


def made(module: ModuleType, source: str | None = None) -> ModuleType:
    """A module once more, from its own source or another."""
    path = Path(str(module.__file__))
    again = ModuleType(module.__name__)
    again.__file__ = str(path)
    exec(compile(source or path.read_text(encoding="utf-8"), str(path), "exec"), vars(again))
    return again


def followed(name: str, make: Any, dtypes: Sequence[str]) -> dict[str, Traced]:
    """Traces in these dtypes, in float64 with what is inside; ``make`` makes a learner of a dtype."""
    lesson, found = load_lesson(name), {}
    for dtype in dtypes:
        learner: Learner = make(dtype)
        data = small(lesson, dtype)
        traced = Traced(*trace(learner, lesson, data, seed=SEED, dtype=dtype, differences=False))
        if dtype == "float64" and traced.arrays:
            traced = merged(traced, inspected(name, make))
        found[dtype] = traced
    return found


def inspected(name: str, make: Any, steps: Sequence[int] = FIRST_STEPS) -> Traced:
    """What is inside in some steps."""
    lesson = load_lesson(name)
    return Traced({}, inspect(make("float64"), lesson, small(lesson, "float64"), seed=SEED, steps=steps))


@cache
def reference(name: str, dtypes: Sequence[str]) -> dict[str, Traced]:
    """NumPy's."""
    return followed(name, partial(make, name, "numpy", "eager"), dtypes)


def judge(fault: Planted, dtypes: Sequence[str] = ("float64", "float32")) -> Found:
    """Plant one and look."""
    lesson, expected = load_lesson(fault.lesson), reference(fault.lesson, dtypes)
    how = {"mode": fault.mode or default_mode(fault.framework), "device": "cpu"}
    with planted(fault) as (module, net):

        def new(dtype: str) -> Learner:
            learner: Learner = module.Learner(lesson, net, dtype=dtype, **how)
            return learner

        found = followed(fault.lesson, new, dtypes)
        departure = find(lesson, found["float64"], expected["float64"])
        if departure and departure.stage == "trajectory" and departure.step not in FIRST_STEPS:
            makes = new, partial(make, fault.lesson, "numpy", "eager")
            later = [inspected(fault.lesson, make_one, [departure.step]) for make_one in makes]
            sides = zip((found["float64"], expected["float64"]), later, strict=True)
            departure = find(lesson, *(merged(*side) for side in sides))
    rows = verify.check(lesson, found, expected)
    failed = [row for row in rows if row["verdict"] in ("fail", "unchecked")]
    if not failed:
        return Found("", "", "")
    gate = f"{failed[0]['gate']} {failed[0]['quantity']}"
    if departure is None:
        return Found(gate, "", "")
    return Found(gate, f"{departure.stage} {departure.where}".strip(), departure.hint)


def row_of(fault: Planted) -> dict[str, object]:
    """A line of the table."""
    found = judge(fault)
    located = found.where == fault.where if fault.where else ""
    caught = bool(found.gate)
    line = (
        fault.name,
        fault.lesson,
        fault.framework,
        caught,
        found.gate,
        fault.where,
        found.where,
        located,
        found.hint,
    )
    return dict(zip(COLUMNS, line, strict=True))


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file to write the table to.")
@click.option("--only", default="", help="Those with this word in their names.")
def main(out: Path | None, only: str) -> None:
    """Plant them all."""
    chosen = [fault for fault in (*FAULTS, *VARIANTS) if only in fault.name and not missing_packages(fault.framework)]
    rows = []
    for fault in chosen:
        rows.append(row_of(fault))
        click.echo(" | ".join(map(str, rows[-1].values())))
    faults = [row for row in rows if row["where_expected"]]
    variants = [row for row in rows if not row["where_expected"]]
    caught, located = (sum(bool(row[column]) for row in faults) for column in ("caught", "located"))
    refused = sum(bool(row["caught"]) for row in variants)
    click.echo(
        f"{len(faults)} faults: {caught} caught, {located} located. {len(variants)} variants: {refused} refused."
    )
    if out:
        with out.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
