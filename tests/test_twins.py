"""The implementations of a lesson are twins: a diff shows only what a framework forces.

Each file's syntax tree is held against that of NumPy's file.

*Nets.* The same classes in the same order, and in each the same methods (``forward``, ``call`` and ``__call__`` are
one; ``backward`` is NumPy's own) with the same arguments. JAX's ``rngs`` comes on top, and a block within a net may
leave out sizes that its framework infers. ``__init__`` sets the same attributes in the same order, of those that hold
parameters or plain values; in Net they are in the order of the lesson's parameters. Layers without parameters may
stand between them, since NumPy's backward passes need them. The forward pass takes the same steps in the same order.
A step is an assignment, a return, or the head of an ``if`` or of a loop that is not one over sub-modules; two steps
are the same if they assign the same names, call the same sub-modules and say the same shape, but for the order of its
axes. Each step that computes an array says its shape at its end: ``# (batch, …)``.

*Functions.* The same functions in the same order, the lesson's among them in the lesson's order, with the same
arguments; at the top level of each, the same names are assigned in the same order. How a loop is written is the
framework's.

*Forced detours.* A step, class or function that one of the two files lacks has a comment that names the framework
whose rule forces it: at its end (a class's or function's first line), or on lines of its own above it and what
follows without a gap. A function of a lesson of functions that has such a comment may do its work in its own way.
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from harness.catalogue import REFERENCE, frameworks, lessons, load_lesson
from impls.spec import FunctionLesson, Lesson, NetLesson

NAMES = {  # by which a comment names a framework
    "numpy": r"\bnumpy",
    "torch": r"torch",
    "keras": r"\bkeras|tensorflow",
    "jax": r"\b(jax|jax2onnx|flax|nnx|optax|xla)\b",
}
FORWARD = {"call": "forward", "__call__": "forward"}
OWN_METHODS = {"backward"}  # of NumPy
OWN_ARGUMENTS = {"self", "rngs"}
SHAPE = re.compile(r"# \(([^()]*)\)")
BUILT_IN = set(dir(builtins))


@dataclass(frozen=True)
class Step:
    """Something that a file does, as far as it is compared."""

    what: str
    modules: tuple[str, ...] = ()
    shape: tuple[str, ...] | None = None
    line: int = field(default=0, compare=False)
    detour: bool = field(default=False, compare=False)

    def is_as(self, other: Step) -> bool:
        shapes = {self.shape, other.shape} - {None}
        return (self.what, self.modules) == (other.what, other.modules) and len(shapes) < 2

    def __str__(self) -> str:
        words = [self.what, *self.modules, f"({', '.join(self.shape)})" if self.shape else ""]
        return f"line {self.line} ({' '.join(filter(None, words))})"


Definitions = list[tuple[Step, ast.AST]]


def first_difference(a: Sequence[Step], b: Sequence[Step]) -> str:
    """Where two files part, detours passed over; empty if they do not."""
    seen, ways = set(), [(0, 0)]
    while ways:
        i, j = way = ways.pop()
        if way in seen:
            continue
        seen.add(way)
        if i < len(a) and j < len(b) and a[i].is_as(b[j]):
            ways.append((i + 1, j + 1))
        ways += [(i + 1, j)] if i < len(a) and a[i].detour else []
        ways += [(i, j + 1)] if j < len(b) and b[j].detour else []
    if (len(a), len(b)) in seen:
        return ""
    i, j = max(seen, key=sum)
    ours, theirs = (str(steps[k]) if k < len(steps) else "the end" for steps, k in ((b, j), (a, i)))
    return f"{ours} is not as {theirs} of NumPy's"


class Source:
    """An implementation's text and syntax tree.

    Args:
        framework: whose it is.
        text: of the file.
        parts: names of the sub-modules that hold parameters.
    """

    def __init__(self, framework: str, text: str, parts: frozenset[str] = frozenset()) -> None:
        self.framework, self.parts = framework, parts
        self.lines = text.splitlines()
        self.body = ast.parse(text).body
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        self.comments = {t.start[0]: t.string for t in tokens if t.type == tokenize.COMMENT}
        self.name = re.compile(NAMES.get(framework, framework), re.IGNORECASE)

    def statements(self, body: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, bool]]:
        """Each statement, and whether a comment names the framework: at its end, or above it and those before it."""
        named_above = False
        for statement in body:
            line, above = statement.lineno - 1, []
            while self.lines[line - 1].lstrip().startswith("#"):
                above.append(self.comments[line])
                line -= 1
            if above or not self.lines[line - 1].strip():
                named_above = bool(self.name.search(" ".join(above)))
            is_block = hasattr(statement, "body")
            ends = (statement.lineno,) if is_block else range(statement.lineno, statement.end_lineno + 1)
            named = any(self.name.search(self.comments.get(line, "")) for line in ends)
            yield statement, named or named_above

    def definitions(self, body: Sequence[ast.stmt], kind: type) -> list[tuple[Step, ast.ClassDef | ast.FunctionDef]]:
        return [
            (Step(FORWARD.get(statement.name, statement.name), line=statement.lineno, detour=detour), statement)
            for statement, detour in self.statements(body)
            if isinstance(statement, kind)
        ]

    def attributes(self, body: Sequence[ast.stmt]) -> Iterator[Step]:
        """What ``__init__`` sets: sub-modules with parameters, and plain values."""
        for statement, detour in self.statements(body):
            if isinstance(statement, ast.Assign):
                (target,) = statement.targets
                pairs = [(target, statement.value)]
                if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
                    pairs = list(zip(target.elts, statement.value.elts, strict=True))
                for place, value in pairs:
                    plain = not any(isinstance(node, ast.Call) for node in ast.walk(value))
                    if isinstance(place, ast.Attribute) and (place.attr in self.parts or plain):
                        yield Step(place.attr, line=statement.lineno, detour=detour)
            for inner in ("body", "orelse"):
                yield from self.attributes(getattr(statement, inner, ()))

    def forward(self, body: Sequence[ast.stmt], loops: Mapping[str, str]) -> Iterator[Step]:
        """The steps of a forward pass; ``loops`` are names that stand for each sub-module of a list."""
        for statement, detour in self.statements(body):
            line = statement.lineno
            match statement:
                case ast.Assign(value=ast.Name()):
                    continue  # another name for the same array
                case ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.Return(value=ast.expr()):
                    modules = tuple(self.called(statement.value, loops))
                    yield Step(assigned(statement), modules, self.shape(statement), line, detour)
                case ast.For(target=ast.Name(name), iter=ast.Attribute(ast.Name("self"), part)) if part in self.parts:
                    yield from self.forward(statement.body, {**loops, name: part})
                case ast.For() | ast.If():
                    yield Step(type(statement).__name__.lower(), line=line, detour=detour)
                    yield from self.forward([*statement.body, *statement.orelse], loops)

    def called(self, node: ast.AST, loops: Mapping[str, str]) -> Iterator[str]:
        """The sub-modules with parameters that an expression calls, in the order in which they compute."""
        function = node.func if isinstance(node, ast.Call) else None
        for child in ast.iter_child_nodes(node):
            if child is not function:
                yield from self.called(child, loops)
        match function:
            case ast.Attribute(ast.Name("self"), name) if name in self.parts:
                yield name
            case ast.Name(name) if name in loops:
                yield loops[name]
            case ast.AST():
                yield from self.called(function, loops)

    def shape(self, statement: ast.stmt) -> tuple[str, ...] | None:
        """What the comment at the end says, its axes sorted; None if there is none."""
        said = SHAPE.match(self.comments.get(statement.end_lineno or 0, ""))
        return tuple(sorted(axis.strip() for axis in said[1].split(",") if axis.strip())) if said else None

    def shapeless(self, body: Sequence[ast.stmt]) -> Iterator[str]:
        """Steps of a forward pass that compute an array and do not say its shape."""
        for statement in body:
            yield from self.shapeless([*getattr(statement, "body", ()), *getattr(statement, "orelse", ())])
            value = getattr(statement, "value", None)
            if not isinstance(statement, ast.Expr) and value is not None and computes(value):
                shape = self.shape(statement)
                if shape is None or "batch" not in shape:
                    yield f"line {statement.lineno} says no shape: # (batch, …)"

    def assignments(self, body: Sequence[ast.stmt]) -> list[Step]:
        """Names assigned, and what is returned, at the top level of a function."""
        return [
            Step(assigned(statement), line=statement.lineno, detour=detour)
            for statement, detour in self.statements(body)
            if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return)
        ]


def assigned(statement: ast.stmt) -> str:
    """The names that a statement assigns, without those for what is thrown away."""
    if isinstance(statement, ast.Return):
        return "return"
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return ", ".join(name for name in names if name != "_")


def computes(value: ast.expr) -> bool:
    """Whether an expression makes an array, rather than a list, a number of the shape or another name."""
    match value:
        case ast.Call(ast.Name(name)) if name in BUILT_IN:
            return False
        case ast.Subscript(ast.Attribute(attr="shape")):
            return False
    return not isinstance(value, ast.Constant | ast.Name | ast.Attribute | ast.List | ast.Tuple | ast.Dict)


def arguments(function: ast.FunctionDef) -> list[str]:
    names = [argument.arg for argument in function.args.args if argument.arg not in OWN_ARGUMENTS]
    return names + [f"={ast.unparse(value)}" for value in function.args.defaults]


def departures(lesson: Lesson, texts: Mapping[str, str], parts: frozenset[str] = frozenset()) -> list[str]:
    """How the implementations of a lesson depart from the rule.

    Args:
        lesson: whose they are.
        texts: of each framework's file.
        parts: names of the sub-modules that hold parameters, in this lesson or another of the same folder.
    """
    sources = {name: Source(name, text, parts) for name, text in texts.items()}
    compare = functions if isinstance(lesson, FunctionLesson) else classes
    return [f"{name}: {fault}" for name, mine in sources.items() for fault in compare(lesson, sources[REFERENCE], mine)]


def functions(lesson: FunctionLesson, numpy: Source, mine: Source) -> Iterator[str]:
    theirs, ours = (source.definitions(source.body, ast.FunctionDef) for source in (numpy, mine))
    if fault := first_difference([step for step, _ in theirs], [step for step, _ in ours]):
        yield fault
    if [step.what for step, _ in ours if step.what in lesson.functions] != list(lesson.functions):
        yield "the functions are not in the lesson's order"
    forced = {step.what for step, _ in (*theirs, *ours) if step.detour}
    for name, their, our in pairs(theirs, ours):
        expected = lesson.functions.get(name, arguments(our if name in forced else their))
        if operation := lesson.operations.get(name):
            expected = (*operation.inputs, *operation.arguments)
        if arguments(our) != list(expected):
            yield f"{name} has other arguments: {arguments(our)}"
        fault = first_difference(numpy.assignments(their.body), mine.assignments(our.body))
        if fault and name not in forced:
            yield f"{name}: {fault}"


def classes(lesson: NetLesson, numpy: Source, mine: Source) -> Iterator[str]:
    theirs, ours = (source.definitions(source.body, ast.ClassDef) for source in (numpy, mine))
    if fault := first_difference([step for step, _ in theirs], [step for step, _ in ours]):
        yield fault
    for name, their, our in pairs(theirs, ours):
        for fault in methods(name == "Net", numpy, mine, their, our):
            yield f"{name}: {fault}"
        if name == "Net":
            wanted = list(dict.fromkeys(parameter.name.split(".")[0] for parameter in lesson.parameters))
            (init,) = (
                method for step, method in mine.definitions(our.body, ast.FunctionDef) if step.what == "__init__"
            )
            if [step.what for step in mine.attributes(init.body) if step.what in wanted] != wanted:
                yield "Net: the sub-modules are not in the order of the lesson's parameters"


def methods(whole: bool, numpy: Source, mine: Source, their: ast.ClassDef, our: ast.ClassDef) -> Iterator[str]:
    """How a class departs; ``whole`` if it is the net itself, whose arguments are the lesson's."""
    theirs, ours = numpy.definitions(their.body, ast.FunctionDef), mine.definitions(our.body, ast.FunctionDef)
    shared = [step for step, _ in theirs if step.what not in OWN_METHODS or mine is numpy]
    if fault := first_difference(shared, [step for step, _ in ours]):
        yield fault
    for name, their_method, our_method in pairs(theirs, ours):
        if name == "__init__":
            a, b = arguments(their_method), arguments(our_method)
            if a != b and (whole or [argument for argument in a if argument in b] != b):
                yield f"__init__ has other arguments: {b}"
            steps = [list(s.attributes(f.body)) for s, f in ((numpy, their_method), (mine, our_method))]
        elif name in OWN_METHODS:
            continue
        else:
            if arguments(our_method) != arguments(their_method):
                yield f"{name} has other arguments: {arguments(our_method)}"
            yield from mine.shapeless(our_method.body)
            steps = [list(s.forward(f.body, {})) for s, f in ((numpy, their_method), (mine, our_method))]
        if fault := first_difference(*steps):
            yield f"{name}: {fault}"


