"""A run's folder: where everything stands in it, who may write into it, and what it already holds."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from harness import machine
from harness.catalogue import UsageError, own_folders
from harness.child import Limits
from harness.plan import Cell, Options
from harness.record import Row, plain, read_arrays, read_json, write_json
from impls.files import Located

FORMAT = 1


@dataclass(frozen=True)
class RunFolder:
    """The places in a run's folder."""

    path: Path

    @property
    def about(self) -> Path:
        """What the run was made with, and on."""
        return self.path / "run.json"

    @property
    def work(self) -> Path:
        """Records, arrays, requests and logs, while they are needed."""
        return self.path / "work"

    @property
    def models(self) -> Path:
        """The exported models."""
        return self.path / "onnx"

    def record(self, cell: Cell, job: str) -> Path:
        """The record of one job of a cell; arrays stand beside it."""
        return self.work / cell.name / f"{job}.json"

    def onnx(self, cell: Cell) -> Path:
        """The cell's exported model."""
        return self.models / f"{cell.name}.onnx"

    def picture(self, lesson: str) -> Path:
        """What is drawn of a lesson."""
        return self.path / "pictures" / f"{lesson}.png"

    def read(self, cell: Cell, job: str) -> Row:
        """The record of one job of a cell; empty if there is none."""
        path = self.record(cell, job)
        return read_json(path) if path.exists() else {}


def new_path() -> Path:
    """Where a run goes unless it is told: a folder named after the time."""
    return Path("results", "runs", datetime.now().strftime("%Y-%m-%dT%H-%M-%S"))


@contextmanager
def claimed(path: Path) -> Iterator[RunFolder]:
    """Hold a run folder, made if need be, for this process alone.

    Raises:
        UsageError: it cannot be written, or another run is writing into it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(bytes(4096))
    except OSError as error:
        raise UsageError(f"cannot write into {path}: {error.strerror}; name another folder with --out.") from error
    lock = FileLock(path / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UsageError(f"another run is writing into {path}; wait for it or name another folder.") from error
    try:
        yield RunFolder(path)
    finally:
        (path / ".lock").unlink(missing_ok=True)  # while it is held: it may be another run's a moment later
        lock.release()


def scratch(leaving: ExitStack) -> RunFolder:
    """A new place for the records of what is no run, which this stack removes; after its ``pop_all`` it stays."""
    path = Path(tempfile.mkdtemp(prefix="lessonbench-"))
    leaving.callback(shutil.rmtree, path)
    return RunFolder(path)


def begin(
    folder: RunFolder,
    options: Options,
    cells: Sequence[Cell],
    located: dict[str, Located],
    limits: Limits,
    *,
    resume: bool,
    overwrite: bool,
) -> Row:
    """Look at what the folder already holds, and write run.json.

    Returns:
        The content of run.json.

    Raises:
        UsageError: it holds a run and the user has not said what to do with it, or it cannot be gone on with.
    """
    about: Row = {
        "format": FORMAT,
        "version": machine.package_version("lessonbench"),
        "commit": machine.commit(),
        "options": asdict(options),
        "own_lessons": own_folders(),
        "machine": machine.facts(),
        "data": {name: {"origin": found.origin, "sha256": found.sha256} for name, found in located.items()},
        "limits": asdict(limits),
        "cells": [cell.name for cell in cells],
    }
    if folder.about.exists() and overwrite:
        for place in (folder.work, folder.models, folder.path / "pictures"):
            shutil.rmtree(place, ignore_errors=True)
    elif folder.about.exists():
        _look_back(folder, about, resume=resume)
        _forget_damaged(folder)
    elif folder.work.exists():
        raise UsageError(f"{folder.work} is there but no run.json: it is not a run's; name another folder with --out.")
    about |= {"started": datetime.now(UTC).isoformat(timespec="seconds"), "state": "running"}
    write_json(folder.about, about)
    return about


def _look_back(folder: RunFolder, about: Row, *, resume: bool) -> None:
    try:
        before = read_json(folder.about)
        started = before["started"]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder.about} cannot be read; use --overwrite or another folder with --out.") from error
    if not resume:
        raise UsageError(
            f"{folder.path} already holds a run of {started}: go on with it (--resume), replace it "
            "(--overwrite), or name another folder with --out."
        )
    if not folder.work.exists():
        raise UsageError(f"the run in {folder.path} is complete: there is nothing to go on with.")
    for key in ("format", "version", "commit", "options", "own_lessons", "machine"):
        if before.get(key) != plain(about[key]):
            raise UsageError(f"--resume: the run in {folder.path} was begun with another {key}; use --overwrite.")


def _forget_damaged(folder: RunFolder) -> None:
    """Remove records that cannot be read, as a crash of the machine may leave them: they are measured again."""
    for record in folder.work.rglob("*.json"):
        arrays = record.with_suffix(".npz")
        try:
            readable = isinstance(read_json(record), dict)
            if arrays.exists():
                read_arrays(arrays)
        except Exception:  # of the dozen kinds that NumPy and zipfile raise
            readable = False
        if not readable:
            record.unlink()
            arrays.unlink(missing_ok=True)


def finish(folder: RunFolder, about: Row, counts: dict[str, int], versions: dict[str, str], *, whole: bool) -> None:
    """Complete run.json; throw away what is only needed to go on with a run, if all of it went well."""
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    state = "finished" if whole else "interrupted"
    write_json(folder.about, {**about, "ended": ended, "state": state, "status": counts, "versions": versions})
    if set(counts) == {"ok"}:
        shutil.rmtree(folder.work)
