"""``lessonbench export``: a file that any runtime reads, that says what it is, and that was held to its net."""

from __future__ import annotations

import json
import os
import re

import numpy as np
import onnx
import onnxruntime
import pytest
from conftest import PROJECT

from harness.catalogue import frameworks, load_lesson, missing_packages
from harness.record import digest
from harness.weights import read_weights

HERE = [name for name in frameworks() if not missing_packages(name)]
LESSON = "softmax_regression"


@pytest.mark.parametrize("framework", HERE)
def test_a_net_becomes_a_file(lessonbench, tmp_path, framework):
    weights = tmp_path / "net.safetensors"
    done = lessonbench("weights", "export", LESSON, weights, "--framework", "numpy", "--epochs", 1)
    assert done.returncode == 0, done.stderr
    done = lessonbench("export", LESSON, "--framework", framework, "--weights", weights, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.match(rf"{LESSON} in {framework} after 1 epoch: accuracy 0\.6", done.stdout)
    assert "100.00% of 2000 predictions the same" in done.stdout
    model = onnx.load(tmp_path / f"{LESSON}-{framework}.onnx")
    onnx.checker.check_model(model, full_check=True)
    about = {entry.key: entry.value for entry in model.metadata_props}
    names = {"lesson": LESSON, "framework": framework, "profile": "quick", "seed": "0", "epochs": "1"}
    assert names.items() <= about.items()
    assert about["weights_sha256"] == digest(read_weights(weights).weights)
    assert framework in json.loads(about["versions"])
    session = onnxruntime.InferenceSession(model.SerializeToString())
    shape = load_lesson(LESSON).input_shape
    assert str(PROJECT).encode() not in model.SerializeToString()
    for examples in (1, 7, 256):
        (outputs,) = session.run(["y"], {"x": np.zeros((examples, *shape), np.float32)})
        assert outputs.shape == (examples, 10)


def test_one_is_trained_first_and_put_where_it_is_told(lessonbench, tmp_path):
    out = tmp_path / "some" / "net.onnx"
    done = lessonbench("export", "linear_regression", "--framework", "numpy", "--out", out, "--seed", 4)
    assert done.returncode == 0, done.stdout + done.stderr
    about = {entry.key: entry.value for entry in onnx.load(out).metadata_props}
    epochs = load_lesson("linear_regression").profiles["quick"].epochs
    assert (about["seed"], about["epochs"]) == ("4", str(epochs))
    assert f"after {epochs} epochs: parameter_error" in done.stdout
    assert f"{out.stat().st_size:,} bytes" in done.stdout


def test_a_run_s_models_say_where_they_come_from(lessonbench, tmp_path):
    done = lessonbench("run", "--lesson", LESSON, "--framework", "numpy", "--samples", 2, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "run" / "onnx").glob("*.onnx")
    about = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert (about["lesson"], about["framework"], about["mode"]) == (LESSON, "numpy", "eager")
    assert len(about["weights_sha256"]) == 64


def test_a_digest_is_of_names_shapes_and_numbers():
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.ones(2, np.float32)}
    same = {"b": arrays["b"].copy(), "a": np.asfortranarray(arrays["a"])}
    assert digest(same) == digest(arrays)
    others = [
        arrays | {"a": arrays["a"].reshape(3, 2)},
        arrays | {"b": np.ones(2)},
        {"a": arrays["a"], "c": arrays["b"]},
        arrays | {"a": arrays["a"] + np.eye(2, 3) * 1e-12},
    ]
    assert len({digest(each) for each in [arrays, *others]}) == 5


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("grid_search",), "lesson of functions and has no weights"),
        (("softmax_regresion",), "did you mean softmax_regression"),
        ((LESSON, "--framework", "numpi"), "did you mean numpy"),
        ((LESSON, "--out", "file/net.onnx"), "cannot write file/net.onnx: "),
        ((LESSON, "--out", "."), "cannot write .: it is no file; name another file."),
        ((LESSON, "--out", ""), "cannot write .: it is no file; name another file."),
        ((LESSON, "--out", "pipe"), "cannot write pipe: it is no file; name another file."),
        ((LESSON, "--out", f"{'n' * 300}.onnx"), "File name too long; name another file."),
        ((LESSON, "--out", "/proc/x"), "cannot write /proc/x: "),
        ((LESSON, "--weights", "file"), "is no file of safetensors that can be read"),
        ((LESSON, "--profile", "half"), "unknown profile"),
    ],
)
def test_bad_input_gets_one_sentence(lessonbench, tmp_path, words, sentence):
    """Before anything is trained: that would have more lines."""
    (tmp_path / "file").write_text("{}")
    os.mkfifo(tmp_path / "pipe")
    found = lessonbench("export", *words, cwd=tmp_path)
    assert (found.returncode, len(found.stderr.strip().splitlines())) == (2, 1)
    assert sentence in found.stderr
    assert (tmp_path / "pipe").is_fifo()
