"""What can be looked at without running anything: a lesson with its implementations, and the state of this machine."""

from __future__ import annotations

import ast
import io
import math
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from harness import machine
from harness.catalogue import UsageError, choose, frameworks, lessons, load_lesson, missing_packages, packages
from harness.record import Row
from harness.runtime import absent, runtimes
from impls import files
from impls.spec import Array, FunctionLesson, NetLesson

SIDE_BY_SIDE = 60  # columns that an implementation needs
COST = """Porting cost: the lines that are not the same when two files stand side by side as difflib aligns them,
without comments, docstrings and blank lines"""
ENDS = 4  # numbers of a long array that are shown at either end


def show_lesson(screen: Console, name: str, asked: Sequence[str]) -> None:
    """Print a lesson's numbers, its implementations, and how many of their lines differ.

    Raises:
        UsageError: there is no such lesson or framework, or a file cannot be read as Python.
    """
    (name,) = choose("lesson", [name], lessons())
    shown = choose("framework", asked, frameworks())
    costs = porting_costs(name, asked)
    screen.print(_numbers(name))
    panels = [_implementation(name, framework) for framework in shown]
    across = max(1, min(len(panels), screen.width // SIDE_BY_SIDE))
    for at in range(0, len(panels), across):
        row = Table.grid(expand=True)
        for _ in panels[at : at + across]:
            row.add_column(ratio=1)
        row.add_row(*panels[at : at + across])
        screen.print(row)
    if costs:
        table = Table("from", "to")
        for heading in ("lines that differ", "of", "share"):
            table.add_column(heading, justify="right")
        for cost in costs:
            differ, lines = cost["differ"], cost["lines"]
            table.add_row(cost["framework"], cost["other"], str(differ), str(lines), f"{differ / lines:.0%}")
        screen.print(COST, table, sep="\n", highlight=False)


def porting_costs(name: str, asked: Sequence[str]) -> list[Row]:
    """For each pair of implementations of a lesson: how many lines differ, of how many.

    The two files are laid side by side as ``difflib`` aligns them, without comments, docstrings and blank lines; each
    row in which they are not the same is a line that differs.

    Args:
        name: of the lesson.
        asked: frameworks; all of them if there is none.

    Raises:
        UsageError: there is no such lesson or framework, or a file cannot be read as Python.
    """
    (name,) = choose("lesson", [name], lessons())
    files_by_framework = {
        framework: path
        for framework in choose("framework", asked, frameworks())
        if (path := lessons()[name].implementation(framework)).exists()
    }
    code = {framework: _code(path) for framework, path in files_by_framework.items()}
    rows = []
    for one, other in combinations(code, 2):
        spans = SequenceMatcher(None, code[one], code[other], autojunk=False).get_opcodes()
        sizes = [(kind != "equal", max(i2 - i1, j2 - j1)) for kind, i1, i2, j1, j2 in spans]
        lines, differ = sum(size for _, size in sizes), sum(size for differs, size in sizes if differs)
        rows.append({"lesson": name, "framework": one, "other": other, "differ": differ, "lines": lines})
    return rows


def _code(path: Path) -> list[str]:
    """The lines of a file, without comments, docstrings and blank lines."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column]
        for node in ast.walk(ast.parse(source)):
            match node:
                case (
                    ast.Module(body=[ast.Expr(ast.Constant(str())) as text, *_])
                    | ast.ClassDef(body=[ast.Expr(ast.Constant(str())) as text, *_])
                    | ast.FunctionDef(body=[ast.Expr(ast.Constant(str())) as text, *_])
                ):
                    for row in range(text.lineno, (text.end_lineno or text.lineno) + 1):
                        lines[row - 1] = ""
    except (SyntaxError, tokenize.TokenError) as error:
        raise UsageError(f"{path} cannot be read as Python: {error}.") from error
    return [line.rstrip() for line in lines if line.strip()]


def _numbers(name: str) -> Table:
    lesson, found = load_lesson(name), lessons()[name]
    place = f"{found.chapter}/{found.folder.name}" + (f", variant {found.variant}" if found.variant else "")
    table = Table(title=f"{lesson.title} ({place})", show_header=False, title_justify="left")
    for words in _net_rows(lesson) if isinstance(lesson, NetLesson) else _function_rows(lesson):
        table.add_row(*words)
    return table


def _net_rows(lesson: NetLesson) -> Iterator[tuple[str, str]]:
    for field in fields(lesson):
        value = getattr(lesson, field.name)
        if field.name == "parameters":
            for parameter in value:
                yield parameter.name, f"{parameter.shape}  {parameter.initial}"
        elif field.name == "profiles":
            for profile, (epochs, target) in ((name, (p.epochs, p.target)) for name, p in value.items()):
                yield f"profile {profile}", f"{epochs} epochs, target {target:g}"
        elif isinstance(value, Mapping):
            for key, item in value.items():
                yield f"{field.name} {key}", str(item)
        elif field.name not in ("title", "tolerances"):
            yield field.name, str(value)
    yield "parameters in all", f"{sum(math.prod(parameter.shape) for parameter in lesson.parameters):,}"


def _function_rows(lesson: FunctionLesson) -> Iterator[tuple[str, str]]:
    inputs = lesson.inputs(lesson.seed)
    for name, array in inputs.items():
        yield f"input {name}", f"{array.shape}  {brief(array)}"
    for name, names in lesson.functions.items():
        operation = lesson.operations.get(name)
        given = [f"{argument}={value!r}" for argument, value in operation.arguments.items()] if operation else []
        does = f"  {operation.does}" if operation else ""
        yield "function", f"{name}({', '.join([*names, *given])}){does}"
    for name, answer in lesson.answers.items():
        known = np.asarray(answer(inputs))
        yield f"known answer of {name}", f"{known.shape}  {brief(known)}"
    for panel in lesson.picture:
        scale = ", logarithmic" if panel.logarithmic else ""
        axes = f": {panel.y_label} over {panel.x_label}{scale}" if panel.y_label else ""
        yield "picture", f"{panel.title}{axes}"
    yield "examples", f"{lesson.examples:,}"
    yield "target", f"{lesson.target:g}"
    yield "seed", str(lesson.seed)


def brief(array: Array) -> str:
    """The first and the last numbers of an array."""
    flat = np.ravel(array)
    if flat.size <= 2 * ENDS:
        return ", ".join(f"{number:.4g}" for number in flat)
    return f"{brief(flat[:ENDS])} … {brief(flat[-ENDS:])}"


def _implementation(name: str, framework: str) -> Panel:
    path = lessons()[name].implementation(framework)
    source: RenderableType = "missing"
    if path.exists():
        source = Syntax(path.read_text(encoding="utf-8"), "python", background_color="default", word_wrap=True)
    return Panel(source, title=path.name, title_align="left")


def findings() -> dict[str, Any]:
    """The machine, what of each framework is missing, the version of each package, the runtimes, and the data."""
    return {
        "machine": machine.facts(),
        "frameworks": [
            {"framework": name, "missing": missing_packages(name), "versions": _versions(packages(name))}
            for name in frameworks()
        ],
        "runtimes": [{"runtime": name, "missing": absent(name)} for name in runtimes()],
        "data": files.status(),
    }


def _versions(names: Iterable[str]) -> Row:
    distributions = {"tensorflow": ("tensorflow", "tensorflow-cpu")}
    found = {p: map(machine.package_version, distributions.get(p, (p,))) for p in names}
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
    exported = Table("runtime of ONNX", "state", title="Runtimes", title_justify="left")
    for row in found["runtimes"]:
        exported.add_row(row["runtime"], row["missing"] or "ready")
    kept = Table("data set", "profile", "state", "where", title="Data", title_justify="left")
    for row in found["data"]:
        kept.add_row(row.source, row.size, row.state, row.where)
    return [about, installed, exported, kept]
