"""A user's own lesson: begun from a template, found by its folder, verified, run, and what is wrong with it said."""

from __future__ import annotations

import pandas as pd
import pytest

from harness.catalogue import missing_packages

pytestmark = pytest.mark.skipif(bool(missing_packages("torch")), reason="two frameworks are compared")


@pytest.fixture
def mine(lessonbench, tmp_path):
    """A folder that ``new`` has made, with NumPy and PyTorch in it."""
    folder = tmp_path / "my_port"
    made = lessonbench("new", folder)
    assert made.returncode == 0, made.stderr
    for name in ("keras", "jax"):
        (folder / f"my_port_{name}.py").unlink()
    return folder


def change(folder, name, sound, other):
    path = folder / name
    source = path.read_text()
    assert sound in source
    path.write_text(source.replace(sound, other, 1))


def test_a_template_is_equal(lessonbench, mine, tmp_path):
    (aside := tmp_path / "aside").mkdir()
    found = lessonbench("verify", mine, "--out", tmp_path / "out", env={"TMPDIR": str(aside)})
    assert found.returncode == 0, found.stdout + found.stderr
    assert "Equal" in found.stderr
    assert not list(aside.glob("lessonbench-*"))  # the records were of use until the tables were written
    rows = pd.read_csv(tmp_path / "out" / "equality.csv")
    assert set(rows["lesson"]) == {"my_port", "my_port-smoothed"}
    assert set(rows["verdict"]) == {"pass", "reported"}
    assert pd.read_csv(tmp_path / "out" / "departures.csv").empty
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "departures.csv",
        "deviations.csv",
        "equality.csv",
    ]


def test_a_second_test_adds_to_the_first(lessonbench, tmp_path):
    """What was judged again is replaced; the rest stays, in the order of the course."""

    def verify(*asked):
        found = lessonbench("verify", *asked, "--out", tmp_path)
        assert found.returncode == 0, found.stdout + found.stderr
        return pd.read_csv(tmp_path / "equality.csv")

    later = verify("--lesson", "softmax_regression", "--framework", "torch")
    both = verify("--lesson", "linear_regression", "--framework", "torch", "--framework", "numpy")
    assert list(both["lesson"].unique()) == ["linear_regression", "softmax_regression"]
    assert list(both["framework"].unique()) == ["numpy", "torch"]
    mine = both[both["lesson"] == "softmax_regression"].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, later, check_dtype=False)
    again = verify("--lesson", "linear_regression", "--framework", "torch")
    pd.testing.assert_frame_equal(again, both)
    (tmp_path / "equality.csv").write_text("lesson,framework\n")
    refused = lessonbench("verify", "--lesson", "linear_regression", "--out", tmp_path)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert "equality.csv has not the columns of this version: name another folder with --out" in refused.stderr
    (tmp_path / "run.json").write_text("{}")
    refused = lessonbench("verify", "--lesson", "linear_regression", "--out", tmp_path)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert "holds a run, whose equality.csv is its own" in refused.stderr


def test_a_fault_is_said_on_one_screen(lessonbench, mine, tmp_path):
    change(mine, "my_port_torch.py", "return self.head(x)", "return self.head(x).tanh()")
    found = lessonbench("verify", mine, "--out", tmp_path / "out")
    assert found.returncode == 1
    assert len(found.stdout.splitlines()) < 30
    assert "It parts from numpy first at step 1, what comes out of the net's outputs" in " ".join(found.stdout.split())
    assert "it looks like tanh, where the reference has nothing" in " ".join(found.stdout.split())
    where = pd.read_csv(tmp_path / "out" / "departures.csv")
    assert set(where["framework"]) == {"torch"}
    assert set(where["stage"]) == {"output"}


def test_a_net_that_does_not_run_is_said_so(lessonbench, mine, tmp_path):
    change(mine, "my_port_torch.py", "return self.head(x)", "return self.no_such_layer(x)")
    found = lessonbench("verify", mine, "--out", tmp_path / "out")
    assert found.returncode == 1
    words = " ".join(found.stdout.split())
    assert "no_such_layer" in words
    assert "(my_port_torch.py, line" in words
    assert "Not all could be checked" in found.stderr


def test_what_a_failed_reference_leaves_unchecked_is_said(lessonbench, mine, tmp_path):
    change(mine, "my_port_numpy.py", "class Net", "class Net(")
    found = lessonbench("verify", mine, "--out", tmp_path / "out")
    assert found.returncode == 1
    assert "my_port torch eager: numpy, which it is held against, has come to no result" in " ".join(
        found.stdout.split()
    )


def test_without_numpy_another_is_the_reference(lessonbench, mine, tmp_path):
    if missing_packages("jax"):
        pytest.skip("needs a third framework")
    (mine / "my_port_numpy.py").unlink()
    assert lessonbench("new", tmp_path / "other").returncode == 0
    (tmp_path / "other" / "other_jax.py").rename(mine / "my_port_jax.py")
    found = lessonbench("verify", mine, "--out", tmp_path / "out")
    assert found.returncode == 0, found.stdout + found.stderr
    rows = pd.read_csv(tmp_path / "out" / "equality.csv")
    assert set(rows.query("framework == 'torch'")["reference"]) >= {"jax"}


