"""Operations on tensors: each framework's gives what NumPy's gives, at the edges too, but where it is to differ."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import numpy as np
import operation_faults
import pytest
from edges import ALL as KINDS_OF_EDGES
from edges import found_in
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st
from test_function_lessons import known_to_deviate

from harness.catalogue import REFERENCE, absence, default_mode, frameworks, lessons, load_lesson
from harness.operations import WAYS, differences
from impls.operations import RAISES, Difference, Operation

LESSONS = [name for name in lessons() if load_lesson(name).kind == "operations"]
ALL = [(name, operation) for name in LESSONS for operation in load_lesson(name).operations]
OTHERS = [framework for framework in frameworks() if framework != REFERENCE]
KNOWN = [(name, place) for name in LESSONS for place in range(len(differences(name)))]
COMPILED = {name: ways[1:] for name, ways in WAYS.items()}  # not PyTorch, which compiles for seconds a function
VIEWED = [framework for framework in ("numpy", "torch") if framework in frameworks()]  # the others have no strides
IN_XLA = [(name, each) for name, each in ALL if load_lesson(name).operations[each].compiles("xla")]
RELATIVE, ABSOLUTE = 1e-10, 1e-12
Inputs = Mapping[str, Any]


def arrays_of(framework: str, mode: str | None = None) -> Any:
    """In float64; not to be kept for another test, since some frameworks take their dtype for the whole process."""
    module = importlib.import_module(f"impls.learners.{framework}_learner")
    return module.Arrays(mode=mode or default_mode(framework), device="cpu", dtype="float64")


def edges(name: str) -> Any:
    return importlib.import_module(f"edges.{name.replace('-', '_')}")


def function_of(name: str, operation: str, framework: str) -> Any:
    if reason := absence(name, framework):
        pytest.skip(reason)
    return getattr(lessons()[name].load(framework), operation)


def outcome(
    name: str,
    operation: str,
    framework: str,
    inputs: Inputs,
    *,
    mode: str | None = None,
    viewed: bool = False,
    function: Any = None,
) -> Any:
    """What a framework's function, or this one in its place, gives, as one array; ``RAISES`` where it raises an error.

    It is compiled if a mode is named. With ``viewed`` no array that goes in is contiguous.
    """
    operations: Operation = load_lesson(name).operations[operation]
    function = function or function_of(name, operation, framework)
    arrays = arrays_of(framework, mode)
    arguments = {key: inputs[key] for key in operations.arguments}
    put = partial(put_as_view, arrays) if viewed else arrays.put
    native = [put(inputs[key]) for key in operations.inputs]
    called = arrays.prepared(partial(function, **arguments), "compiled" if mode else "eager")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return operations.array_of(called(*native), arrays.get)
        except Exception:
            return RAISES


def put_as_view(arrays: Any, value: np.ndarray) -> Any:
    """The same array with its axes reversed in memory; of one axis, every other entry of one twice as long."""
    if value.ndim < 2:
        return arrays.put(np.repeat(value, 2))[::2]
    native = arrays.put(np.ascontiguousarray(value.T))
    return native.permute(*reversed(range(native.ndim))) if hasattr(native, "permute") else native.T


def assert_same(found: Any, expected: Any, *, exact: bool, looser: float = 1) -> None:
    if isinstance(expected, str) or isinstance(found, str):
        assert isinstance(found, str) == isinstance(expected, str), f"{found!r} where NumPy gives {expected!r}"
        return
    assert found.shape == expected.shape
    assert found.dtype.kind == expected.dtype.kind
    if not exact:
        np.testing.assert_allclose(found, expected, looser * RELATIVE, looser * ABSOLUTE, equal_nan=True)
        return
    np.testing.assert_array_equal(found, expected)
    if found.dtype.kind == "f":
        np.testing.assert_array_equal(np.signbit(found[found == 0]), np.signbit(expected[found == 0]))


def is_meant(difference: Difference, mode: str | None) -> bool:
    """Whether it is so in a mode; None is uncompiled."""
    return not difference.modes or (mode or "eager") in difference.modes


def known(name: str, operation: str, framework: str, inputs: Inputs, mode: str | None = None) -> bool:
    """Whether the framework is known to differ at these inputs, compiled in a mode or as it is."""
    return any(
        operation in difference.operations
        and framework in difference.frameworks
        and is_meant(difference, mode)
        and difference.when(**inputs)
        for difference in differences(name)
    )


@pytest.mark.parametrize("name", LESSONS)
def test_every_operation_has_its_edges(name):
    operations = load_lesson(name).operations
    assert list(edges(name).EDGES) == list(operations)
    assert set(getattr(edges(name), "ORACLES", {})) <= set(operations)
    assert set(getattr(edges(name), "LEFT_OUT", {})) <= set(operations)


@dataclass
class Tally:
    """How many examples were compared, and which edges were among them."""

    compared: int = 0
    edges: set[str] = field(default_factory=set)


@cache
def held_against_numpys(name: str, operation: str, framework: str, mode: str | None = None) -> Tally:
    """Hold a framework's function against NumPy's at the edges where it is not known to differ."""
    tally = Tally()
    exact = load_lesson(name).operations[operation].exact and mode != "xla"  # which simplifies, and so rounds otherwise
    looser = known_to_deviate(name, operation, framework, mode or default_mode(framework))

    # Each framework has examples of its own, so that together they see more. In a mode it has few: each is compiled.
    @seed(f"{name} {operation} {framework} {mode}")
    @settings(max_examples=settings().max_examples // (6 if mode else 1))
    @given(edges(name).EDGES[operation])
    def check(inputs):
        assume(not known(name, operation, framework, inputs, mode))  # another is drawn instead
        tally.compared += 1
        tally.edges |= found_in(inputs)
        expected = outcome(name, operation, REFERENCE, inputs)
        found = outcome(name, operation, framework, inputs, mode=mode)
        assert_same(found, expected, exact=exact, looser=looser)

    check()
    return tally


@pytest.mark.parametrize("framework", OTHERS)
@pytest.mark.parametrize(("name", "operation"), ALL)
def test_at_the_edges_it_gives_what_numpys_gives(name, operation, framework):
    function_of(name, operation, framework)
    compared = held_against_numpys(name, operation, framework).compared
    assert compared >= settings().max_examples / 2, f"no more than {compared} examples could be compared"


@pytest.mark.skipif("keras" not in OTHERS, reason="there is no Keras")
@pytest.mark.parametrize(
    ("name", "operation"),
    [(n, operation) for n, operation in ALL if load_lesson(n).operations[operation].compiles("xla")],
)
def test_at_the_edges_xla_gives_what_numpys_gives(name, operation):
    function_of(name, operation, "keras")
    held_against_numpys(name, operation, "keras", "xla")


@pytest.mark.parametrize(("name", "operation"), ALL)
def test_every_kind_of_edge_is_compared(name, operation):
    """By one framework or another; but for those that the edges' file leaves out."""
    there = [framework for framework in OTHERS if not absence(name, framework)]
    if there != OTHERS:
        pytest.skip("what one framework cannot be compared at, another must")
    left_out = getattr(edges(name), "LEFT_OUT", {}).get(operation, set())
    compared = set().union(*(held_against_numpys(name, operation, framework).edges for framework in there))
    exact = load_lesson(name).operations[operation].exact

    @seed(f"{name} {operation}")
    @settings(max_examples=400)
    @given(edges(name).EDGES[operation])
    def look_for_others(inputs):
        for framework in there if found_in(inputs) - compared else ():
            if not known(name, operation, framework, inputs):
                found = outcome(name, operation, framework, inputs)
                assert_same(found, outcome(name, operation, REFERENCE, inputs), exact=exact)
                compared.update(found_in(inputs))

    if KINDS_OF_EDGES - compared - left_out:  # by chance, or since they are never drawn or always known to differ
        look_for_others()
    assert compared | left_out == KINDS_OF_EDGES, f"never compared: {KINDS_OF_EDGES - compared - left_out}"
    assert not compared & left_out, f"compared all the same: {compared & left_out}"


