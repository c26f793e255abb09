"""Anybody's ONNX file in every runtime that is here: ``lessonbench onnx check``."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from harness.catalogue import REFERENCE, UsageError, choose, lessons, load_lesson
from harness.child import Child, Ending, Limits
from harness.children.measure import evaluate
from harness.children.runtime_worker import OF_OUTPUTS
from harness.folder import RunFolder, scratch
from harness.gates.onnx_matrix import RUNNER, judged
from harness.jobs import Progress
from harness.launch import run_children
from harness.parity import distance
from harness.plan import Cell
from harness.processor import usable_cores
from harness.record import Row, read_arrays, read_json
from harness.runtime import absent, environment_of, runtimes
from harness.setting import locate_data
from impls.spec import Array, NetLesson, Tolerances

EXAMINER = "harness.children.onnx_examine"
BASES = ("reference", "onnxruntime")  # what the others are held against: the first of them that runs the model
DEADLINE_S, MEMORY_BYTES = 120.0, 4 * 2**30  # of each child
TOLD = "ModelError: "  # begins the reason of a file that was read and refused
GRAVITY = {"fail": 1, "pass": 0}


@dataclass(frozen=True)
class Question:
    """What is asked of a model.

    Args:
        file: of the model.
        against: a lesson, whose test inputs it runs on, or another file, which ONNX Runtime runs beside it.
        inputs: a file of arrays to run on; None for those of the lesson, or for some that are made.
        runtimes: to be asked; all if there is none.
        deadline_s: of each process.
        data_folder: where the user keeps the official data files.
    """

    file: Path
    against: str | None = None
    inputs: Path | None = None
    runtimes: tuple[str, ...] = ()
    deadline_s: float = DEADLINE_S
    data_folder: Path | None = None


@dataclass
class Checked:
    """What has come of it: a row for each runtime, and of the model its ``figures`` (see ``onnx_examine``)."""

    basis: str
    figures: Row
    rows: list[Row] = field(default_factory=list)

    @property
    def compared(self) -> set[str]:
        """The verdicts of those that ran; there is none where there was nothing to compare."""
        return {row["verdict"] for row in self.rows} & set(GRAVITY)


@dataclass
class Bench:
    """Where the children of a check run."""

    folder: RunFolder
    question: Question
    progress: Progress
    endings: dict[str, Ending] = field(default_factory=dict)

    def run(self, works: Mapping[str, tuple[str, Row]]) -> None:
        """Run a child for each work, by name, in the environment of the runtime that the work names, if it does."""
        children = []
        for name, (module, work) in works.items():
            records = {"records": str(self.folder.work / name)}
            environment = environment_of(work["runtime"], 1) if "runtime" in work else {}
            children.append(Child(name, module, [work | records], environment, 1))

        def ended(child: Child, ending: Ending) -> None:
            self.endings[child.name] = ending
            if "runtime" in child.works[0]:
                self.progress.ended(child, ending)

        def started(child: Child) -> None:
            if "runtime" in child.works[0]:  # what comes of reading is told in a sentence
                self.progress.started(child)

        self.folder.work.mkdir(parents=True, exist_ok=True)
        run_children(
            children,
            self.folder.work,
            Limits(self.question.deadline_s, MEMORY_BYTES),
            slots=[[core] for core in usable_cores()],
            stop=threading.Event(),
            started=started,
            ended=ended,
        )

    def record(self, name: str, job: str) -> Row:
        """What a child left, with the status and reason that it ended with."""
        path = self.arrays(name, job).with_suffix(".json")
        found = read_json(path) if path.exists() else {"status": "partial"}
        if found["status"] == "partial":
            ending = self.endings[name]
            found |= {"status": ending.status, "reason": ending.reason}
            if ending.status == "ok":
                found |= {"status": "failed", "reason": "the process left no result"}
        return found

    def arrays(self, name: str, job: str) -> Path:
        """The file of arrays that a child left."""
        return self.folder.work / name / f"{job}.npz"


def check(question: Question, progress: Progress) -> Checked:
    """Run a model in every runtime, each in a process of its own with limits, and hold the outputs against each other.

    Raises:
        UsageError: the file is no model that can be run, the inputs are not for it, or no runtime runs it.
    """
    names = choose("runtime", question.runtimes, runtimes())
    lesson, other = _against(question.against)
    for file in filter(None, (question.file, other, question.inputs)):
        _readable(file)
    with ExitStack() as leaving:
        bench = Bench(scratch(leaving), question, progress)
        here = [name for name in dict.fromkeys((*BASES, *names)) if not absent(name)]
        progress.planned(len(here) + (other is not None))
        figures = _examined(bench, "model", question.file, _wanted(question, lesson))
        works = {name: _runs(bench, name, "model") for name in here}
        if other:
            _examined(bench, "other", other, {"like": str(bench.arrays("model", "examine"))})
            works["other run"] = _runs(bench, "onnxruntime", "other")
        bench.run(works)
        records = {name: bench.record(name, "run") for name in works}
        basis = _basis(other or question.file, ["other run"] if other else BASES, records)
        expected, bound = _outputs(bench, basis), lesson.tolerances.onnx if lesson else Tolerances().onnx
        checked = Checked(f"{other} in ONNX Runtime" if other else basis, figures)
        for name in names:
            row: Row = {"runtime": name}
            if why := absent(name):
                row |= {"verdict": "missing", "reason": why}
            elif records[name]["status"] != "ok":
                row |= judged(records[name]["status"], records[name]["reason"])
            else:
                found = _outputs(bench, name)
                row |= {"version": records[name]["version"]} | _compared(found, expected, bound)
                row |= _value(lesson, figures, found) | ({"verdict": "reference"} if name == basis else {})
            checked.rows.append(row)
    return checked


def _against(name: str | None) -> tuple[NetLesson | None, Path | None]:
    """The lesson or the file of that name."""
    if name is None:
        return None, None
    if name in lessons():
        lesson = load_lesson(name)
        if not isinstance(lesson, NetLesson):
            raise UsageError(f"{name} is a lesson of functions, to which no model belongs: name a net's lesson.")
        return lesson, None
    if Path(name).suffix != ".onnx" and not Path(name).exists():
        choose("lesson, and file,", [name], lessons())
    return None, Path(name)


def _readable(file: Path) -> None:
    try:
        regular = file.is_file()
        if regular:
            file.open("rb").close()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}; name a file that you may read.") from error
    if not regular:
        why = "it is no file" if file.exists() else "there is none"
        raise UsageError(f"cannot read {file}: {why}; name a file that is there.")


def _wanted(question: Question, lesson: NetLesson | None) -> Row:
    """What a model is to be run on, as ``onnx_examine`` is told."""
    if question.inputs:
        return {"inputs": str(question.inputs.resolve())}
    if not lesson:
        return {}
    source = lesson.data.source
    located = locate_data([Cell(str(question.against), REFERENCE, "eager")], question.data_folder)
    return {"lesson": question.against, "data": str(located[source].folder) if source else None}


def _examined(bench: Bench, name: str, file: Path, wanted: Row) -> Row:
    work = {"jobs": ["examine"], "model": str(file.resolve()), "copy": str(_copy(bench, name))}
    bench.run({name: (EXAMINER, work | wanted)})
    record = bench.record(name, "examine")
    if record["status"] != "ok":
        told = record["reason"].startswith(TOLD)
        reason = record["reason"].removeprefix(TOLD)
        raise UsageError(reason if told else f"{file} cannot be examined: {record['status']}: {reason}.")
    return record


def _copy(bench: Bench, name: str) -> Path:
    return bench.folder.work / f"{name}.onnx"


def _runs(bench: Bench, runtime: str, name: str) -> tuple[str, Row]:
    work = {"jobs": ["run"], "runtime": runtime, "model": str(_copy(bench, name))}
    return RUNNER, work | {"inputs": str(bench.arrays(name, "examine"))}


def _basis(file: Path, bases: Sequence[str], records: Mapping[str, Row]) -> str:
    """Whose outputs the others are held against."""
    for name in bases:
        if name in records and records[name]["status"] == "ok":
            return name
    reasons = "; ".join(f"{name}: {records[name]['reason']}" for name in bases if name in records)
    raise UsageError(f"{file} cannot be run, so there is nothing to hold others against: {reasons}")


def _outputs(bench: Bench, name: str) -> list[Array]:
    return list(read_arrays(bench.arrays(name, "run")).values())


def _compared(found: Sequence[Array], expected: Sequence[Array], bound: float) -> Row:
    """The output that is farthest off."""
    if len(found) != len(expected):
        reason = f"{len(found)} outputs where {len(expected)} are expected"
        return {"max_rel": math.inf, "verdict": "fail", "reason": reason}
    rows = [distance(*pair, bound) for pair in zip(found, expected, strict=True)]
    return max(rows, key=lambda row: (GRAVITY[row["verdict"]], row["max_rel"]))


def _value(lesson: NetLesson | None, figures: Row, found: Sequence[Array]) -> Row:
    """The lesson's metric, where the outputs can be the answers to its test set."""
    if not lesson or lesson.metric not in OF_OUTPUTS or len(found) != 1:
        return {}
    targets = np.asarray(figures["targets"])
    shape = targets.shape if targets.dtype.kind == "f" else (*targets.shape, found[0].shape[-1])
    return {"value": evaluate(lesson, found[0], targets, None)} if found[0].shape == shape else {}