def test_run_and_benchmark_take_it_up(lessonbench, mine, tmp_path):
    """The frameworks that it has files for, unless others are asked for by name."""
    (mine / "my_port_torch.py").unlink()
    options = ("--lessons", mine, "--lesson", "my_port")
    assert "own" in lessonbench("list", *options).stdout
    found = lessonbench("run", *options, "--out", tmp_path / "run")
    assert found.returncode == 0, found.stderr
    assert pd.read_csv(tmp_path / "run" / "cells.csv")["status"].tolist() == ["ok"]
    found = lessonbench("run", *options, "--framework", "torch", "--out", tmp_path / "torch")
    assert found.returncode == 1
    assert pd.read_csv(tmp_path / "torch" / "cells.csv")["status"].tolist() == ["missing"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("verify", "{}/nothing"), "holds no lesson"),
        (("verify", "{}/single"), "1 implementation that can be run here, and two are to be compared"),
        (("verify", "{}/relu_mlp"), "'relu_mlp' is there already"),
        (("new", "{}/single"), "is there already"),
        (("new", "{}/Big-Name"), "cannot be a lesson's name"),
        (("new", "{}/cnn"), "'cnn' is there already"),
        (("new", "{}/fresh", "--like", "no_lesson"), "unknown lesson"),
        (("list", "--lessons", "{}/nothing"), "holds no lesson"),
    ],
)
def test_bad_input_gets_one_sentence(lessonbench, tmp_path, words, sentence):
    for name in ("single", "relu_mlp"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lesson.py").write_text("from impls.classifiers.relu_mlp.lesson import LESSON\n")
        (tmp_path / name / f"{name}_numpy.py").write_text("class Net: ...\n")
    found = lessonbench(*(word.replace("{}", str(tmp_path)) for word in words))
    assert found.returncode == 2
    assert sentence in found.stderr
    assert len(found.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("command", [("verify",), ("weights", "exchange")])
def test_native_defaults_are_held_against_nothing(lessonbench, command):
    found = lessonbench(*command, "--lesson", "relu_mlp", "--mode", "native")
    assert found.returncode == 2
    assert len(found.stderr.splitlines()) == 1


def test_a_whole_epoch_is_followed_on_request(lessonbench, tmp_path):
    """Of 10,000 examples in batches of 16: 625 steps, at whose end a fault that comes late is found."""
    asked = ("--lesson", "sigmoid_mlp", "--framework", "torch", "--epoch")
    found = lessonbench("verify", *asked, "--out", tmp_path / "out")
    assert found.returncode == 0, found.stdout + found.stderr
    rows = pd.read_csv(tmp_path / "out" / "equality.csv")
    losses = rows[rows["quantity"].str.startswith("loss of")].set_index("gate")
    assert losses.loc["G2", "quantity"] == "loss of 625 steps"
    assert losses.loc["G2", "verdict"] == "deviates"
    assert losses.loc["G3", "quantity"] == "loss of 10 steps"


def test_a_fault_that_comes_late_shows_in_an_epoch(lessonbench, mine, tmp_path):
    """Outputs are halved from the 301st call on: 200 steps are right, and the epoch is not."""
    change(mine, "my_port_torch.py", "        self.head =", "        self.calls = 0\n        self.head =")
    late = "self.calls += 1\n        return self.head(x) * (0.5 if self.calls > 300 else 1.0)"
    change(mine, "my_port_torch.py", "return self.head(x)", late)
    change(mine, "lesson.py", "batch=256", "batch=20")
    asked = ("verify", mine, "--lesson", "my_port")
    assert lessonbench(*asked, "--out", tmp_path / "steps").returncode == 0
    found = lessonbench(*asked, "--epoch", "--out", tmp_path / "epoch")
    assert found.returncode == 1
    where = pd.read_csv(tmp_path / "epoch" / "departures.csv").iloc[0]
    assert (where["stage"], where["framework"]) == ("trajectory", "torch")
    assert 200 < where["step"] <= 300


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (("LESSON = ", "LESSON = = "), "is no Python"),
        (("LESSON = NetLesson(", "LESSON = 3\nOTHER = NetLesson("), "3 is no lesson"),
        (("LESSON = ", "raise SystemExit(3)\nLESSON = "), "SystemExit"),
        (("batch=256", "batch=-1"), "batch and epochs"),
        (('"full": Profile', '"ful": Profile'), "profiles lacks full"),
    ],
)
def test_numbers_that_are_none_are_one_sentence(lessonbench, mine, fault, sentence):
    path = mine / "lesson.py"
    path.write_text(path.read_text().split("VARIANTS")[0])
    change(mine, "lesson.py", *fault)
    for command in (("verify", mine), ("list", "--lessons", mine)):
        found = lessonbench(*command)
        assert found.returncode == 2
        assert sentence in found.stderr
        assert str(path) in found.stderr
        assert len(found.stderr.splitlines()) == 1


