"""What there is: lessons and frameworks, found by the names of their files.

A folder with ``lesson.py`` is a lesson, ``LESSON_FRAMEWORK.py`` in it an implementation, and
``learners/FRAMEWORK_learner.py`` a framework. The course's lessons stand below ``impls``, a user's own in folders that
``LESSONBENCH_LESSONS`` names. No framework is imported to learn this.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import impls
from impls.spec import Framework, FunctionLesson, Lesson, NetLesson

ROOT = Path(impls.__path__[0])
COURSE = ("lines", "classifiers", "convolution", "recurrence", "tensors", "craft")  # an order, not a list of what is
OWN = "own"  # the chapter of a user's lessons
OWN_FOLDERS = "LESSONBENCH_LESSONS"  # an environment variable, so that children know them as well
T = TypeVar("T")
REFERENCE = "numpy"  # comes first among the frameworks


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

    def load(self, framework: str) -> ModuleType:
        """That file as a module."""
        return load_module(self.implementation(framework))


def load_module(path: Path) -> ModuleType:
    """A lesson's file: one below ``impls`` as part of the package, one of a user's own by its place."""
    if path.is_relative_to(ROOT):
        return importlib.import_module(".".join(["impls", *path.relative_to(ROOT).with_suffix("").parts]))
    name = f"own_{path.parent.name}_{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec
        assert spec.loader
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        sys.path.append(str(path.parent))  # for what stands beside it; last, so that it hides no package
        spec.loader.exec_module(module)
    return sys.modules[name]


def use_own(folders: Iterable[Path]) -> None:
    """Add a user's lessons, here and in children: folders with ``lesson.py`` in them, or in folders right below.

    Raises:
        UsageError: there is no lesson in one of them, or one has a name that is taken.
    """
    known = [name for name, lesson in lessons().items() if lesson.chapter != OWN]
    places = [path.resolve() for path in folders]
    for path in places:
        if not _own(path):
            raise UsageError(f"{path} holds no lesson: name a folder with lesson.py in it, or 'lessonbench new' one.")
    os.environ[OWN_FOLDERS] = os.pathsep.join(map(str, places))
    lessons.cache_clear()
    load_lesson.cache_clear()
    names = [file.parent.name for path in places for file in _own(path)]
    for name in names:
        if name in known or names.count(name) > 1:
            raise UsageError(f"lesson {name!r} is there already: give the folder another name, and its files with it.")


def own_folders() -> list[str]:
    """Where a user's own lessons stand."""
    return [folder for folder in os.environ.get(OWN_FOLDERS, "").split(os.pathsep) if folder]


def _own(folder: Path) -> list[Path]:
    """The ``lesson.py`` of a folder, or those of the folders in it."""
    return [folder / "lesson.py"] if (folder / "lesson.py").is_file() else sorted(folder.glob("*/lesson.py"))


def _files() -> Iterator[tuple[str, Path]]:
    """Chapter and ``lesson.py`` of every lesson."""
    for path in ROOT.glob("*/*/lesson.py"):
        yield path.parent.parent.name, path
    for folder in own_folders():
        for path in _own(Path(folder)):
            yield OWN, path


@cache
def lessons() -> dict[str, LessonFolder]:
    """Every lesson by name, in the order of the course and within a chapter by name."""
    found = []
    for chapter, path in _files():
        folder = path.parent
        found.append(LessonFolder(folder.name, chapter, folder))
        found += [LessonFolder(f"{folder.name}-{word}", chapter, folder, word) for word in _variants(path)]
    known = {chapter: place for place, chapter in enumerate(COURSE)}
    found.sort(key=lambda lesson: (known.get(lesson.chapter, len(COURSE)), lesson.chapter, lesson.name))
    return {lesson.name: lesson for lesson in found}


def _variants(path: Path) -> list[str]:
    """The keys of ``VARIANTS = {...}`` in a lesson's source, without running it."""
    try:
        source = ast.parse(path.read_text(encoding="utf-8"), path)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no Python: {error}.") from error
    for node in source.body:
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
        module = load_module(path)
        lesson: Lesson = module.VARIANTS[found.variant] if found.variant else module.LESSON
        if not isinstance(lesson, NetLesson | FunctionLesson):
            raise TypeError(f"{lesson!r} is no lesson; NetLesson(...) or FunctionLesson(...) makes one")
    except (Exception, SystemExit) as error:  # whatever somebody's file raises
        raise UsageError(f"{path} has a fault: {type(error).__name__}: {error}.") from error
    return lesson


@cache
def frameworks() -> dict[str, Framework]:
    """Every framework by name, as its learner's file describes it; the reference comes first."""
    files = sorted(ROOT.glob("learners/*_learner.py"), key=lambda p: (not p.name.startswith(REFERENCE), p.name))
    return {
        path.name.removesuffix("_learner.py"): stated(path, "FRAMEWORK", Framework, "impls/spec.py") for path in files
    }


def stated(path: Path, name: str, kind: type[T], where: str) -> T:
    """Read ``NAME = KIND(...)`` from a file without running it.

    Args:
        path: of the file.
        name: of the variable.
        kind: what is called.
        where: is said what it states, for the sentence.

    Raises:
        UsageError: there is none.
    """
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=ast.Call(keywords=keywords)) if found == name:
                return kind(**{str(k.arg): ast.literal_eval(k.value) for k in keywords})
    raise UsageError(f"{path} has no {name} = {kind.__name__}(...) of literals; see {where} for what it states.")


def reference_of(lesson: str) -> str:
    """The framework that a lesson's others are held against: NumPy, or the first that the lesson has."""
    return next((name for name in frameworks() if not absence(lesson, name)), REFERENCE)


def default_mode(framework: str) -> str:
    """The mode that runs unless another is asked for: the first whose packages are installed here, if there is one."""
    modes = list(frameworks()[framework].modes)
    return next((mode for mode in modes if not missing_packages(framework, mode)), modes[0])


def packages(framework: str, mode: str | None = None) -> list[str]:
    """What a framework needs in a mode, or else in its default mode."""
    found = frameworks()[framework]
    return [*found.packages, *found.mode_packages.get(mode or default_mode(framework), ())]


def missing_packages(framework: str, mode: str | None = None) -> list[str]:
    """Those of them that are not installed here."""
    return [name for name in packages(framework, mode) if importlib.util.find_spec(name) is None]


def absence(lesson: str, framework: str, mode: str | None = None) -> str:
    """Why this lesson cannot run in this framework and mode, as a sentence; empty if it can."""
    path = lessons()[lesson].implementation(framework)
    if not path.exists():
        return f"there is no file {path.name}"
    if missing := missing_packages(framework, mode):
        owners = [name for name, other in frameworks().items() if set(other.packages) & set(missing)]
        extras = dict.fromkeys([framework, *owners])
        return f"not installed: {', '.join(missing)} (pip install 'lessonbench[{','.join(extras)}]')"
    return ""


def choose(what: str, asked: Sequence[str], known: Iterable[str]) -> list[str]:
    """The known names that were asked for, in the known order; all of them if none was.

    Raises:
        UsageError: a name is unknown; the sentence offers the nearest.
    """
    known = list(known)
    for name in asked:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}."
            raise UsageError(f"unknown {what} {name!r}: {hint}")
    return [name for name in known if not asked or name in asked]
