"""Operations on tensors: each framework's gives what NumPy's gives, at the edges too, but where it is to differ."""

from __future__ import annotations

import ast
import importlib
import inspect
import warnings
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import numpy as np
import operation_faults
import pytest
from hypothesis import HealthCheck, given, settings
from test_function_lessons import known_to_deviate

from harness.catalogue import REFERENCE, absence, default_mode, frameworks, lessons, load_lesson
from harness.operations import differences
from impls.operations import RAISES, Difference, Operation

LESSONS = [name for name in lessons() if load_lesson(name).kind == "operations"]
ALL = [(name, operation) for name in LESSONS for operation in load_lesson(name).operations]
OTHERS = [framework for framework in frameworks() if framework != REFERENCE]
KNOWN = [(name, place) for name in LESSONS for place in range(len(differences(name)))]
RELATIVE, ABSOLUTE = 1e-10, 1e-12
EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
Inputs = Mapping[str, Any]


@cache
def arrays_of(framework: str) -> Any:
    module = importlib.import_module(f"impls.learners.{framework}_learner")
    return module.Arrays(mode=default_mode(framework), device="cpu", dtype="float64")


def edges(name: str) -> Any:
    return importlib.import_module(f"edges.{name.replace('-', '_')}")


def function_of(name: str, operation: str, framework: str) -> Any:
    if reason := absence(name, framework):
        pytest.skip(reason)
    return getattr(lessons()[name].load(framework), operation)


