"""What is kept of each job: a record and a file of arrays, every file written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np

from impls.spec import Array

Row = dict[str, Any]
Status = Literal[
    "ok",
    "missed",
    "unequal",
    "unchecked",
    "diverged",
    "missing",
    "failed",
    "crashed",
    "timeout",
    "out_of_memory",
    "interrupted",
    "refused",
]
Verdict = Literal["pass", "deviates", "fail", "unchecked", "reported"]
Quantity = Literal["train", "predict"]
QUANTITIES: tuple[Quantity, ...] = ("train", "predict")
"""What is timed."""
Clock = Literal["wall", "cpu"]
CLOCKS: tuple[Clock, ...] = ("wall", "cpu")
"""By which: that on the wall, or that of the processor, which adds up all threads."""


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let ``write`` fill a temporary file and give it its name only when it is complete and on the disk.

    Raises:
        OSError: the folder cannot be written or is full; what stood at ``path`` before is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as JSON, numbers that JSON cannot hold (NaN, infinity) as strings."""
    text = json.dumps(plain(content), indent=1, allow_nan=False) + "\n"
    write_whole(path, lambda file: file.write(text.encode()))


def plain(value: Any) -> Any:
    """A value as it comes back from a JSON file; NaN and infinity, which JSON lacks, as words."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def printable(text: str) -> str:
    """A text with what no screen shows, such as control characters and ends of lines, written as Python would."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write named arrays as an uncompressed .npz file."""
    write_whole(path, lambda file: np.savez(file, allow_pickle=False, **arrays))


def read_arrays(path: Path) -> dict[str, Array]:
    """Read what ``write_arrays`` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def digest(arrays: Mapping[str, Array]) -> str:
    """The SHA-256 of named arrays: of each, in the order of the names, its name, shape and C-ordered bytes."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        found.update(f"{name} {arrays[name].dtype} {arrays[name].shape} ".encode())
        found.update(np.ascontiguousarray(arrays[name]).tobytes())
    return found.hexdigest()


def read_json(path: Path) -> Row:
    """Read what ``write_json`` wrote."""
    content: Row = json.loads(path.read_text(encoding="utf-8"))
    return content
