"""What is to be run: options become cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from harness.catalogue import (
    OWN,
    UsageError,
    absence,
    choose,
    default_mode,
    frameworks,
    lessons,
    load_lesson,
    reference_of,
)
from harness.processor import cores, has_bfloat16
from impls.data import Size
from impls.spec import NATIVE, Device, Dtype, FunctionLesson, Lesson, NetLesson

DEVICES = ("cpu", "gpu")
DTYPES = ("float32", "float64", "bfloat16")
PROFILES: tuple[Size, ...] = ("quick", "full")
DEADLINE_S = {"quick": 300.0, "full": 3600.0}  # of a process, unless the run sets another
MEMORY_GIB = 8.0


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
    def native(self) -> bool:
        """Whether it has the framework's own defaults, which nothing is held against."""
        return self.mode == NATIVE

    @property
    def exported(self) -> bool:
        """Whether what was trained is exported: a net, of one dtype throughout."""
        return isinstance(configured(self), NetLesson) and self.dtype != "bfloat16"

    @property
    def traced(self) -> Cell:
        """The cell whose first steps are followed for this one: both dtypes are, and one thread is enough."""
        return replace(self, dtype="float32", threads=1)

    @property
    def reference(self) -> Cell:
        """The cell that this one's first steps are held against: NumPy's if there is one, on the CPU."""
        framework = reference_of(self.lesson)
        return replace(self.traced, framework=framework, mode=default_mode(framework), device="cpu")


def configured(cell: Cell) -> Lesson:
    """The lesson as this cell runs it: with the cell's learning rate, if it has one."""
    lesson = load_lesson(cell.lesson)
    if cell.learning_rate is None or isinstance(lesson, FunctionLesson):
        return lesson
    return replace(lesson, optimizer=replace(lesson.optimizer, learning_rate=cell.learning_rate))


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
    samples: int | None = None
    processes: int | None = None  # fresh ones that time each cell, one after the other; None: as the command has it


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
    if options.samples is not None and options.samples < 2:
        raise UsageError(f"--samples {options.samples}: a figure takes two samples or more; name a number from 2 up.")
    if "bfloat16" in options.dtype and "cpu" in options.device and not has_bfloat16():
        raise UsageError(
            "--dtype bfloat16: this processor has no products of such numbers; name float32, or a GPU by --device gpu."
        )
    if options.processes is not None and options.processes < 1:
        raise UsageError(f"--processes {options.processes}: each cell takes one process or more; name a whole number.")
    profile, rate = cast(Size, options.profile), options.learning_rate
    cells = [
        Cell(lesson, framework, mode, cast(Device, device), dtype, threads, seed, profile, rate)
        for lesson in chosen
        for framework in names
        if options.framework or _wanted(lesson, framework)
        for mode in _modes(lesson, framework, options.mode)
        for device in dict.fromkeys(options.device)
        for dtype in _dtypes(lesson, framework, mode, options.dtype)
        for threads in dict.fromkeys(options.threads or (cores(),))
        for seed in dict.fromkeys(options.seed or (load_lesson(lesson).seed,))
    ]
    if not cells:
        raise UsageError("nothing to run: no lesson, framework and mode fits all the filters at once; loosen one.")
    return cells


def _wanted(lesson: str, framework: str) -> bool:
    """Whether a file that is not there is missing: of the course it is, of a user's own lesson it need not be there."""
    found = lessons()[lesson]
    return found.chapter != OWN or found.implementation(framework).exists()


def _modes(lesson: str, framework: str, asked: Sequence[str]) -> list[str]:
    found, default = frameworks()[framework], default_mode(framework)
    without = found.net_modes if isinstance(load_lesson(lesson), FunctionLesson) else ()
    modes = [mode for mode in found.modes if mode not in without]
    if not asked:
        return [default] if default in modes else modes[:1]
    return modes if "all" in asked else [mode for mode in modes if mode in asked]


def _dtypes(lesson: str, framework: str, mode: str, asked: Sequence[str]) -> list[Dtype]:
    # What is drawn freely and not exported would be held against nothing.
    without = ("bfloat16",) if mode == NATIVE or isinstance(load_lesson(lesson), FunctionLesson) else ()
    able = [dtype for dtype in frameworks()[framework].dtypes if dtype not in without]
    return [dtype for dtype in able if dtype in asked]


def listing(options: Options) -> list[dict[str, str]]:
    """One row for each lesson, framework and mode that passes the filters, and whether it can run here."""
    everything = replace(options, mode=options.mode or ("all",), device=("cpu",), dtype=("float32",), threads=(1,))
    rows = []
    for cell in make_plan(everything):
        reason = absence(cell.lesson, cell.framework, cell.mode)
        chapter, lesson = lessons()[cell.lesson].chapter, load_lesson(cell.lesson)
        names = {"chapter": chapter, "lesson": cell.lesson, "kind": lesson.kind, "functions": ""}
        if isinstance(lesson, FunctionLesson):
            names["functions"] = str(len(lesson.functions))
        names |= {"framework": cell.framework, "mode": cell.mode}
        rows.append(names | {"status": "missing" if reason else "ready", "reason": reason})
    return rows
