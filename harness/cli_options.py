"""Options that several commands share. As light to import as the command itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from harness.catalogue import UsageError, use_own

WIDTH = 170  # of a table where no terminal says how wide it is

Command = TypeVar("Command", bound=Callable[..., Any])


def _use_own(_: click.Context, __: click.Parameter, folders: Sequence[Path]) -> None:
    if folders:
        use_own(folders)


FILTERS: tuple[Callable[[Any], Any], ...] = (
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
MATRIX: tuple[Callable[[Any], Any], ...] = (
    click.option("--device", multiple=True, default=("cpu",), help="cpu or gpu (may be repeated)."),
    click.option("--dtype", multiple=True, default=("float32",), help="float32 or float64 (may be repeated)."),
    click.option("--threads", multiple=True, type=int, help="Threads of the timed part; all cores unless given."),
    click.option("--seed", multiple=True, type=int, help="Of weights and order; the lesson's own unless given."),
    click.option("--profile", default="quick", help="quick: the embedded sample. full: the official data sets."),
    click.option("--samples", type=int, help="Of each timing, however long they take; by the profile unless given."),
    click.option("--learning-rate", type=float, help="Instead of the lesson's; no target is then set."),
)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Say in one sentence that something cannot be written.

    Raises:
        UsageError: it cannot.
    """
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {error.filename or place}: {error.strerror}.") from error


def options(*groups: tuple[Callable[[Any], Any], ...]) -> Callable[[Command], Command]:
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
