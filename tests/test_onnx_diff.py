"""What ONNX files are made of, side by side; of foreign ones too, which may be damaged or hostile."""

from __future__ import annotations

import os
import time

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper
from rich.console import Console

from harness.children.onnx_contents import contents
from harness.children.onnx_model import ModelError, operators
from harness.cli.main import main
from harness.views.onnx_graphs import FACTS, diff_grid

OPSETS = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
TOTALS = ("operators", "kinds of operator")


def saved(path, nodes, weights=None, change=None, **how):
    """Save a model from x to y, once it is changed."""
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 2]) for name in ("x", "y")]
    initial = [numpy_helper.from_array(array.astype(np.float32), name) for name, array in (weights or {}).items()]
    graph = helper.make_graph(nodes, "net", values[:1], values[1:], initial)
    model = helper.make_model(graph, opset_imports=OPSETS, ir_version=10, **how)
    if change:
        change(model)
    path.write_bytes(model.SerializeToString())
    return path


@pytest.fixture
def files(tmp_path):
    """A dense layer as one operator; and as two, behind a branch that has operators and a weight of its own."""
    kernel, bias = np.ones((2, 2)), np.zeros(2)
    gemm = helper.make_node("Gemm", ["x", "k", "b"], ["y"])

    def describe(model):
        model.producer_name, model.producer_version = "pytorch", "2.9"
        helper.set_model_props(model, {"lesson": "mine"})

    one = saved(tmp_path / "one.onnx", [gemm], {"k": kernel, "b": bias}, describe)

    def branch(name):
        relu = helper.make_node("PRelu", ["x", "slope"], [name])
        result = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)]
        return helper.make_graph([relu], name, [], result, [numpy_helper.from_array(np.float32([1, 2]), "slope")])

    condition = helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.array(True)))
    branches = helper.make_node("If", ["c"], ["h"], then_branch=branch("t"), else_branch=branch("e"))
    dense = [helper.make_node("MatMul", ["h", "k"], ["p"]), helper.make_node("Add", ["p", "b"], ["y"])]
    two = saved(tmp_path / "two.onnx", [condition, branches, *dense], {"k": kernel, "b": bias})
    return one, two


def rows(*paths):
    return {name: cells for name, *cells in diff_grid(paths, list(map(contents, paths))).rows}


def test_operators_weights_and_sizes_stand_side_by_side(files):
    one, two = files
    found = rows(one, two)
    assert list(found)[: len(FACTS) + 2] == [*FACTS.values(), *TOTALS]
    assert found["file bytes"] == [f"{one.stat().st_size:,}", f"{two.stat().st_size:,}"]
    assert (found["opset"], found["IR version"]) == (["18", "18"], ["10", "10"])
    assert (found["producer"], found["metadata"]) == (["pytorch 2.9", ""], ["lesson: mine", ""])
    assert found["inputs"] == ["x float32 ['batch', 2]"] * 2
    assert found["outputs"] == ["y float32 ['batch', 2]"] * 2
    assert (found["initialisers"], found["numbers in them"]) == (["2", "4"], ["6", "10"])
    assert (found["tensors in operators"], found["numbers in those"]) == (["0", "1"], ["0", "1"])
    assert (found["operators"], found["kinds of operator"]) == (["1", "6"], ["1", "5"])
    counts = {name: cells for name, cells in found.items() if name not in (*FACTS.values(), *TOTALS)}
    assert counts == {
        "Add": ["", "1"],
        "Constant": ["", "1"],
        "Gemm": ["1", ""],
        "If": ["", "1"],
        "MatMul": ["", "1"],
        "PRelu": ["", "2"],
    }


def function(name, *calls):
    """One that does some operators in turn, of its own domain if their names are small."""
    names = ["x", *(f"h{place}" for place in range(1, len(calls))), "y"]
    domains = ["own" if call.islower() else "" for call in calls]
    nodes = [
        helper.make_node(call, [names[place]], [names[place + 1]], domain=domain)
        for place, (call, domain) in enumerate(zip(calls, domains, strict=True))
    ]
    return helper.make_function("own", name, ["x"], ["y"], nodes, OPSETS)


