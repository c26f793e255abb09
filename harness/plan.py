"""What there is, and what is to be run: lessons and frameworks are found by file name, options become cells.

A folder with ``lesson.py`` is a lesson, ``LESSON_FRAMEWORK.py`` in it an implementation, and
``learners/FRAMEWORK_learner.py`` a framework. No framework is imported to learn this.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import importlib.util
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import cast

import impls
from impls.data import Size
from impls.spec import Device, Dtype, Framework, FunctionLesson, Lesson

ROOT = Path(impls.__path__[0])
COURSE = ("lines", "classifiers", "convolution", "recurrence", "tensors", "craft")  # an order, not a list of what is
REFERENCE = "numpy"
DEVICES = ("cpu", "gpu")
DTYPES = ("float32", "float64")
PROFILES: tuple[Size, ...] = ("quick", "full")
DEADLINE_S = {"quick": 300.0, "full": 3600.0}  # of a process, unless the run sets another
MEMORY_GIB = 8.0


class UsageError(Exception):
    """What the user asked for cannot be done; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Cell:
    """One measurement: a lesson, how it is executed, and on what."""

    lesson: str
    framework: str
    mode: str
    device: Device = "cpu"
    dtype: Dtype = "float32"
    threads: int = 1
    seed: int = 0
    profile: Size = "quick"
    learning_rate: float | None = None

    @property
    def name(self) -> str:
        """A file name of its own."""
        rate = "" if self.learning_rate is None else f"-lr{self.learning_rate:g}"
        how = f"{self.device}-{self.dtype}-{self.threads}t-s{self.seed}-{self.profile}"
        return f"{self.lesson}-{self.framework}-{self.mode}-{how}{rate}"

    @property
    def traced(self) -> Cell:
        """The cell whose first steps are followed for this one: both dtypes are, and one thread is enough."""
        return replace(self, dtype="float32", threads=1)

    @property
    def reference(self) -> Cell:
        """The cell that this one's first steps are held against: NumPy's, on the CPU."""
        return replace(self.traced, framework=REFERENCE, mode=default_mode(REFERENCE), device="cpu")


@dataclass(frozen=True)
class LessonFolder:
    """Where a lesson stands."""

    name: str
    chapter: str
    folder: Path

    @property
    def package(self) -> str:
        """The folder as a module path."""
        return ".".join(["impls", *self.folder.relative_to(ROOT).parts])

    def implementation(self, framework: str) -> Path:
        """The file that holds, or would hold, this framework's implementation."""
        return self.folder / f"{self.name}_{framework}.py"


@cache
def lessons() -> dict[str, LessonFolder]:
    """Every lesson by name, in the order of the course and within a chapter by name."""
    found = [LessonFolder(p.parent.name, p.parent.parent.name, p.parent) for p in ROOT.glob("*/*/lesson.py")]
    known = {chapter: place for place, chapter in enumerate(COURSE)}
    found.sort(key=lambda lesson: (known.get(lesson.chapter, len(COURSE)), lesson.chapter, lesson.name))
    return {lesson.name: lesson for lesson in found}


@cache
def load_lesson(name: str) -> Lesson:
    """The lesson's numbers.

    Raises:
        UsageError: its file cannot be run, or has no LESSON.
    """
    found = lessons()[name]
    try:
        return cast(Lesson, importlib.import_module(f"{found.package}.lesson").LESSON)
    except Exception as error:  # whatever somebody's file raises
        raise UsageError(f"{found.folder / 'lesson.py'} has a fault: {type(error).__name__}: {error}.") from error


def configured(cell: Cell) -> Lesson:
    """The lesson as this cell runs it: with the cell's learning rate, if it has one."""
    lesson = load_lesson(cell.lesson)
    if cell.learning_rate is None or isinstance(lesson, FunctionLesson):
        return lesson
    return replace(lesson, optimizer=replace(lesson.optimizer, learning_rate=cell.learning_rate))


@cache
def frameworks() -> dict[str, Framework]:
    """Every framework by name, as its learner's file describes it; the reference comes first."""
    files = sorted(ROOT.glob("learners/*_learner.py"), key=lambda p: (not p.name.startswith(REFERENCE), p.name))
    return {path.name.removesuffix("_learner.py"): _framework(path) for path in files}


