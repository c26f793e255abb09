"""Faults in single functions of operations: an edit of one place in one framework's file, as a slip of the hand.

``mutants`` gives every edit of a function's source: a number is one more, an argument by name is left out, two
arguments change places, an operator or a truth value is turned round. Run as a program, this plants each and says
which of them no check sees: ``PYTHONPATH=.:tests python tests/operation_faults.py [LESSON …]``.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Iterator

from harness.catalogue import lessons

OPPOSITE = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Lt: ast.GtE, ast.Gt: ast.LtE}
OPPOSITE |= {ast.LtE: ast.Gt, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.USub: ast.UAdd}


def source_of(lesson: str, framework: str) -> ast.Module:
    """An implementation's syntax tree."""
    return ast.parse(lessons()[lesson].implementation(framework).read_text(encoding="utf-8"))


def mutants(module: ast.Module, function: str) -> Iterator[tuple[str, ast.Module]]:
    """Each edit of one function: what it is, and the module with it."""
    body = next(node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == function)
    places = list(ast.walk(body))
    for place in range(len(places)):
        for number in range(_edits(places[place])):
            edited = copy.deepcopy(module)
            mine = next(node for node in edited.body if isinstance(node, ast.FunctionDef) and node.name == function)
            node = list(ast.walk(mine))[place]
            before = ast.unparse(node)
            _edit(node, number)
            after = ast.unparse(node)
            if before != after:
                yield f"{before} → {after}", ast.fix_missing_locations(edited)


def _edits(node: ast.AST) -> int:
    match node:
        case ast.Call():
            return len(node.keywords) + max(len(node.args) - 1, 0)
        case ast.Constant(value=bool() | int() | float()):
            return 1
        case ast.BinOp() | ast.UnaryOp() | ast.Compare():
            return 1
    return 0


def _edit(node: ast.AST, number: int) -> None:
    match node:
        case ast.Call():
            if number < len(node.keywords):
                del node.keywords[number]
            else:
                place = number - len(node.keywords)
                node.args[place], node.args[place + 1] = node.args[place + 1], node.args[place]
        case ast.Constant(value=bool()):
            node.value = not node.value
        case ast.Constant():
            node.value += 1
        case ast.BinOp() | ast.UnaryOp():
            node.op = OPPOSITE.get(type(node.op), type(node.op))()
        case ast.Compare():
            node.ops[0] = OPPOSITE.get(type(node.ops[0]), type(node.ops[0]))()


def survivors(lesson: str, framework: str) -> Iterator[str]:
    """The edits of a file that no check of ``test_operations`` and no gate sees."""
    import test_operations

    source = source_of(lesson, framework)
    for operation in test_operations.load_lesson(lesson).operations:
        for what, edited in mutants(source, operation):
            if not test_operations.is_caught(lesson, operation, framework, edited, at_edges=True):
                yield f"{operation}: {what}"


if __name__ == "__main__":
    import test_operations

    for name in sys.argv[1:] or test_operations.LESSONS:
        for framework in test_operations.frameworks():
            for survivor in survivors(name, framework):
                print(f"{name} {framework} {survivor}", flush=True)