@pytest.mark.parametrize("framework", OTHERS)
def test_of_equal_numbers_top_k_gives_some(framework):
    """The values are NumPy's, each of them stands at its index, and no index is there twice."""
    function_of("probabilities", "top_k", framework)

    @given(st.lists(st.sampled_from([-1.0, 0.5, 2.0]), min_size=4, max_size=4))
    def check(row):
        inputs = {"x": np.array(row), "k": 2}
        values, indices = outcome("probabilities", "top_k", framework, inputs).T
        np.testing.assert_array_equal(values, outcome("probabilities", "top_k", REFERENCE, inputs)[:, 0])
        np.testing.assert_array_equal(inputs["x"][indices.astype(int)], values)
        assert len(set(indices)) == 2

    check()


@pytest.mark.parametrize("framework", VIEWED)
@pytest.mark.parametrize(("name", "operation"), ALL)
def test_arrays_that_are_not_contiguous_are_no_others(name, operation, framework):
    """The same, whether what goes in is contiguous or a view of every other entry or with its axes turned."""
    lesson = load_lesson(name)
    inputs = own_inputs(name, operation)
    found = outcome(name, operation, framework, inputs, viewed=True)
    assert not isinstance(found, str)
    assert_same(found, outcome(name, operation, framework, inputs), exact=lesson.operations[operation].exact)


