"""Anybody's ONNX file in every runtime that is here: ``lessonbench onnx check``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from textwrap import shorten

import numpy as np

from harness.catalogue import REFERENCE, UsageError, choose, lessons, load_lesson
from harness.child import Limits
from harness.children.measure import evaluate
from harness.children.onnx_model import IR_VERSION
from harness.children.runtime_worker import OF_OUTPUTS
from harness.gates.onnx_bench import Bench, bench
from harness.gates.onnx_matrix import RUNNER, judged
from harness.jobs import Progress
from harness.parity import distance, median_ulp
from harness.plan import Cell, Options, make_plan
from harness.record import Row, read_arrays
from harness.runtime import absent, runtimes
from harness.setting import locate_data
from impls.spec import Array, NetLesson, Tolerances

EXAMINER = "harness.children.onnx_examine"
BASES = ("reference", "onnxruntime")  # what the others are held against: the first of them that runs the model
GRAVITY = {"fail": 1, "pass": 0}
NO_FAULT = {"pass", "reference", "missing", "refused"}
WIDE = "float64"  # the child that runs the model in float64, in the reference evaluator
REASON = 200  # characters of a reason in a sentence


@dataclass(frozen=True)
class Question:
    """What is asked of a model.

    Args:
        file: of the model.
        limits: of each process.
        against: a lesson, whose test inputs it runs on, or another file, which ONNX Runtime runs beside it.
        inputs: a file of arrays to run on; None for those of the lesson, or for some that are made.
        runtimes: to be asked; all if there is none.
        profile: of the lesson's data.
        data_folder: where the user keeps the official data files.
    """

    file: Path
    limits: Limits
    against: str | None = None
    inputs: Path | None = None
    runtimes: tuple[str, ...] = ()
    profile: str = "quick"
    data_folder: Path | None = None


@dataclass
class Checked:
    """What has come of it.

    Args:
        basis: what the others are held against.
        figures: of the model (see ``onnx_examine``).
        notes: what else is to be known, a sentence each.
        rows: one for each runtime.
    """

    basis: str
    figures: Row
    notes: list[str]
    rows: list[Row] = field(default_factory=list)

    @property
    def compared(self) -> bool:
        """Whether any outputs could be held against others."""
        return any(row["verdict"] in GRAVITY for row in self.rows)

    @property
    def alone(self) -> str:
        """Why nothing was compared, in a sentence."""
        if [row["verdict"] for row in self.rows] == ["reference"]:
            return f"Nothing was compared: the others are held against {self.basis}, so ask for another (--runtime)."
        return "Nothing was compared: no other runtime that was asked for ran it."

    @property
    def passed(self) -> bool:
        """Whether something was compared and all of it passes, and no process came to a bad end."""
        return self.compared and {row["verdict"] for row in self.rows} <= NO_FAULT


def check(question: Question, progress: Progress) -> Checked:
    """Run a model in every runtime, each in a process of its own with limits, and hold the outputs against each other.

    Raises:
        UsageError: the file is no model that can be run, the inputs are not for it, or no runtime runs it.
    """
    names = choose("runtime", question.runtimes, runtimes())
    lesson, other = _against(question)
    wanted = _wanted(question, lesson)
    with bench(question.limits, progress) as here:
        able = [name for name in dict.fromkeys((*BASES, *names)) if not absent(name)]
        progress.planned(len(able) + 1 + (other is not None))
        wide = here.folder.work / "wide.onnx"
        figures = _examined(here, "model", question.file, wanted | {"wide": str(wide)})
        at_once, inputs = figures.get("at_once", 0), here.arrays("model", "examine")
        works = {name: _runs(name, _copy(here, "model"), inputs, at_once) for name in able}
        works[WIDE] = _runs("reference", wide, wide.with_suffix(".npz"), at_once)
        if other:
            _examined(here, "other", other, {"like": str(inputs)})
            works["other run"] = _runs("onnxruntime", _copy(here, "other"), here.arrays("other", "examine"))
        here.run(works)
        records = {name: here.record(name, "run") for name in works}
        basis = _basis(other or question.file, ["other run"] if other else BASES, records)
        expected, exact = _outputs(here, basis), _outputs(here, WIDE) if records[WIDE]["status"] == "ok" else []
        bound = lesson.tolerances.onnx if lesson else Tolerances().onnx
        checked = Checked(f"{other} in ONNX Runtime" if other else basis, figures, _notes(figures, records[WIDE]))
        for name in names:
            row: Row = {"runtime": name}
            if why := absent(name):
                row |= {"verdict": "missing", "reason": why}
            elif records[name]["status"] != "ok":
                row |= judged(records[name]["status"], records[name]["reason"])
            else:
                found = _outputs(here, name)
                row |= {"version": records[name]["version"]} | _compared(found, expected, exact, bound)
                row |= _value(lesson, figures, found) | ({"verdict": "reference"} if name == basis else {})
            checked.rows.append(row)
    return checked


def _against(question: Question) -> tuple[NetLesson | None, Path | None]:
    """The lesson or the file that is named."""
    name = question.against
    if name in lessons():
        lesson = load_lesson(str(name))
        if not isinstance(lesson, NetLesson):
            raise UsageError(f"{name} is a lesson of functions, to which no model belongs: name a net's lesson.")
        if question.inputs:
            raise UsageError(f"--inputs and the test inputs of {name} are two: name one of them.")
        return lesson, None
    if question.data_folder:
        raise UsageError("--data has the data of a lesson: name one with --against.")
    if name is None:
        return None, None
    if Path(name).suffix != ".onnx" and not Path(name).exists():
        choose("lesson, and file,", [name], lessons())
    return None, Path(name)


def _wanted(question: Question, lesson: NetLesson | None) -> Row:
    """What a model is to be run on, as ``onnx_examine`` is told."""
    if question.inputs:
        return {"inputs": str(question.inputs)}
    if not lesson:
        return {}
    (cell,) = _cells(question)
    located, source = locate_data([cell], question.data_folder), lesson.data.source
    return {"cell": asdict(cell), "data": str(located[source].folder) if source else None}


def _cells(question: Question) -> Sequence[Cell]:
    return make_plan(Options(lesson=(str(question.against),), framework=(REFERENCE,), profile=question.profile))


def _examined(here: Bench, name: str, file: Path, wanted: Row) -> Row:
    work = {"jobs": ["examine"], "model": str(file), "copy": str(_copy(here, name))}
    here.run({name: (EXAMINER, work | wanted)})
    return here.told(file, name, "examine")


def _copy(here: Bench, name: str) -> Path:
    return here.folder.work / f"{name}.onnx"


def _runs(runtime: str, model: Path, inputs: Path, at_once: int = 0) -> tuple[str, Row]:
    work = {"jobs": ["run"], "runtime": runtime, "model": str(model)}
    return RUNNER, work | {"inputs": str(inputs), "at_once": at_once}


def _basis(file: Path, bases: Sequence[str], records: Mapping[str, Row]) -> str:
    """Whose outputs the others are held against."""
    ran = [name for name in bases if name in records]
    for name in ran:
        if records[name]["status"] == "ok":
            return name
    reasons = "; ".join(f"{name}: {_told(records[name])}" for name in ran)
    raise UsageError(f"{file} cannot be run, so there is nothing to hold others against: {reasons}")


def _told(record: Row) -> str:
    row = judged(record["status"], record["reason"])
    return shorten(f"{row['verdict']}: {row['reason']}", REASON)


def _notes(figures: Row, wide: Row) -> list[str]:
    notes = []
    if (version := figures["ir_version"]) > IR_VERSION:
        notes.append(f"IR version {version} was lowered to {IR_VERSION} for all runtimes.")
    if "examples" in figures:
        notes.append(f"{figures['examples']:,} of {figures['test_examples']:,} test examples.")
    if wide["status"] != "ok":
        notes.append(f"Not run in float64: {_told(wide)}")
    return notes


def _outputs(here: Bench, name: str) -> list[Array]:
    return list(read_arrays(here.arrays(name, "run")).values())


def _compared(found: Sequence[Array], expected: Sequence[Array], exact: Sequence[Array], bound: float) -> Row:
    """The output that is farthest off; and how far any is from what it is in float64, if that is there."""
    if len(found) != len(expected):
        reason = f"{len(found)} outputs where {len(expected)} are expected"
        return {"max_rel": math.inf, "verdict": "fail", "reason": reason}
    rows = [distance(*pair, bound) | _units(*pair) for pair in zip(found, expected, strict=True)]
    row = max(rows, key=lambda row: (GRAVITY[row["verdict"]], row["max_rel"]))
    floats = [(mine, true) for mine, true in zip(found, exact, strict=False) if true.dtype == np.float64]
    if floats:
        gaps = [distance(mine.astype(np.float64), true, bound)["max_rel"] for mine, true in floats]
        row["max_rel_float64"] = max(gaps)
    return row


def _units(found: Array, expected: Array) -> Row:
    """Median distance in units in the last place of what is finite; of floats of the same kind and shape alone."""
    if (found.shape, found.dtype) != (expected.shape, expected.dtype) or found.dtype.kind != "f":
        return {}
    finite = np.isfinite(found) & np.isfinite(expected)
    return {"median_ulp": median_ulp(found[finite], expected[finite])} if finite.any() else {}


def _value(lesson: NetLesson | None, figures: Row, found: Sequence[Array]) -> Row:
    """The lesson's metric, where the outputs can be the answers to its test set."""
    if not lesson or lesson.metric not in OF_OUTPUTS or len(found) != 1 or not found[0].ndim:
        return {}
    examples = found[0][: figures["examples"]]  # without those that fill the last batch
    if examples.shape != (figures["examples"], *figures["answers"]):
        return {}
    return {"value": evaluate(lesson, examples, np.asarray(figures["targets"]), None)}