def test_a_lesson_that_is_no_text_is_one_sentence(lessonbench, mine):
    (mine / "lesson.py").write_bytes(b"LESSON = '\xff'")
    found = lessonbench("verify", mine)
    assert (found.returncode, len(found.stderr.splitlines())) == (2, 1)
    assert "lesson.py is no Python" in found.stderr


def test_a_fault_of_the_reference_itself_is_said(lessonbench, mine, tmp_path):
    """It is held against the lesson, and who differs from it is not called the one at fault."""
    change(mine, "my_port_numpy.py", "Dense(784, 10)", "Dense(784, 10, bias=False)")
    found = lessonbench("verify", mine, "--out", tmp_path / "out")
    assert found.returncode == 1
    words = " ".join(found.stdout.split())
    assert "my_port numpy eager: It parts from the lesson first at step 1, parameter head.bias: the net has no" in words
    assert "Of the gates the first to fail: G0 float64 shape head.bias: none where the lesson has [10]" in words
    where = pd.read_csv(tmp_path / "out" / "departures.csv")
    assert where[["framework", "reference", "stage"]].drop_duplicates().to_numpy().tolist() == [
        ["numpy", "lesson", "parameter"]
    ]


def test_where_all_differ_from_the_lesson_alike_it_is_named(lessonbench, mine, tmp_path):
    path = mine / "lesson.py"
    path.write_text(path.read_text().split("VARIANTS")[0].replace('"head.bias"', '"head.offset"'))
    found = lessonbench("verify", mine, "--out", tmp_path / "out")
    assert found.returncode == 1
    words = " ".join(found.stdout.split())
    assert words.count("from the lesson first at step 1, parameter head.offset: the net has no head.offset, but") == 2
    assert "the net has no head.offset, but head.bias" in words
    assert f"only {path} has it otherwise: the fault may as well be there" in words.replace("- ", "-")
    assert "are held against" not in words
    assert "inspect: failed" not in found.stderr


def test_a_fault_that_begins_to_act_later_is_located_in_that_step(lessonbench, mine, tmp_path):
    """A bound of the outputs is right until the first of them gets there."""
    change(mine, "my_port_torch.py", "return self.head(x)", "return self.head(x).clamp(max=1.5)")
    found = lessonbench("verify", mine, "--lesson", "my_port", "--out", tmp_path / "out")
    assert found.returncode == 1
    where = pd.read_csv(tmp_path / "out" / "departures.csv", keep_default_na=False).iloc[0]
    assert (where["stage"], where["where"]) == ("output", "the net's outputs")
    assert where["step"] > 3
    assert "a bound that is first reached here" in where["hint"]
    assert f"first at step {where['step']}, what comes out of the net's outputs" in " ".join(found.stdout.split())


def test_normalisations_have_the_same_names_everywhere(lessonbench, mine, tmp_path):
    """PyTorch calls a scale weight, Keras gamma, JAX scale."""
    if missing_packages("keras", "jax"):
        pytest.skip("these are the frameworks that call it otherwise")
    (mine / "my_port_numpy.py").unlink()
    assert lessonbench("new", tmp_path / "other").returncode == 0
    for name in ("keras", "jax"):
        (tmp_path / "other" / f"other_{name}.py").rename(mine / f"my_port_{name}.py")
    path = mine / "lesson.py"
    path.write_text(path.read_text().split("VARIANTS")[0])
    more = 'Parameter("norm.scale", (784,), Constant(1)), Parameter("norm.bias", (784,), Constant(0)), '
    change(mine, "lesson.py", 'Parameter("head.kernel"', f'{more}Parameter("head.kernel"')
    change(
        mine,
        "my_port_torch.py",
        "        self.head =",
        "        self.norm = nn.LayerNorm(784, eps=1e-6)\n        self.head =",
    )
    keras = "        self.norm = layers.LayerNormalization(epsilon=1e-6)\n        self.head ="
    change(mine, "my_port_keras.py", "        self.head =", keras)
    jax = "        self.norm = nnx.LayerNorm(784, rngs=rngs)\n        self.head ="
    change(mine, "my_port_jax.py", "        self.head =", jax)
    for name in ("torch", "keras", "jax"):
        change(mine, f"my_port_{name}.py", "self.head(x)", "self.head(self.norm(x))")
    found = lessonbench("verify", mine, "--out", tmp_path / "out")
    rows = pd.read_csv(tmp_path / "out" / "equality.csv")  # of float64, where no rounding grows over the steps
    assert set(rows[rows["trace_dtype"] == "float64"]["verdict"]) == {"pass"}, found.stdout


def test_a_missing_class_is_named(lessonbench, mine, tmp_path):
    change(mine, "my_port_torch.py", "class Net", "class Ned")
    found = lessonbench("verify", mine, "--out", tmp_path / "out")
    assert found.returncode == 1
    assert "my_port_torch.py has no class Net" in " ".join(found.stdout.split())
    assert "torch-eager-cpu-float32-1t-s0-quick.trace: failed" in found.stderr
