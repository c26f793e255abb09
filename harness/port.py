"""A lesson of a user's own, begun as a copy of one of the course's. ``lessonbench new``."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from harness.catalogue import OWN, UsageError, choose, lessons
from harness.gates import deviations


def own() -> list[str]:
    """The names of the user's own lessons."""
    return [name for name, lesson in lessons().items() if lesson.chapter == OWN]


def new_folder(folder: Path, like: str) -> list[Path]:
    """Begin a lesson as a copy of one of the course's, under the folder's name.

    Raises:
        UsageError: the name is no lesson's, the folder is there, or cannot be written.
    """
    name = folder.resolve().name
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(f"{name!r} cannot be a lesson's name: small letters, digits and _ make one, a letter first.")
    if name in lessons():
        raise UsageError(f"lesson {name!r} is there already: give the folder another name.")
    (template,) = choose("lesson", [like], lessons())
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise UsageError(f"{folder} is there already: name a folder that is not.") from error
    except OSError as error:
        raise UsageError(f"cannot make {folder}: {error.strerror}; name another folder.") from error
    lesson = lessons()[template]
    made = []
    for file in sorted(lesson.folder.glob("[!_]*.py")):
        path = folder / file.name.replace(f"{lesson.folder.name}_", f"{name}_", 1)
        shutil.copyfile(file, path)
        made.append(path)
    with (folder / "lesson.py").open("a", encoding="utf-8") as numbers:
        numbers.write(deviations.for_copy(template))
    return made
