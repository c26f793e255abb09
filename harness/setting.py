"""Where a command writes, what its children may use, and what it goes on with: the same for all that launch cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.catalogue import UsageError
from harness.child import Limits
from harness.folder import RunFolder, begin, claimed, finish, scratch
from harness.jobs import Launcher, Progress
from harness.plan import Cell, Options, configured
from harness.record import Row
from impls import files
from impls.data import DataError
from impls.spec import NetLesson


@dataclass(frozen=True)
class Begun:
    """A run that has begun, its folder held by this process alone.

    Args:
        launcher: of its children, whose records outlive an interruption.
        about: the content of ``run.json``.
    """

    launcher: Launcher
    about: Row

    @property
    def folder(self) -> RunFolder:
        """The run's."""
        return self.launcher.folder

    def finish(self, counts: dict[str, int], versions: dict[str, str], *, whole: bool) -> None:
        """Complete ``run.json``: how many cells have each status, versions of packages, whether it was interrupted."""
        finish(self.folder, self.about, counts, versions, whole=whole)


@dataclass(frozen=True)
class Setting:
    """What a command that launches cells is told beside which ones.

    Args:
        path: the folder for the tables; made if it is not there.
        limits: of each child.
        progress: is told of each child.
        data_folder: where the user keeps the official data files.
        resume: go on with what is unfinished in the folder.
        overwrite: replace what is in the folder.
    """

    path: Path
    limits: Limits
    progress: Progress
    data_folder: Path | None = None
    resume: bool = False
    overwrite: bool = False

    @contextmanager
    def begun(self, options: Options, cells: Sequence[Cell]) -> Iterator[Begun]:
        """A run of these cells, at least one, which can be gone on with.

        Raises:
            UsageError: the folder or the data are not fit for it; nothing was measured.
        """
        located = locate_data(cells, self.data_folder)
        with claimed(self.path) as folder:
            how = {"resume": self.resume, "overwrite": self.overwrite}
            about = begin(folder, options, cells, located, self.limits, **how)
            yield Begun(Launcher(folder, self.limits, located, self.progress, options.samples), about)

    @contextmanager
    def aside(self, cells: Sequence[Cell]) -> Iterator[tuple[Launcher, ExitStack]]:
        """What launches children whose records are thrown away, and the stack that does so: ``pop_all`` keeps them.

        Raises:
            UsageError: the data are not fit for it.
        """
        with ExitStack() as leaving:
            yield Launcher(scratch(leaving), self.limits, locate_data(cells, self.data_folder), self.progress), leaving


def locate_data(cells: Sequence[Cell], folder: Path | None) -> dict[str, files.Located]:
    """Find and verify the files that the cells need, before any child starts.

    Raises:
        UsageError: files are missing or damaged, or a folder is named that the profile does not look into.
    """
    if folder and cells[0].profile == "quick":
        raise UsageError("--data has the official files, which --profile full takes; quick has a sample of its own.")
    lessons = [configured(cell) for cell in cells]
    sources = {lesson.data.source for lesson in lessons if isinstance(lesson, NetLesson)}
    try:
        return {source: files.locate(source, cells[0].profile, folder) for source in sorted(s for s in sources if s)}
    except DataError as error:
        raise UsageError(str(error)) from error
