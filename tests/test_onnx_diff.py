"""What ONNX files are made of, side by side."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper

from harness.cli.main import main
from harness.views.onnx_graphs import FACTS, diff_grid


def saved(path, nodes, weights):
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 2]) for name in ("x", "y")]
    initial = [numpy_helper.from_array(array.astype(np.float32), name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "net", values[:1], values[1:], initial)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path)
    return path


@pytest.fixture
def files(tmp_path):
    """A dense layer as one operator; and as two, behind a branch that has operators of its own."""
    kernel, bias = np.ones((2, 2)), np.zeros(2)
    gemm = helper.make_node("Gemm", ["x", "k", "b"], ["y"])
    one = saved(tmp_path / "one.onnx", [gemm], {"k": kernel, "b": bias})

    def branch(name):
        relu = helper.make_node("Relu", ["x"], [name])
        return helper.make_graph([relu], name, [], [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)])

    condition = helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.array(True)))
    branches = helper.make_node("If", ["c"], ["h"], then_branch=branch("t"), else_branch=branch("e"))
    dense = [helper.make_node("MatMul", ["h", "k"], ["p"]), helper.make_node("Add", ["p", "b"], ["y"])]
    two = saved(tmp_path / "two.onnx", [condition, branches, *dense], {"k": kernel, "b": bias})
    return one, two


def test_operators_weights_and_sizes_stand_side_by_side(files):
    one, two = files
    found = {name: cells for name, *cells in diff_grid(files).rows}
    assert list(found)[: len(FACTS)] == list(FACTS)
    assert found["file bytes"] == [f"{one.stat().st_size:,}", f"{two.stat().st_size:,}"]
    assert (found["opset"], found["IR version"]) == (["18", "18"], ["10", "10"])
    assert (found["weights"], found["numbers in them"]) == (["2", "2"], ["6", "6"])
    assert (found["operators"], found["kinds of operator"]) == (["1", "6"], ["1", "5"])
    operators = {name: cells for name, cells in found.items() if name not in FACTS}
    assert operators == {
        "Add": ["", "1"],
        "Constant": ["", "1"],
        "Gemm": ["1", ""],
        "If": ["", "1"],
        "MatMul": ["", "1"],
        "Relu": ["", "2"],
    }


def test_the_command_shows_them(files):
    done = CliRunner().invoke(main, ["onnx", "diff", *map(str, files)])
    assert done.exit_code == 0
    for word in ("MatMul", "Gemm", "opset"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "cannot read"), (b"", "is not an ONNX model"), (b"no model", "is not an ONNX model")],
)
def test_what_is_no_model_is_refused_in_a_sentence(files, tmp_path, content, sentence):
    path = tmp_path / "other.onnx"
    if content is not None:
        path.write_bytes(content)
    done = CliRunner().invoke(main, ["onnx", "diff", str(files[0]), str(path)])
    assert (done.exit_code, len(done.stderr.strip().splitlines())) == (2, 1)
    assert sentence in done.stderr