@pytest.mark.parametrize(
    ("name", "operation"), [(name, operation) for name in LESSONS for operation in getattr(edges(name), "ORACLES", {})]
)
def test_numpys_own_is_right_where_numpy_has_no_function(name, operation):
    module, arranged = edges(name), load_lesson(name).operations[operation]

    @given(module.EDGES[operation])
    def check(inputs):
        found = outcome(name, operation, REFERENCE, inputs)
        if not isinstance(found, str) and found.dtype != np.float16:  # which NumPy makes of bools
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                expected = arranged.array_of(module.ORACLES[operation](**inputs), np.asarray)
            assert_same(found, expected, exact=False)

    check()


@pytest.mark.parametrize(("name", "place"), KNOWN)
def test_an_entry_is_whole(name, place):
    """It names operations, modes and links that there are, and NumPy gives at its example what is said."""
    difference: Difference = differences(name)[place]
    assert set(difference.operations) <= set(load_lesson(name).operations)
    assert set(difference.link) == set(difference.frameworks)
    assert all(link.startswith("https://") for link in difference.link.values())
    tried = {mode for framework in difference.frameworks for mode in ("eager", *COMPILED.get(framework, ()))}
    assert set(difference.modes) <= tried, "a mode that is not tried"
    inputs = difference.inputs()
    assert difference.when(**inputs)
    for operation in difference.operations:
        assert_as_said(difference, name, operation, REFERENCE)


@pytest.mark.parametrize(
    ("name", "place", "framework"),
    [(name, place, framework) for name, place in KNOWN for framework in differences(name)[place].frameworks],
)
def test_what_differs_by_design_does(name, place, framework):
    """At the example the framework gives what is said: as it is, and compiled in each mode that is meant."""
    difference: Difference = differences(name)[place]
    for operation in difference.operations:
        compiles = load_lesson(name).operations[operation].compiles
        for mode in (None, *filter(compiles, COMPILED.get(framework, ()))):
            if is_meant(difference, mode):
                assert_as_said(difference, name, operation, framework, mode)


def assert_as_said(difference: Difference, name: str, operation: str, framework: str, mode: str | None = None) -> None:
    kinds = {np.asarray(said).dtype.kind for said in (difference.numpy, difference.theirs)}
    by_kind = difference.same(difference.numpy, difference.theirs)
    determined = not np.ma.is_masked(difference.theirs)
    assert not by_kind or len(kinds) > 1 or not determined, "there is no difference"
    said = difference.numpy if framework == REFERENCE else difference.theirs
    found = outcome(name, operation, framework, difference.inputs(), mode=mode)
    where = f"{framework}'s {operation}, {mode or 'uncompiled'},"
    assert difference.same(found, said), f"{where} gives {found!r}, where {said!r} is said"
    assert not by_kind or found.dtype.kind == np.asarray(said).dtype.kind, where


