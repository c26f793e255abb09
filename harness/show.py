"""What can be looked at without running anything: a lesson with its implementations, and the state of this machine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from harness import machine
from harness.plan import choose, frameworks, lessons, load_lesson, missing_packages
from harness.record import Row
from impls import files
from impls.spec import NetLesson

SIDE_BY_SIDE = 60  # columns that an implementation needs


def show_lesson(screen: Console, name: str, asked: Sequence[str]) -> None:
    """Print a lesson's numbers, then its implementations.

    Raises:
        UsageError: there is no such lesson or framework.
    """
    (name,) = choose("lesson", [name], lessons())
    shown = choose("framework", asked, frameworks())
    screen.print(_numbers(name))
    panels = [_implementation(name, framework) for framework in shown]
    across = max(1, min(len(panels), screen.width // SIDE_BY_SIDE))
    for at in range(0, len(panels), across):
        row = Table.grid(expand=True)
        for _ in panels[at : at + across]:
            row.add_column(ratio=1)
        row.add_row(*panels[at : at + across])
        screen.print(row)


def _numbers(name: str) -> Table:
    lesson, found = load_lesson(name), lessons()[name]
    table = Table(title=f"{lesson.title} ({found.chapter}/{name})", show_header=False, title_justify="left")
    for field in fields(lesson):
        value = getattr(lesson, field.name)
        if field.name == "parameters":
            for parameter in value:
                table.add_row(parameter.name, f"{parameter.shape}  {parameter.initial}")
        elif field.name not in ("title", "tolerances"):
            table.add_row(field.name, str(value))
    if isinstance(lesson, NetLesson):
        count = sum(math.prod(parameter.shape) for parameter in lesson.parameters)
        table.add_row("parameters in all", f"{count:,}")
    return table


def _implementation(name: str, framework: str) -> Panel:
    path = lessons()[name].implementation(framework)
    source: RenderableType = "missing"
    if path.exists():
        source = Syntax(path.read_text(encoding="utf-8"), "python", background_color="default", word_wrap=True)
    return Panel(source, title=path.name, title_align="left")


def findings() -> dict[str, Any]:
    """The machine, what of each framework is missing, the version of each package, and the data."""
    return {
        "machine": machine.facts(),
        "frameworks": [
            {"framework": name, "missing": missing_packages(name), "versions": _versions(framework.packages)}
            for name, framework in frameworks().items()
        ],
        "data": files.status(),
    }


def _versions(packages: Iterable[str]) -> Row:
    distributions = {"tensorflow": ("tensorflow", "tensorflow-cpu")}
    found = {p: map(machine.package_version, distributions.get(p, (p,))) for p in packages}
    return {package: next(filter(None, versions), "") for package, versions in found.items()}


def doctor_tables(found: dict[str, Any]) -> list[Table]:
    """The findings for the screen."""
    about = Table(title="Machine", show_header=False, title_justify="left")
    for name, value in found["machine"].items():
        about.add_row(name, ", ".join(value) if isinstance(value, list) else str(value))
    installed = Table("framework", "state", "versions", title="Frameworks", title_justify="left")
    for row in found["frameworks"]:
        state = f"missing {', '.join(row['missing'])}" if row["missing"] else "ready"
        versions = ", ".join(f"{name} {version}" for name, version in row["versions"].items() if version)
        installed.add_row(row["framework"], state, versions)
    kept = Table("data set", "profile", "state", "where", title="Data", title_justify="left")
    for row in found["data"]:
        kept.add_row(row.source, row.size, row.state, row.where)
    return [about, installed, kept]
