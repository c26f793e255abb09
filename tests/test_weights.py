"""Files of weights: what is written is read, what is not fit is refused, and a net changes its framework with them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file
from workbench import make, small

from harness.catalogue import UsageError, frameworks, load_lesson, missing_packages
from harness.weights import check_kept, read_weights, write_weights
from impls.spec import initial_weights

LESSON = load_lesson("relu_mlp")
OTHERS = [name for name in frameworks() if name != "numpy"]


def kept(path):
    """A file of the lesson's, after three steps in NumPy."""
    learner, data = make("relu_mlp", "numpy", "eager"), small(LESSON, "float64")
    learner.load(initial_weights(LESSON, 0, "float64"))
    for start in (0, 128, 256):
        learner.step(data.x_train[start : start + 128], data.y_train[start : start + 128])
    write_weights(path, learner.weights(), learner.slots(), {"lesson": "relu_mlp"})
    return learner


def test_what_is_written_is_read(tmp_path):
    learner = kept(tmp_path / "w.safetensors")
    found = read_weights(tmp_path / "w.safetensors")
    check_kept(tmp_path / "w.safetensors", found, LESSON)
    assert found.about == {"lesson": "relu_mlp"}
    for mine, theirs in ((found.weights, learner.weights()), (found.slots, learner.slots())):
        assert mine.keys() == theirs.keys()
        for name, array in theirs.items():
            np.testing.assert_array_equal(mine[name], array)


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda path: path.parent, "cannot read"),
        (lambda path: path.write_bytes(b"PK\x03\x04 no such file"), "is no file of safetensors"),
        (lambda path: path.write_bytes(b"\xff" * 8 + b"{}"), "is no file of safetensors"),
        (lambda path: path.mkdir(), "cannot read"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path, write, sentence):
    path = tmp_path / "w.safetensors"
    write(path)
    with pytest.raises(UsageError, match=sentence):
        read_weights(path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda weights: weights.pop("head.bias"), "head.bias is in the net alone"),
        (lambda weights: weights.update(extra=np.zeros(3)), "extra is missing"),
        (lambda weights: weights.update({"head.kernel": weights["head.kernel"].T.copy()}), "head.kernel has shape"),
        (lambda weights: weights["head.bias"].fill(np.nan), "not finite"),
    ],
)
def test_what_is_not_the_lessons_is_refused(tmp_path, change, sentence):
    weights, path = initial_weights(LESSON, 0, "float64"), tmp_path / "w.safetensors"
    change(weights)
    save_file(weights, path)
    with pytest.raises(UsageError, match=sentence):
        check_kept(path, read_weights(path), LESSON)


def test_a_net_changes_its_framework_at_the_command_line(lessonbench, tmp_path):
    """Two epochs of softmax regression in one go, and with a change of framework after the first."""
    export = ("weights", "export", "softmax_regression")
    whole = lessonbench(*export, tmp_path / "whole", "--framework", "numpy", "--epochs", "2")
    assert whole.returncode == 0, whole.stderr
    half = lessonbench(*export, tmp_path / "half", "--framework", "numpy", "--epochs", "1")
    assert half.returncode == 0, half.stderr
    other = next((name for name in OTHERS if not missing_packages(name)), "numpy")
    rest = ("--framework", other, "--epochs", "1", "--out", tmp_path / "rest")
    went_on = lessonbench("weights", "import", tmp_path / "half", *rest)
    assert went_on.returncode == 0, went_on.stderr
    assert f"softmax_regression in {other} after 2 epochs: accuracy 0." in went_on.stdout
    one, two = read_weights(tmp_path / "whole"), read_weights(tmp_path / "rest")
    assert (two.about["framework"], two.about["epochs"]) == (other, "2")
    for name, array in one.weights.items():
        np.testing.assert_allclose(two.weights[name], array, rtol=1e-4, atol=1e-5)  # both in float32
    again = lessonbench("weights", "import", tmp_path / "rest", "--framework", "numpy")
    assert again.returncode == 0
    assert again.stdout.split("accuracy ")[1][:6] == went_on.stdout.split("accuracy ")[1][:6]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("export", "grid_search", "w"), "lesson of functions and has no weights"),
        (("export", "no_lesson", "w"), "unknown lesson"),
        (("export", "relu_mlp", "run.json/w"), "cannot write"),
        (("import", "nothing_there"), "cannot read"),
        (("exchange", "--framework", "numpy"), "needs two frameworks"),
    ],
)
def test_bad_input_gets_one_sentence(lessonbench, tmp_path, words, sentence):
    (tmp_path / "run.json").write_text("{}")
    where = [tmp_path / word if word in ("w", "run.json/w", "nothing_there") else word for word in words]
    found = lessonbench("weights", *where)
    assert found.returncode == 2
    assert sentence in found.stderr
    assert len(found.stderr.strip().splitlines()) == 1


def test_every_pair_hands_over_in_the_middle(lessonbench, tmp_path):
    """A lesson of each optimiser, whose memory goes along."""
    chosen = ("--lesson", "linear_regression", "--lesson", "relu_mlp", "--lesson", "rnn")
    found = lessonbench("weights", "exchange", *chosen, "--out", tmp_path)
    able = [name for name in frameworks() if not missing_packages(name)]
    if len(able) < 2:
        assert found.returncode == 2
        return
    assert found.returncode == 0, found.stderr
    rows = pd.read_csv(tmp_path / "exchange.csv")
    assert len(rows) == 3 * len(able) * (len(able) - 1)
    assert set(rows["verdict"]) == {"pass"}
    assert rows["loss_gap"].max() < 1e-10
    assert rows["predictions_differ"].fillna(0).max() == 0