def outcome(
    name: str, operation: str, framework: str, inputs: Inputs, *, turned: bool = False, function: Any = None
) -> Any:
    """What a framework's function, or this one in its place, gives, as one array; ``RAISES`` where it raises an error.

    With ``turned`` arrays of two axes or more lie in memory by columns, where the framework has views.
    """
    operations: Operation = load_lesson(name).operations[operation]
    arrays, function = arrays_of(framework), function or function_of(name, operation, framework)
    arguments = {key: inputs[key] for key in operations.arguments}
    native = []
    for value in (inputs[key] for key in operations.inputs):
        flips = turned and value.ndim > 1
        there = arrays.put(np.ascontiguousarray(value.T) if flips else value)
        native.append(transposed(there) if flips else there)
    called = arrays.prepared(partial(function, **arguments), arrays.ways()[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return operations.array_of(called(*native), arrays.get)
        except Exception:
            return RAISES


def transposed(native: Any) -> Any:
    """The same array with its axes in reverse: a view in the frameworks that have them."""
    if type(native).__module__.startswith("tensorflow"):
        import tensorflow as tf

        return tf.transpose(native)
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


def known(name: str, operation: str, framework: str, inputs: Inputs) -> bool:
    """Whether the framework is known to differ at these inputs."""
    return any(
        operation in difference.operations and framework in difference.frameworks and difference.when(**inputs)
        for difference in differences(name)
    )


@pytest.mark.parametrize("name", LESSONS)
def test_every_operation_has_its_edges(name):
    operations = load_lesson(name).operations
    assert list(edges(name).EDGES) == list(operations)
    assert set(getattr(edges(name), "ORACLES", {})) <= set(operations)


@pytest.mark.parametrize("framework", OTHERS)
@pytest.mark.parametrize(("name", "operation"), ALL)
def test_at_the_edges_it_gives_what_numpys_gives(name, operation, framework):
    function_of(name, operation, framework)
    exact = load_lesson(name).operations[operation].exact

    @EXAMPLES
    @given(edges(name).EDGES[operation])
    def check(inputs):
        if not known(name, operation, framework, inputs):
            expected = outcome(name, operation, REFERENCE, inputs)
            assert_same(outcome(name, operation, framework, inputs), expected, exact=exact)

    check()


@pytest.mark.parametrize("framework", OTHERS)
@pytest.mark.parametrize(("name", "operation"), ALL)
def test_arrays_that_lie_by_columns_are_no_others(name, operation, framework):
    """Of every framework: the same bits, whether what goes in is contiguous or a transposed view."""
    lesson = load_lesson(name)
    inputs = own_inputs(name, operation)
    for which in (REFERENCE, framework):
        found = outcome(name, operation, which, inputs, turned=True)
        assert not isinstance(found, str)
        assert_same(found, outcome(name, operation, which, inputs), exact=lesson.operations[operation].exact)


@pytest.mark.parametrize(
    ("name", "operation"), [(name, operation) for name in LESSONS for operation in getattr(edges(name), "ORACLES", {})]
)
def test_numpys_own_is_right_where_numpy_has_no_function(name, operation):
    module, arranged = edges(name), load_lesson(name).operations[operation]

    @EXAMPLES
    @given(module.EDGES[operation])
    def check(inputs):
        found = outcome(name, operation, REFERENCE, inputs)
        if not isinstance(found, str):
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                expected = arranged.array_of(module.ORACLES[operation](**inputs), np.asarray)
            assert_same(found, expected, exact=False)

    check()


@pytest.mark.parametrize(("name", "place"), KNOWN)
def test_what_differs_by_design_does(name, place):
    """At the example: NumPy gives what is said, and each of the frameworks what is said of it."""
    difference: Difference = differences(name)[place]
    assert set(difference.operations) <= set(load_lesson(name).operations)
    assert difference.link.startswith("https://")
    inputs = difference.inputs()
    assert difference.when(**inputs)
    kinds = {np.asarray(said).dtype.kind for said in (difference.numpy, difference.theirs)}
    by_kind = difference.same(difference.numpy, difference.theirs)
    assert not by_kind or len(kinds) > 1, "there is no difference"
    for framework in (REFERENCE, *difference.frameworks):
        said = difference.numpy if framework == REFERENCE else difference.theirs
        for operation in difference.operations:
            found = outcome(name, operation, framework, inputs)
            assert difference.same(found, said), f"{framework}'s {operation} gives {found!r}, where {said!r} is said"
            assert not by_kind or found.dtype.kind == np.asarray(said).dtype.kind, f"{framework}'s {operation}"


@pytest.mark.parametrize("name", LESSONS)
def test_arguments_are_the_lessons(name):
    for operation, arranged in load_lesson(name).operations.items():
        for framework in frameworks():
            names = list(inspect.signature(function_of(name, operation, framework)).parameters)
            assert names == [*arranged.inputs, *arranged.arguments], (framework, operation)


# --- the checks are tested ---------------------------------------------------------------------------------------


def own_inputs(name: str, operation: str) -> Inputs:
    """The lesson's own, of one operation."""
    lesson = load_lesson(name)
    inputs = lesson.inputs(0)
    return {key: inputs[key] for key in lesson.operations[operation].inputs} | lesson.operations[operation].arguments


def is_caught(name: str, operation: str, framework: str, edited: ast.Module, *, at_edges: bool) -> bool:
    """Whether a check sees that a file was edited: by the lesson's own inputs, or at the edges too."""
    place: dict[str, Any] = {}
    try:
        exec(compile(edited, f"{name}_{framework}.py", "exec"), place)
    except Exception:
        return True
    held_against = REFERENCE if framework != REFERENCE else "torch"

    def compare(inputs: Inputs, *, exact: bool = False) -> None:
        found = outcome(name, operation, framework, inputs, function=place[operation])
        looser = known_to_deviate(name, operation, framework, default_mode(framework))
        assert_same(found, outcome(name, operation, held_against, inputs), exact=exact, looser=looser)

    def compare_unless_known(inputs: Inputs) -> None:
        if not known(name, operation, framework, inputs) and not known(name, operation, held_against, inputs):
            compare(inputs, exact=load_lesson(name).operations[operation].exact)

    try:
        compare(own_inputs(name, operation))
        if at_edges:
            EXAMPLES(given(edges(name).EDGES[operation])(compare_unless_known))()
    except BaseException:  # hypothesis gathers several faults in a group, of its own kind
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