# --- the checks are tested ---------------------------------------------------------------------------------------


def own_inputs(name: str, operation: str) -> Inputs:
    """The lesson's own, of one operation."""
    lesson = load_lesson(name)
    inputs = lesson.inputs(0)
    return {key: inputs[key] for key in lesson.operations[operation].inputs} | lesson.operations[operation].arguments


def is_caught(name: str, operation: str, framework: str, edited: ast.Module, *, at_edges: bool) -> bool:
    """Whether a check sees that a file was edited: by the lesson's own inputs, or at the edges too.

    NumPy's is held against the first other framework that is there.
    """
    place: dict[str, Any] = {}
    try:
        exec(compile(edited, f"{name}_{framework}.py", "exec"), place)
    except Exception:
        return True
    others = [REFERENCE] if framework != REFERENCE else [each for each in OTHERS if not absence(name, each)]
    if not others:
        pytest.skip("there is nothing to hold NumPy's against")
    held_against = others[0]

    def compare(inputs: Inputs, *, exact: bool = False) -> None:
        found = outcome(name, operation, framework, inputs, function=place[operation])
        looser = known_to_deviate(name, operation, framework, default_mode(framework))
        assert_same(found, outcome(name, operation, held_against, inputs), exact=exact, looser=looser)

    def compare_unless_known(inputs: Inputs) -> None:
        if not known(name, operation, framework, inputs) and not known(name, operation, held_against, inputs):
            compare(inputs, exact=load_lesson(name).operations[operation].exact)

    own = own_inputs(name, operation)
    assert not isinstance(outcome(name, operation, held_against, own), str), f"{held_against}'s own fails"
    try:
        compare(own)
        if at_edges:
            given(edges(name).EDGES[operation])(compare_unless_known)()
    except (AssertionError, ExceptionGroup):  # hypothesis gathers several faults in a group
        return True
    return False


@pytest.mark.parametrize("framework", frameworks())
@pytest.mark.parametrize(("name", "operation"), ALL)
def test_a_fault_in_any_function_is_seen(name, operation, framework):
    """What it returns is a thousandth more; of whole numbers and truth values it is no longer that."""
    function_of(name, operation, framework)
    edited = operation_faults.source_of(name, framework)
    assert not is_caught(name, operation, framework, edited, at_edges=False), "it is faulty already"
    (body,) = (node for node in edited.body if isinstance(node, ast.FunctionDef) and node.name == operation)
    for node in ast.walk(body):
        if isinstance(node, ast.Return):
            node.value = ast.Call(ast.Name("_spoilt", ast.Load()), [node.value], [])
    edited.body += ast.parse(SPOILT).body
    assert is_caught(name, operation, framework, ast.fix_missing_locations(edited), at_edges=False)


SPOILT = """
def _spoilt(result):
    if isinstance(result, tuple | list):
        return (_spoilt(result[0]), *result[1:])
    return result * 1.001 + 0.001
"""


HIDE_TORCH = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "torch" else find(name, *rest)
"""


@pytest.mark.skipif("torch" not in OTHERS, reason="there is no PyTorch to be hidden")
def test_without_pytorch_the_others_are_tested():
    """What needs it is skipped, and NumPy's functions are held against the next framework that is there."""
    tests = "clip_below and (fault or design or not_contiguous)"
    code = f"{HIDE_TORCH}\nimport pytest\nsys.exit(pytest.main(['-q', '-k', {tests!r}, {__file__!r}]))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=300)
    assert answer.returncode == 0, answer.stdout
    assert "passed" in answer.stdout
    assert "skipped" in answer.stdout