def pairs(theirs: Definitions, ours: Definitions) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    """The definitions that both have, by name."""
    known = {step.what: node for step, node in theirs}
    for step, node in ours:
        if step.what in known:
            yield step.what, known[step.what], node


# --- the lessons -----------------------------------------------------------------------------------------------

FOLDERS = [name for name, lesson in lessons().items() if not lesson.variant]


def parts_of(folder: str) -> frozenset[str]:
    """The names of the sub-modules with parameters of a folder's lessons."""
    mine = [load_lesson(name) for name, lesson in lessons().items() if lesson.folder.name == folder]
    paths = [parameter.name.split(".")[:-1] for lesson in mine for parameter in getattr(lesson, "parameters", ())]
    return frozenset(word for path in paths for word in path)


def texts_of(folder: str) -> dict[str, str]:
    files = {name: lessons()[folder].implementation(name) for name in frameworks()}
    return {name: path.read_text(encoding="utf-8") for name, path in files.items() if path.exists()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_implementations_of_a_lesson_are_twins(folder):
    texts = texts_of(folder)
    assert REFERENCE in texts
    for name, lesson in lessons().items():
        if lesson.folder.name == folder:
            assert departures(load_lesson(name), texts, parts_of(folder)) == []


# --- the rule itself: planted in copies of real files, each of these must be found --------------------------------


HIDDEN_AND_HEAD = {"self.hidden =": "self.kept =", "self.head =": "self.hidden =", "self.kept =": "self.head ="}
PLANTED = {  # lesson, framework, what is replaced by what, and words of the sentence that tells of it
    "local renamed": ("deep_mlp", "jax", {"h = nnx.relu(self.hidden2": "z = nnx.relu(self.hidden2"}, "(z hidden2"),
    "sub-module renamed": ("cnn", "keras", {"self.conv2": "self.second"}, "__init__"),
    "sub-modules swapped": ("relu_mlp", "torch", HIDDEN_AND_HEAD, "__init__"),
    "calls swapped": (
        "cnn",
        "keras",
        {"self.conv1(x)": "self.kept(x)", "self.conv2(h)": "self.conv1(h)", "self.kept(x)": "self.conv2(x)"},
        "forward",
    ),
    "step left out": ("cnn", "jax", {"        h = h.reshape(-1, 320)": "        #"}, "forward"),
    "step added": (
        "relu_mlp",
        "keras",
        {"return self.head(h)": "h = h + 0  # (batch, 512)\n        return h"},
        "forward",
    ),
    "shape left out": ("cnn", "torch", {"  # (batch, 10)": ""}, "says no shape"),
    "shape of another size": ("relu_mlp", "keras", {"# (batch, hidden)": "# (batch, 256)"}, "forward"),
    "detour unexplained": ("cnn", "torch", {"; PyTorch's convolutions take channels first": ""}, "forward"),
    "detour laid to nobody": ("cnn", "torch", {"PyTorch's convolutions": "convolutions"}, "forward"),
    "class renamed": ("inception", "keras", {"Block(": "Inner("}, "Inner"),
    "classes swapped": (
        "inception",
        "jax",
        {"class Block": "class Kept", "class Net": "class Block", "Kept": "Net"},
        "Net",
    ),
    "method added": (
        "relu_mlp",
        "jax",
        {"    def __call__": "    def reset(self):\n        pass\n\n    def __call__"},
        "reset",
    ),
    "size of the net renamed": ("resnet", "torch", {"shortcut": "residual"}, "__init__ has other arguments"),
    "input renamed": ("relu_mlp", "torch", {"(self, x)": "(self, batch)"}, "forward has other arguments"),
    "functions swapped": (
        "grid_search",
        "jax",
        {"def errors": "def kept", "def best": "def errors", "kept": "best"},
        "errors",
    ),
    "argument renamed": ("grid_search", "torch", {"(x, y, w)": "(x, target, w)"}, "other arguments"),
    "local of a function renamed": ("grid_search", "keras", {"predictions": "guesses"}, "guesses"),
}


def replaced(text: str, changes: Mapping[str, str]) -> str:
    for sound, other in changes.items():
        assert sound in text
        text = text.replace(sound, other)
    return text


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_departure_is_found(what):
    lesson, framework, changes, words = PLANTED[what]
    texts = texts_of(lesson)
    before = departures(load_lesson(lesson), texts, parts_of(lesson))
    texts[framework] = replaced(texts[framework], changes)
    found = [fault for fault in departures(load_lesson(lesson), texts, parts_of(lesson)) if fault not in before]
    assert any(words in fault for fault in found), found
    assert all(fault.startswith(f"{framework}: ") for fault in found)


def test_another_order_than_the_lessons_is_found_even_in_all_files():
    texts = {framework: replaced(text, HIDDEN_AND_HEAD) for framework, text in texts_of("relu_mlp").items()}
    found = departures(load_lesson("relu_mlp"), texts, parts_of("relu_mlp"))
    assert found == [f"{name}: Net: the sub-modules are not in the order of the lesson's parameters" for name in texts]


@pytest.mark.parametrize(
    "detour",
    [
        "h = h.contiguous()  # (batch, 512); PyTorch wants its memory in order",
        "# PyTorch wants its memory in order.\n        h = h.contiguous()  # (batch, 512)",
    ],
    ids=["at its end", "above it"],
)
def test_a_detour_that_names_its_framework_is_allowed(detour):
    texts = texts_of("relu_mlp")
    texts["torch"] = replaced(texts["torch"], {"return self.head": f"{detour}\n        return self.head"})
    assert departures(load_lesson("relu_mlp"), texts, parts_of("relu_mlp")) == []


def test_a_function_with_a_comment_that_names_its_framework_goes_its_own_way():
    texts, lesson = texts_of("grid_search"), load_lesson("grid_search")
    changes = {"predictions": "guesses", "def errors(x, y, w):": "def errors(x, y, w):  # PyTorch guesses"}
    assert departures(lesson, texts | {"torch": replaced(texts["torch"], changes)}) == []
    changes |= {"(x, y, w)": "(x, target, w)"}
    assert departures(lesson, texts | {"torch": replaced(texts["torch"], changes)}) != []
