"""What the functions of a lesson do, as their source has it: calls with their full names, comments, helpers."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from textwrap import dedent

from harness.catalogue import lessons

CUSTOMARY = ("np", "jnp", "tf")  # abbreviations that every reader of these frameworks knows


@dataclass(frozen=True)
class Excerpt:
    """One function of an implementation.

    Args:
        call: what it returns, of a function that is one ``return``; else all lines of its body.
        comments: what its author says of it above it, in its first line or before it returns.
        helpers: the source of what else of the file it names, and of what that names.
    """

    call: str
    comments: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()


@cache
def excerpts(lesson: str, framework: str) -> dict[str, Excerpt]:
    """Each public function of an implementation by name; empty if there is no such file."""
    path = lessons()[lesson].implementation(framework)
    return _excerpts(path.read_text(encoding="utf-8")) if path.exists() else {}


def _excerpts(source: str) -> dict[str, Excerpt]:
    source = _spelled(source)
    statements, lines = ast.parse(source).body, source.splitlines()
    notes = _comments(source)
    functions = [node for node in statements if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    return {node.name: _excerpt(node, statements, lines, notes) for node in functions}


def _excerpt(
    node: ast.FunctionDef, statements: Sequence[ast.stmt], lines: Sequence[str], notes: dict[int, str]
) -> Excerpt:
    first = node.lineno
    while first > 1 and lines[first - 2].startswith("#"):
        first -= 1
    start, end = node.body[0].lineno, _end(node)
    match node.body:
        case [ast.Return(value=ast.expr() as value)]:
            call = ast.get_source_segment("\n".join(lines), value) or ""
            told = range(first, end + 1)
        case _:
            call, told = dedent("\n".join(lines[start - 1 : end])), range(first, start)
    helpers = tuple("\n".join(lines[_start(each) - 1 : _end(each)]) for each in _helpers(node, statements))
    return Excerpt(call, tuple(notes[line] for line in told if line in notes), helpers)


def _helpers(node: ast.stmt, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Definitions of the same file that a statement needs, in the file's order, and what is said of them there."""
    needed: list[ast.stmt] = []
    waiting = [node]
    while waiting:
        nodes = list(ast.walk(waiting.pop()))
        names = {each.id for each in nodes if isinstance(each, ast.Name)}
        names -= {each.arg for each in nodes if isinstance(each, ast.arg)}
        for other in statements:
            if other is not node and other not in needed and names & set(_defined(other)):
                needed.append(other)
                waiting.append(other)
    return [statement for statement in statements if statement in needed]


def _defined(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement of a file defines, or adds to: ``f.defvjp(…)`` belongs to ``f``."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            yield name


def _start(node: ast.stmt) -> int:
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    return min([node.lineno, *(each.lineno for each in decorators)])


def _end(node: ast.stmt) -> int:
    assert node.end_lineno  # as of everything that is parsed
    return node.end_lineno


def _comments(source: str) -> dict[int, str]:
    """Comments by their line, without those that are for tools."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    found = {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
    return {line: text for line, text in found.items() if not text.startswith("# noqa")}


def _spelled(source: str) -> str:
    """The source with names that an import has shortened written out, but the customary ones."""
    tree = ast.parse(source)
    full: dict[str, str] = {}
    for node in tree.body:
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                full |= {each.asname or each.name: f"{module}.{each.name}" for each in names}
            case ast.Import(names=names):
                full |= {each.asname: each.name for each in names if each.asname and each.asname not in CUSTOMARY}
    lines = [line.encode() for line in source.splitlines(keepends=True)]  # columns are counted in bytes
    short = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in full]
    for name in sorted(short, key=lambda name: (name.lineno, name.col_offset), reverse=True):
        line = lines[name.lineno - 1]
        lines[name.lineno - 1] = line[: name.col_offset] + full[name.id].encode() + line[name.end_col_offset :]
    return b"".join(lines).decode()