def _framework(path: Path) -> Framework:
    """Read ``FRAMEWORK = Framework(...)`` from a learner's source without running it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="FRAMEWORK")], value=ast.Call(keywords=keywords)):
                return Framework(**{str(k.arg): ast.literal_eval(k.value) for k in keywords})
    raise UsageError(f"{path} has no FRAMEWORK = Framework(...) of literals; see impls/spec.py for what it states.")


def default_mode(framework: str) -> str:
    """The mode that runs unless another is asked for."""
    return next(iter(frameworks()[framework].modes))


def missing_packages(framework: str) -> list[str]:
    """The packages of a framework that are not installed here."""
    return [name for name in frameworks()[framework].packages if importlib.util.find_spec(name) is None]


def absence(lesson: str, framework: str) -> str:
    """Why this lesson cannot run in this framework, as a sentence; empty if it can."""
    path = lessons()[lesson].implementation(framework)
    if not path.exists():
        return f"there is no file {path.name}"
    if packages := missing_packages(framework):
        return f"not installed: {', '.join(packages)} (pip install 'lessonbench[{framework}]')"
    return ""


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose(what: str, asked: Sequence[str], known: Iterable[str]) -> list[str]:
    """The known names that were asked for, in the known order; all of them if none was.

    Raises:
        UsageError: a name is unknown; the sentence offers the nearest.
    """
    known = list(known)
    for name in asked:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}."
            raise UsageError(f"unknown {what} {name!r}: {hint}")
    return [name for name in known if not asked or name in asked]


@dataclass(frozen=True)
class Options:
    """What may be asked of a run; an empty tuple means the default: all lessons and frameworks, the first mode."""

    lesson: tuple[str, ...] = ()
    framework: tuple[str, ...] = ()
    chapter: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()
    device: tuple[str, ...] = ("cpu",)
    dtype: tuple[str, ...] = ("float32",)
    threads: tuple[int, ...] = ()
    seed: tuple[int, ...] = ()
    profile: str = "quick"
    learning_rate: float | None = None


def make_plan(options: Options) -> list[Cell]:
    """The cells of a run, each once.

    Raises:
        UsageError: a name is unknown, a number is out of range, or nothing is left to run.
    """
    chapters = choose("chapter", options.chapter, dict.fromkeys(lesson.chapter for lesson in lessons().values()))
    chosen = [name for name in choose("lesson", options.lesson, lessons()) if lessons()[name].chapter in chapters]
    names = choose("framework", options.framework, frameworks())
    choose("mode", [m for m in options.mode if m != "all"], sorted({m for f in frameworks().values() for m in f.modes}))
    choose("device", options.device, DEVICES)
    choose("dtype", options.dtype, DTYPES)
    choose("profile", [options.profile], PROFILES)
    for threads in options.threads:
        if not 1 <= threads <= cores():
            raise UsageError(f"--threads {threads}: this process may use 1 to {cores()} cores; name a number of those.")
    for seed in options.seed:
        if seed < 0:
            raise UsageError(f"--seed {seed}: a seed is a whole number from 0 up.")
    if options.learning_rate is not None and not 0 < options.learning_rate < math.inf:
        raise UsageError(f"--learning-rate {options.learning_rate:g}: a learning rate is a number above 0.")
    profile, rate = cast(Size, options.profile), options.learning_rate
    cells = [
        Cell(lesson, framework, mode, cast(Device, device), cast(Dtype, dtype), threads, seed, profile, rate)
        for lesson in chosen
        for framework in names
        for mode in _modes(framework, options.mode)
        for device in dict.fromkeys(options.device)
        for dtype in dict.fromkeys(options.dtype)
        for threads in dict.fromkeys(options.threads or (cores(),))
        for seed in dict.fromkeys(options.seed or (load_lesson(lesson).seed,))
    ]
    if not cells:
        raise UsageError("nothing to run: no lesson, framework and mode fits all the filters at once; loosen one.")
    return cells


def _modes(framework: str, asked: Sequence[str]) -> list[str]:
    modes = list(frameworks()[framework].modes)
    if not asked:
        return modes[:1]
    return modes if "all" in asked else [mode for mode in modes if mode in asked]


def listing(options: Options) -> list[dict[str, str]]:
    """One row for each lesson, framework and mode that passes the filters, and whether it can run here."""
    everything = replace(options, mode=options.mode or ("all",), device=("cpu",), dtype=("float32",), threads=(1,))
    rows = []
    for cell in make_plan(everything):
        reason = absence(cell.lesson, cell.framework)
        chapter, kind = lessons()[cell.lesson].chapter, load_lesson(cell.lesson).kind
        names = {"chapter": chapter, "lesson": cell.lesson, "kind": kind}
        names |= {"framework": cell.framework, "mode": cell.mode}
        rows.append(names | {"status": "missing" if reason else "ready", "reason": reason})
    return rows
