"""Progress of a run on the standard error stream: a bar with the time left, or lines where nobody watches."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from harness.child import Child, Ending


class Bars:
    """A bar for the children of a run; a line for each that did not end well."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._progress.add_task("planning", total=None)
        self._running: dict[str, None] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def planned(self, children: int) -> None:
        """So many pieces of work there will be in all."""
        self._progress.update(self._task, total=children)

    def more(self, children: int) -> None:
        """So many beyond what was planned."""
        self._progress.update(self._task, total=(self._progress.tasks[0].total or 0) + children)

    def started(self, child: Child) -> None:
        """Name what runs."""
        self._running[child.name] = None
        self._describe()

    def ended(self, child: Child, ending: Ending) -> None:
        """Move the bar; say what went wrong."""
        self._running.pop(child.name, None)
        self._describe()
        self._progress.advance(self._task)
        if ending.status != "ok" or not sys.stderr.isatty():
            self._console.print(f"{child.name}: {ending.status} {ending.reason}", markup=False, highlight=False)

    def left(self, child: Child) -> None:
        """A shared child runs no longer."""
        self._running.pop(child.name, None)
        self._describe()

    def _describe(self) -> None:
        self._progress.update(self._task, description=", ".join(self._running) or "waiting")
