"""What there is: lessons and frameworks, found by the names of their files.

A folder with ``lesson.py`` is a lesson, ``LESSON_FRAMEWORK.py`` in it an implementation, and
``learners/FRAMEWORK_learner.py`` a framework. No framework is imported to learn this.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import impls
from impls.spec import Framework, Lesson

ROOT = Path(impls.__path__[0])
COURSE = ("lines", "classifiers", "convolution", "recurrence", "tensors", "craft")  # an order, not a list of what is
REFERENCE = "numpy"


class UsageError(Exception):
    """What the user asked for cannot be done; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class LessonFolder:
    """Where a lesson stands."""

    name: str
    chapter: str
    folder: Path
    variant: str = ""  # the key in VARIANTS, for a lesson that shares its folder with another

    def implementation(self, framework: str) -> Path:
        """The file that holds, or would hold, this framework's implementation."""
        return self.folder / f"{self.folder.name}_{framework}.py"

    def module(self, framework: str) -> str:
        """The module of that file."""
        return module_name(self.implementation(framework))


def module_name(path: Path) -> str:
    """A file below ``impls`` as a module."""
    return ".".join(["impls", *path.relative_to(ROOT).with_suffix("").parts])


@cache
def lessons() -> dict[str, LessonFolder]:
    """Every lesson by name, in the order of the course and within a chapter by name."""
    found = []
    for path in ROOT.glob("*/*/lesson.py"):
        folder, chapter = path.parent, path.parent.parent.name
        found.append(LessonFolder(folder.name, chapter, folder))
        found += [LessonFolder(f"{folder.name}-{word}", chapter, folder, word) for word in _variants(path)]
    known = {chapter: place for place, chapter in enumerate(COURSE)}
    found.sort(key=lambda lesson: (known.get(lesson.chapter, len(COURSE)), lesson.chapter, lesson.name))
    return {lesson.name: lesson for lesson in found}


def _variants(path: Path) -> list[str]:
    """The keys of ``VARIANTS = {...}`` in a lesson's source, without running it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="VARIANTS")], value=ast.Dict(keys=keys)):
                return [str(ast.literal_eval(key)) for key in keys if key]
    return []


@cache
def load_lesson(name: str) -> Lesson:
    """The lesson's numbers.

    Raises:
        UsageError: its file cannot be run, or has no LESSON.
    """
    found = lessons()[name]
    path = found.folder / "lesson.py"
    try:
        module = importlib.import_module(module_name(path))
        return cast(Lesson, module.VARIANTS[found.variant] if found.variant else module.LESSON)
    except Exception as error:  # whatever somebody's file raises
        raise UsageError(f"{path} has a fault: {type(error).__name__}: {error}.") from error


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
