"""Options that several commands share. As light to import as the command itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from harness.catalogue import UsageError, use_own

if TYPE_CHECKING:
    from harness.child import Limits
    from harness.setting import Setting

WIDTH = 170  # of a table where no terminal says how wide it is

Command = TypeVar("Command", bound=Callable[..., Any])


def _use_own(_: click.Context, __: click.Parameter, folders: Sequence[Path]) -> None:
    if folders:
        use_own(folders)


Group = tuple[Callable[[Any], Any], ...]
FILTERS: Group = (
    click.option(
        "--lessons",
        type=click.Path(path_type=Path),
        multiple=True,
        callback=_use_own,
        expose_value=False,
        is_eager=True,
        help="A folder with lessons of your own, beside the course's (may be repeated).",
    ),
    click.option("--chapter", multiple=True, help="Only this chapter of the course (may be repeated)."),
    click.option("--lesson", multiple=True, help="Only this lesson (may be repeated)."),
    click.option("--framework", multiple=True, help="Only this framework (may be repeated)."),
    click.option("--mode", multiple=True, help="This mode instead of each framework's first; 'all' for every one."),
)
PROFILE: Group = (
    click.option("--profile", default="quick", help="quick: the embedded sample. full: the official data sets."),
)
SEED: Group = (click.option("--seed", type=int, help="Of weights and order; the lesson's own unless given."),)
SEEDS: Group = (
    click.option("--seed", multiple=True, type=int, help="Of weights and order; the lesson's own unless given."),
)
MATRIX: Group = (
    click.option("--device", multiple=True, default=("cpu",), help="cpu or gpu (may be repeated)."),
    click.option("--dtype", multiple=True, default=("float32",), help="float32, float64, bfloat16 (may be repeated)."),
    click.option("--threads", multiple=True, type=int, help="Threads of the timed part; all cores unless given."),
    *SEEDS,
    *PROFILE,
    click.option("--samples", type=int, help="Of each timing, however long they take; by the profile unless given."),
    click.option("--learning-rate", type=float, help="Instead of the lesson's; no target is then set."),
)
DATA: Group = (
    click.option("--data", "data_folder", type=click.Path(path_type=Path), help="Folder with the official data files."),
)
WHERE: Group = (
    click.option("--out", type=click.Path(path_type=Path), help="Folder for the tables [results/runs/TIME]."),
    *DATA,
)
GO_ON: Group = (
    click.option("--resume", is_flag=True, help="Go on with what is unfinished in --out."),
    click.option("--overwrite", is_flag=True, help="Replace what is in --out."),
)


@dataclass(frozen=True)
class Place:
    """Where a command was told to write, and what it may find there and elsewhere."""

    out: Path | None
    data_folder: Path | None
    resume: bool = False
    overwrite: bool = False

    @contextmanager
    def setting(self, profile: str, limits: Limits | None = None) -> Iterator[Setting]:
        """What launches cells, with bars on the screen meanwhile; the usual limits of the profile unless given.

        Raises:
            UsageError: there is nothing to go on with, or something cannot be written.
        """
        from harness.folder import new_path
        from harness.jobs import usual_limits
        from harness.progress import Bars
        from harness.setting import Setting

        if self.resume and self.out is None:
            raise UsageError("--resume goes on with what is in a folder: name it with --out.")
        path = self.out or new_path()
        with writing(path), Bars() as bars:
            limits = limits or usual_limits(profile)
            yield Setting(path, limits, bars, self.data_folder, self.resume, self.overwrite)


def placed(command: Command) -> Command:
    """Hand a command that has the options ``WHERE``, and it may be ``GO_ON``, what they say as its ``place``."""

    @wraps(command)
    def told(*, out: Path | None, data_folder: Path | None, **others: Any) -> Any:
        going_on = {name: others.pop(name) for name in ("resume", "overwrite") if name in others}
        return command(place=Place(out, data_folder, **going_on), **others)

    return cast(Command, told)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Say in one sentence that something cannot be written, and where what was measured before is kept.

    Raises:
        UsageError: it cannot.
    """
    try:
        yield
    except OSError as error:
        kept = f"; what was kept is in {place}" if (place / "work").is_dir() else ""
        raise UsageError(f"cannot write {error.filename or place}: {error.strerror}{kept}.") from error


def options(*groups: Group) -> Callable[[Command], Command]:
    """Give a command the options of these groups."""

    def decorate(command: Command) -> Command:
        for group in reversed(groups):
            for option in reversed(group):
                command = option(command)
        return command

    return decorate


def screen() -> Any:
    """The console that tables are printed on, as wide as the terminal."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDTH)