def test_functions_are_opened_at_each_call(tmp_path):
    functions = [function("f", "g", "Neg", "g"), function("g", "Relu", "Abs"), function("unused", "Exp")]
    found = rows(saved(tmp_path / "a.onnx", [helper.make_node("f", ["x"], ["y"], domain="own")], functions=functions))
    assert (found["functions"], found["operators"]) == (["3"], ["5"])
    assert (found["Relu"], found["Abs"], found["Neg"]) == (["2"], ["2"], ["1"])
    assert not found.keys() & {"own.f", "own.g", "Exp"}


def test_many_functions_take_no_longer_than_their_number(tmp_path):
    """Of a chain of 20,000; looked at again for each of them, they took minutes."""
    many = 20_000
    chain = [function(f"f{place}", f"f{place + 1}" if place + 1 < many else "Relu") for place in range(many)]
    path = saved(tmp_path / "a.onnx", [helper.make_node("f0", ["x"], ["y"], domain="own")], functions=chain)
    model = onnx.load(path)
    started = time.monotonic()
    assert operators(model, "a.onnx") == {"Relu": 1}
    assert time.monotonic() - started < 30


def test_a_call_of_nothing_counts_as_well(tmp_path):
    """Functions that are empty in the end, each called twice by another, would be opened as often as others."""
    doubling = [function(f"f{place}", *[f"f{place + 1}"] * 2) for place in range(40)] + [function("f40")]
    path = saved(tmp_path / "a.onnx", [helper.make_node("f0", ["x"], ["y"], domain="own")], functions=doubling)
    with pytest.raises(ModelError, match="has more than 100,000 operators"):
        contents(path)


def test_the_command_shows_them(files):
    done = CliRunner().invoke(main, ["onnx", "diff", *map(str, files)])
    assert done.exit_code == 0
    for word in ("MatMul", "Gemm", "opset"):
        assert word in done.stdout


def test_foreign_words_are_shown_as_they_are(tmp_path):
    """Neither as markup, nor as what the terminal obeys."""

    def forge(model):
        helper.set_model_props(model, {"lesson": "[red]a[/x]\x1b[2Jb\nc"})

    found = contents(saved(tmp_path / "a.onnx", [helper.make_node("[/x]", ["x"], ["y"], domain="own")], None, forge))
    console = Console(width=200, force_terminal=True, color_system=None, highlight=False)
    with console.capture() as shown:
        console.print(diff_grid([tmp_path / "[/a].onnx"], [found]).screen())
    assert "own.[/x]" in shown.get()
    assert "[/a].onnx" in shown.get()
    assert r"lesson: [red]a[/x]\x1b[2Jb\nc" in shown.get()
    assert "\x1b[2J" not in shown.get()


def refused(*paths):
    done = CliRunner().invoke(main, ["onnx", "diff", *map(str, paths)])
    assert (done.exit_code, len(done.stderr.strip().splitlines())) == (2, 1)
    return done.stderr.strip()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "other.onnx is not an ONNX model: it has no operators."),
        (b"no model", "other.onnx is not an ONNX model: Error parsing message"),
    ],
)
def test_what_is_no_model_is_refused_in_a_sentence(files, tmp_path, content, sentence):
    (tmp_path / "other.onnx").write_bytes(content)
    assert sentence in refused(files[0], tmp_path / "other.onnx")


def test_what_is_no_file_is_not_read(files, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    ending = "name a file that is there."
    for name, why in {"pipe": "it is no file", "nowhere": "there is none", ".": "it is no file"}.items():
        path = tmp_path / name
        assert refused(files[0], path) == f"lessonbench: cannot read {path}: {why}; {ending}"


def test_reading_ends_at_the_deadline(files):
    done = CliRunner().invoke(main, ["onnx", "diff", *map(str, files), "--deadline", "0.001"])
    assert done.exit_code == 2
    assert "one.onnx cannot be read: timeout: not done after 0.001 s (--deadline)." in done.stderr


def test_what_keeps_to_no_standard_has_no_figures(tmp_path):
    """As ``onnx check`` holds it; the bad files are those of its tests."""

    def forget(model):
        model.graph.node[0].op_type = "Gem"

    def declare(model):
        model.graph.initializer[0].dims[:] = [2**60]

    node = helper.make_node("MatMul", ["x", "k"], ["y"])
    sentences = {
        forget: "a.onnx is not a valid ONNX model: ",
        declare: "a.onnx has not the numbers of 'k', whose sizes",
    }
    for change, sentence in sentences.items():
        path = saved(tmp_path / "a.onnx", [node], {"k": np.ones((2, 2))}, change)
        assert sentence in refused(path, path)
