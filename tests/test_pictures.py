"""Pictures, a lesson shown at work, and what porting costs."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import PROJECT
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from rich.console import Console

from harness import single
from harness.catalogue import LessonFolder, frameworks, lessons, load_lesson
from harness.cli.main import main
from harness.views import predict, show
from harness.views.pictures import draw_curves, draw_examples, draw_fit, draw_function_lesson
from harness.views.plotting import COLOURS, RIGHT, WRONG
from impls.data import CLASSES, SOURCES
from impls.spec import Dataset, FunctionLesson, Line, Panel, Pictures, Points, Surface

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def figures(monkeypatch):
    """The figures that were written to a file."""
    kept, save = [], Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: (kept.append(self), save(self, *a, **k)))
    return kept


@pytest.fixture
def path(tmp_path):
    return tmp_path / "pictures" / "lesson.png"


def lesson_of(*panels):
    return FunctionLesson("Some lesson", inputs=lambda _: {}, functions={}, examples=1, picture=panels)


# --- lessons of functions --------------------------------------------------------------------------------------


def test_lines_have_names_scales_and_what_they_are_drawn_against(figures, path):
    panels = (
        Panel("Two losses", "prediction", "loss", (Line("losses", ("squared", "absolute"), against="y"),)),
        Panel("Descent", "step", "error", (Line("errors", ("error",)),), logarithmic=True),
        Panel("Data", "x", "y", (Line("y", ("points",), against="x", points=True), Line("gone", ("gone",)))),
    )
    inputs = {"x": np.arange(3.0), "y": np.array([-1.0, 0.0, 2.0])}
    results = {"losses": np.array([[1, 1], [0, 0], [4, 2]]), "errors": np.array([[1.0], [0.1]], np.float32)}
    draw_function_lesson(lesson_of(*panels), results, inputs, path)
    assert path.read_bytes().startswith(PNG)
    (figure,) = figures
    assert figure.get_suptitle() == "Some lesson"
    losses, descent, data = figure.axes
    assert (losses.get_title(), losses.get_xlabel(), losses.get_ylabel()) == ("Two losses", "prediction", "loss")
    assert [text.get_text() for text in losses.get_legend().get_texts()] == ["squared", "absolute"]
    assert [line.get_xdata().tolist() for line in losses.lines] == [[-1, 0, 2]] * 2
    assert [line.get_ydata().tolist() for line in losses.lines] == [[1, 0, 4], [1, 0, 2]]
    assert (losses.get_yscale(), descent.get_yscale()) == ("linear", "log")
    assert descent.lines[0].get_xdata().tolist() == [0, 1], "against its own index, from 0"
    (points,) = data.lines
    assert (points.get_linestyle(), points.get_marker()) == ("None", "o")


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([1.0, np.nan, 3.0, np.inf], [1, np.nan, 3, np.nan]),
        ([1.0, 1e308, 3.0, -1e308], [1, np.nan, 3, np.nan]),
        ([np.nan] * 4, [np.nan] * 4),
        ([np.nan, 2.0, np.nan, np.nan], [np.nan, 2, np.nan, np.nan]),
        ([5.0, 5.0, 5.0, 5.0], [5, 5, 5, 5]),
    ],
    ids=["not finite", "too large", "nothing", "a single one", "all the same"],
)
def test_what_is_no_number_is_left_out_of_a_line(figures, path, values, drawn, logarithmic):
    """Warnings are errors here, also those of matplotlib's arithmetic."""
    panel = Panel("", "", "", (Line("f", ("f",)),), logarithmic=logarithmic)
    draw_function_lesson(lesson_of(panel), {"f": np.array(values)}, {}, path)
    (line,) = figures[0].axes[0].lines
    np.testing.assert_array_equal(line.get_ydata(), drawn)
    assert line.get_label() == ("f" if np.isfinite(values).all() else "f (diverges)")
    assert (line.get_marker() == "o") == (np.isfinite(drawn).sum() == 1), "a line of one point would not be seen"


def bowl(n):
    axis = np.linspace(-3, 3, n)
    return axis, (axis[:, np.newaxis] - 1) ** 2 + axis**2 / 4 + 0.01


@pytest.mark.parametrize("logarithmic", [False, True])
def test_a_surface_has_contours_three_dimensions_and_paths_on_both(figures, path, logarithmic):
    axis, heights = bowl(13)
    panel = Panel("A bowl", "w", "b", Surface("loss", "w", "b", ("small_rate", "gone")), logarithmic=logarithmic)
    walk = np.array([[-2.0, 0.5], [0.0, 1.0], [9.0, 1.0], [np.inf, np.nan]])
    draw_function_lesson(lesson_of(panel), {"loss": heights, "small_rate": walk}, {"w": axis, "b": axis}, path)
    flat, deep, bar = figures[0].axes if figures[0].axes[1].name == "3d" else np.array(figures[0].axes)[[0, 2, 1]]
    assert (flat.get_title(), flat.get_xlabel(), flat.get_ylabel(), bar.get_ylabel()) == ("A bowl", "w", "b", "loss")
    assert (*flat.get_xlim(), *flat.get_ylim()) == (-3, 3, -3, 3), "a path that leaves does not move the picture"
    assert [text.get_text() for text in flat.get_legend().get_texts()] == ["small rate"]
    assert flat.lines[0].get_xdata()[:3].tolist() == [-2, 0, 9]
    assert deep.name == "3d"
    line = np.array(deep.lines[0].get_data_3d())
    here = np.isfinite(line).all(axis=0)
    assert line[:, here][:2].max() <= 3
    over = line[2, here] if not logarithmic else 10 ** line[2, here]
    np.testing.assert_allclose(over, (line[1, here] - 1) ** 2 + line[0, here] ** 2 / 4 + 0.01, rtol=0.6, atol=0.1)


@pytest.mark.parametrize(
    "heights", [np.full((5, 5), 2.0), np.full((5, 5), -1.0), bowl(5)[1] * np.where(np.eye(5), np.nan, 1)]
)
def test_a_flat_or_broken_surface_is_drawn(path, heights):
    axis = np.arange(5.0)
    panel = Panel("", "", "", Surface("loss", "w", "b"))
    draw_function_lesson(lesson_of(panel), {"loss": heights}, {"w": axis, "b": axis}, path)
    assert path.read_bytes().startswith(PNG)


def test_rows_of_pictures_lie_under_one_another_on_the_scale_of_the_first(figures, path):
    """A row for each of (n, height, width) or several of (rows, n, height, width), with labels; one may be shorter."""
    rows = {"originals": ("original",), "gone": ("gone",), "rebuilt": ("1 component", "2 components")}
    originals, rebuilt = np.zeros((3, 4, 5)), np.full((2, 2, 4, 5), 0.5, np.float32)
    originals[0, 0, 0], rebuilt[1, 1, 3, 4], rebuilt[0, 0, 0, 0] = -1.0, 2.0, np.inf
    panel = Panel("Pictures", "", "", Pictures(rows))
    draw_function_lesson(lesson_of(panel), {"rebuilt": rebuilt}, {"originals": originals}, path)
    (axes,) = figures[0].axes
    assert axes.get_title() == "Pictures"
    assert not axes.axison
    labels = axes.texts
    assert [text.get_text() for text in labels] == ["original", "1 component", "2 components"]
    heights = [text.get_position()[1] for text in labels]
    assert heights == sorted(set(heights))
    (drawn,) = axes.images
    found = drawn.get_array()
    assert found.shape == (3 * (4 + 1), 3 * (5 + 1)), "a gap before each"
    assert (drawn.norm.vmin, drawn.norm.vmax) == (-1, 0)
    assert drawn.get_cmap().name == "gray_r", "the smallest number is white"
    assert (found[1, 1], found[14, 11], found[6, 7]) == (-1, 2, 0.5)
    for place in ((0, 3), (5, 3), (3, 0), (3, 6), (7, 13), (6, 1)):
        assert found.mask[place], "gaps, what is not there and what is no number stay empty"
    middle = {int(y): text.get_text() for y, text in zip(heights, labels, strict=True)}
    assert sorted(middle) == [2, 7, 12]


def test_no_pictures_are_no_rows(figures, path):
    draw_function_lesson(lesson_of(Panel("None", "", "", Pictures({"gone": ("gone",)}))), {}, {}, path)
    (axes,) = figures[0].axes
    assert len(axes.images) == len(axes.texts) == 0


def test_a_long_row_of_pictures_goes_on_below(figures, path):
    content = Pictures({"parts": ("first", "second")}, across=2)
    parts = np.arange(2 * 5.0).reshape(2, 5, 1, 1) * np.ones((2, 3))
    draw_function_lesson(lesson_of(Panel("", "", "", content)), {"parts": parts}, {}, path)
    (axes,) = figures[0].axes
    assert [text.get_text() for text in axes.texts] == ["first", "", "", "second", "", ""]
    found = axes.images[0].get_array()
    assert found.shape == (6 * 3, 2 * 4)
    assert found[1::3, 1::4].filled(-1).tolist() == [[0, 1], [2, 3], [4, -1], [5, 6], [7, 8], [9, -1]]


def test_points_have_the_colours_of_their_classes(figures, path):
    panels = (
        Panel("Projected", "first", "second", Points("found", "kind", ("iris", "lily"))),
        Panel("Measured", "length", "width", Points("x", "kind", ("iris", "lily"))),
        Panel("None", "", "", Points("gone", "kind", ("iris", "lily"))),
    )
    inputs = {"x": np.arange(12.0).reshape(3, 4), "kind": np.array([1, 0, 1])}
    draw_function_lesson(lesson_of(*panels), {"found": np.array([[1.0, 2], [3, 4], [5, 6]])}, inputs, path)
    projected, measured, empty = figures[0].axes
    assert (projected.get_title(), projected.get_xlabel(), projected.get_ylabel()) == ("Projected", "first", "second")
    assert [line.get_label() for line in projected.lines] == ["iris", "lily"]
    assert [(line.get_xdata().tolist(), line.get_ydata().tolist()) for line in projected.lines] == [
        ([3], [4]),
        ([1, 5], [2, 6]),
    ]
    assert [to_hex(line.get_color()).upper() for line in measured.lines] == list(COLOURS[:2])
    assert [line.get_ydata().tolist() for line in measured.lines] == [[5], [1, 9]], "the first two columns"
    assert [line.get_linestyle() for line in measured.lines] == ["None"] * 2
    assert list(empty.lines) == []


@pytest.mark.parametrize(("surfaces", "panels"), [(0, 0), (0, 4), (0, 5), (1, 0), (1, 1), (2, 1), (3, 2)])
def test_any_number_of_panels_has_room(figures, path, surfaces, panels):
    axis, heights = bowl(5)
    chosen = [Panel("", "", "", Surface("z", "x", "x"))] * surfaces + [Panel("", "", "", (Line("x", ("x",)),))] * panels
    draw_function_lesson(lesson_of(*chosen), {"z": heights}, {"x": axis}, path)
    assert path.exists() == bool(chosen)
    if chosen:
        assert len(figures[0].axes) == 3 * surfaces + panels


@pytest.mark.parametrize("name", [n for n in lessons() if load_lesson(n).kind == "functions"])
def test_the_lessons_pictures_draw_what_there_is(name):
    """Names of a picture are functions or inputs of the lesson."""
    lesson = load_lesson(name)
    known = {"", *lesson.functions, *lesson.inputs(lesson.seed)}
    for panel in lesson.picture:
        match panel.content:
            case Surface(function, horizontal, vertical, paths):
                assert {function, horizontal, vertical, *paths} <= known
            case Points(function, classes, labels):
                assert {function, classes} <= known
                assert set(lesson.inputs(lesson.seed)[classes]) == set(range(len(labels)))
            case Pictures(rows):
                assert rows.keys() <= known
            case lines:
                assert lines
                assert {name for line in lines for name in (line.function, line.against)} <= known


# --- nets ------------------------------------------------------------------------------------------------------


def rows(values, **way):
    """Rows of curves.csv: ``values`` by framework and quantity."""
    cell = {"mode": "eager", "device": "cpu", "dtype": "float32", "threads": 2, "seed": 0, "profile": "quick"} | way
    return [
        {"lesson": "relu_mlp", "framework": framework, **cell}
        | {"axis": axis, "position": position, "quantity": quantity, "value": value}
        for framework, quantities in values.items()
        for quantity, points in quantities.items()
        for axis in ("step", "epoch")
        for position, value in enumerate(points, start=1)
    ]


def test_a_framework_has_a_line_in_each_drawing_and_one_colour_in_all(figures, path):
    """Those that lie on one another are drawn broader the earlier they come."""
    learnt = {"train_loss": [0.5, 0.1, 0.004], "accuracy": [0.8, 0.9, 0.95]}
    other = {"train_loss": ["nan", 0.2, "inf"], "accuracy": [0.5, 0.5, 0.5]}
    names = list(frameworks())
    draw_curves(rows({name: learnt if name != names[-1] else other for name in reversed(names)}), path)
    loss, accuracy = figures[0].axes
    assert figures[0].get_suptitle() == load_lesson("relu_mlp").title
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("training loss, mean of the epoch", "test accuracy")
    assert (loss.get_yscale(), accuracy.get_yscale()) == ("log", "linear"), "the loss falls by more than a hundred"
    labels = [*names[:-1], f"{names[-1]} (diverges)"]
    assert [line.get_label() for line in loss.lines] == labels
    assert [line.get_label() for line in accuracy.lines] == names
    for axes in (loss, accuracy):
        assert [to_hex(line.get_color(), keep_alpha=False).upper() for line in axes.lines] == list(
            COLOURS[: len(names)]
        )
        assert [line.get_xdata().tolist() for line in axes.lines] == [[1, 2, 3]] * len(names)
        widths = [line.get_linewidth() for line in axes.lines]
        assert widths[:-1] == sorted(set(widths[:-1]), reverse=True)
        assert widths[-1] == 2


def test_cells_of_one_framework_are_told_apart(figures, path):
    learnt = {"numpy": {"train_loss": [3, 2], "train_accuracy": [0.1, 0.3], "accuracy": [0.1, 0.2]}}
    draw_curves([*rows(learnt), *rows(learnt, mode="other", seed=1)], path)
    loss, train, test = figures[0].axes
    assert [line.get_label() for line in loss.lines] == ["numpy, eager, seed 0", "numpy, other, seed 1"]
    assert len({str(line.get_linestyle()) + str(line._dash_pattern) for line in loss.lines}) == 2
    assert train.get_ylim() == test.get_ylim(), "training and test accuracy are compared"


def test_single_parameters_share_a_drawing(figures, path):
    learnt = {"train_loss": [2, 1], "parameter_error": [2, 1], "head.kernel[0]": [1, 2], "head.bias[0]": [3, 4]}
    draw_curves(rows({"numpy": learnt, "torch": learnt}), path)
    *_, parameters = figures[0].axes
    assert len(figures[0].axes) == 3
    assert len(parameters.lines) == 4
    assert [text.get_text() for text in parameters.get_legend().get_texts()] == ["numpy", "torch"]
    assert {note.get_text() for note in parameters.texts} == {"head.kernel[0]", "head.bias[0]"}


@pytest.mark.parametrize("depth", [4, 6])
def test_a_deep_net_shows_its_first_gradients_layer_by_layer(figures, path, depth):
    learnt = rows({name: {"train_loss": [2, 1]} for name in ("torch", "numpy")})
    cell = {key: learnt[0][key] for key in ("lesson", "mode", "device", "dtype", "threads", "seed", "profile")}
    layers = [
        {**cell, "framework": name, "axis": "layer", "position": place, "quantity": f"gradient conv{place}.kernel"}
        | {"value": 10.0**-place}
        for name in ("torch", "numpy")
        for place in range(depth, 0, -1)
    ]
    draw_curves([*learnt, *layers], path)
    assert len(figures[0].axes) == (2 if depth == 6 else 1)
    if depth == 6:
        drawn = figures[0].axes[1]
        assert drawn.get_yscale() == "log"
        assert [line.get_label() for line in drawn.lines] == ["numpy", "torch"]
        assert drawn.lines[0].get_ydata().tolist() == [10.0**-place for place in range(1, 7)]
        assert [tick.get_text() for tick in drawn.get_xticklabels()] == [f"conv{place}" for place in range(1, 7)]


def test_names_are_green_if_right_and_red_if_not(figures, path):
    pictures = [(np.zeros((28, 28)), "bag", name) for name in ("bag", "bag", "coat", "bag", "bag", "bag")]
    draw_examples("Softmax", pictures, "Six of ten.", path)
    assert figures[0].get_supxlabel() == "Six of ten."
    titles = [(axes.get_title(), axes.title.get_color()) for axes in figures[0].axes]
    assert titles.count(("✓ bag\ntrue: bag", RIGHT)) == 5
    assert titles[2] == ("✗ coat\ntrue: bag", WRONG)


def test_the_fitted_curve_lies_over_the_points(figures, path):
    x = np.linspace(0, 1, 5)[:, np.newaxis]
    draw_fit("Fit", {"training examples": (x, x), "test examples": (x, 2 * x)}, (x, 3 * x), path)
    lines = figures[0].axes[0].lines
    assert [line.get_label() for line in lines] == ["training examples", "test examples", "the net"]
    assert [line.get_ydata()[-1] for line in lines] == [1, 2, 3]


def test_drawing_leaves_no_trace_in_the_users_settings(path):
    import matplotlib

    mine = {"font.size": 7.0, "axes.grid": False, "lines.linewidth": 9.0}
    with matplotlib.rc_context(mine):
        draw_fit("Fit", {}, (np.arange(3), np.arange(3)), path)
        assert {name: matplotlib.rcParams[name] for name in mine} == mine


def test_matplotlib_is_imported_when_something_is_drawn_and_not_before(tmp_path):
    """And then without pyplot, which would look for a screen."""
    code = (
        "import sys, pathlib, numpy, harness.run, harness.views.predict, harness.report\n"
        "print('matplotlib' in sys.modules)\n"
        "line = numpy.arange(3)\n"
        "harness.views.predict.draw_fit('Fit', {}, (line, line), pathlib.Path(sys.argv[1]))\n"
        "print('matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    words = [sys.executable, "-c", code, str(tmp_path / "fit.png")]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "False"]


# --- a lesson at work ------------------------------------------------------------------------------------------


def test_every_class_has_a_name():
    assert [len(set(source.classes)) for source in SOURCES.values()] == [CLASSES] * len(SOURCES)
    assert SOURCES["fashion-mnist"].classes[9] == "ankle boot"


@pytest.mark.parametrize("form", ["labels", "targets"])
@pytest.mark.parametrize(
    ("wrong", "shown", "sentence"),
    [
        (
            [8, 11],
            [0, 1, 2, 3, 4, 8],
            "The first 5 test pictures and number 9, the first that is named wrongly.\nOf all 12, 2",
        ),
        ([2], [0, 1, 2, 3, 4, 5], "The first 6 test pictures.\nOf all 12, 1"),
        ([], [0, 1, 2, 3, 4, 5], "The first 6 test pictures.\nOf all 12, 0"),
    ],
    ids=["later", "among the first", "none"],
)
def test_one_of_the_pictures_is_named_wrongly_if_any_is(wrong, shown, sentence, form):
    true = np.arange(12) % 10
    outputs = np.eye(10)[true]
    outputs[wrong] = np.roll(outputs[wrong], 1, axis=1)
    x = np.repeat(np.arange(12.0)[:, np.newaxis], 784, axis=1)
    data = Dataset(x, true, x, true.astype(np.int32) if form == "labels" else np.where(np.eye(10)[true], 0.99, 0.01))
    names = SOURCES["fashion-mnist"].classes
    pictures, caption = predict._pictures(data, outputs, names)
    assert [int(picture[0, 0]) for picture, *_ in pictures] == shown
    assert [name for _, name, _ in pictures] == [names[true[i]] for i in shown]
    assert [i for i, (_, name, predicted) in zip(shown, pictures, strict=True) if name != predicted] == [
        i for i in shown if i in wrong
    ]
    assert caption.startswith(sentence)


def test_a_net_with_one_input_is_drawn_and_answers(lessonbench, tmp_path):
    spare = tmp_path / "spare"
    spare.mkdir()
    words = ("predict", "linear_unit-long", "--framework", "numpy", "--out", tmp_path / "out")
    done = lessonbench(*words, env={"TMPDIR": str(spare)})
    assert done.returncode == 0, done.stderr
    file = tmp_path / "out" / "linear_unit-long-numpy.png"
    assert file.read_bytes().startswith(PNG)
    assert [*file.parent.iterdir()] == [file]
    assert str(file) in done.stdout
    (row,) = (line for line in done.stdout.splitlines() if line.startswith("│"))
    x, target, output = map(float, row.strip("│").split("│"))
    assert (x, target) == (4, 8)
    assert output == pytest.approx(8, abs=2e-3)
    assert [*spare.iterdir()] == []


def test_a_word_is_told_epoch_by_epoch(lessonbench):
    done = lessonbench("predict", "rnn_cell", "--framework", "numpy")
    assert done.returncode == 0, done.stderr
    words = [line.strip("│").split("│") for line in done.stdout.splitlines() if line.startswith("│")]
    assert [int(epoch) for epoch, _ in words] == list(range(1, load_lesson("rnn_cell").profiles["quick"].epochs + 1))
    assert words[-1][1].strip() == "ohlol"
    assert words[0][1].strip() != "ohlol"


def test_functions_give_their_picture_and_results(lessonbench, tmp_path):
    done = lessonbench("predict", "grid_search", "--framework", "numpy", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "grid_search-numpy.png").read_bytes().startswith(PNG)
    assert "18.67" in done.stdout


def test_a_training_that_fails_is_one_sentence_and_its_log_is_kept(workshop, tmp_path):
    workshop.plant("broken", "class Net(SoundNet):\n    def forward(self, x):\n        raise RuntimeError('no idea')\n")
    done = workshop.lessonbench("predict", "broken", env={"TMPDIR": str(tmp_path)})
    assert done.returncode == 1
    assert done.stdout == ""
    sentence = done.stderr.splitlines()[-1]
    assert sentence.startswith(
        "lessonbench: broken in numpy failed: RuntimeError: no idea (broken_numpy.py, line 4, in "
    )
    assert "in forward); its log is in " in sentence
    (log,) = tmp_path.rglob("*.log")
    assert "no idea" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("linear_unti", "unknown lesson 'linear_unti': did you mean linear_unit?"),
        ("linear_unit --framework nunpy", "unknown framework 'nunpy': did you mean numpy?"),
        ("linear_unit --framework numpy --seed -1", "--seed -1: a seed is a whole number from 0 up."),
        ("linear_unit --framework numpy --profile quik", "unknown profile 'quik': did you mean quick?"),
        (
            "linear_unit --framework numpy --out taken",
            "cannot write into taken: File exists; name another folder with --out.",
        ),
        (
            "relu_mlp --framework numpy --profile full --data nowhere",
            "nowhere is named as the data folder but is no folder",
        ),
    ],
)
def test_bad_input_is_one_sentence(capsys, monkeypatch, tmp_path, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("a file", encoding="utf-8")
    monkeypatch.setattr(single, "run_child", lambda *_, **__: pytest.fail("it began"))
    with pytest.raises(SystemExit) as end:
        main(["predict", *arguments.split()])
    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"lessonbench: {sentence}")
    assert err.count("\n") == 1


def test_a_lesson_that_a_framework_lacks_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(single, "absence", lambda lesson, framework: f"there is no file {lesson}_{framework}.py")
    with pytest.raises(SystemExit) as end:
        main(["predict", "cnn"])
    assert end.value.code == 2
    assert capsys.readouterr().err == "lessonbench: cnn cannot run in numpy: there is no file cnn_numpy.py.\n"


# --- what porting costs ----------------------------------------------------------------------------------------

HERE = '''"""A docstring
of two lines."""
import one  # a comment


class Net:
    """Another."""

    def forward(self, x):
        # a line of its own
        return x  # (batch, "#")
'''
THERE = """import other


class Net:
    def forward(self, x):
        x = x + 1

        return x
"""


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A lesson of two implementations."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "tiny_numpy.py").write_text(HERE, encoding="utf-8")
    (folder / "tiny_torch.py").write_text(THERE, encoding="utf-8")
    monkeypatch.setattr(show, "lessons", lambda: {"tiny": LessonFolder("tiny", "lines", folder)})
    return folder


def test_lines_that_differ_are_counted_without_what_does_not_run(tiny, capsys):
    """Of import, class, def, (assignment,) return: the import differs, and the assignment is there once."""
    cost = {"lesson": "tiny", "framework": "numpy", "other": "torch", "differ": 2, "lines": 5}
    assert show.porting_costs("tiny", ()) == [cost]
    assert show.porting_costs("tiny", ("numpy",)) == []
    (tiny / "tiny_torch.py").write_text(HERE, encoding="utf-8")
    assert show.porting_costs("tiny", ()) == [cost | {"differ": 0, "lines": 4}]
    with pytest.raises(SystemExit) as end:
        main(["show", "tiny", "--json"])
    assert end.value.code == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == show.porting_costs("tiny", ())


def test_a_file_that_is_no_python_is_one_sentence(tiny, capsys):
    (tiny / "tiny_torch.py").write_text("def broken(:\n", encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["show", "tiny"])
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith(f"lessonbench: {tiny / 'tiny_torch.py'} cannot be read as Python: ")


def test_a_lesson_is_shown_with_what_porting_costs(capsys):
    show.show_lesson(Console(width=150), "linear_regression", ())
    out = capsys.readouterr().out
    assert "Porting cost" in out
    assert "3 epochs, target 0.001" in out
    pairs = len(frameworks()) * (len(frameworks()) - 1) // 2
    assert len(show.porting_costs("linear_regression", ())) == pairs


@pytest.mark.usefixtures("tiny")
def test_functions_are_shown_to_be_read(monkeypatch, capsys):
    panel = Panel("Errors", "slope", "error", (Line("errors", ("error",), "w"),), logarithmic=True)
    lesson = FunctionLesson(
        title="Some functions",
        inputs=lambda seed: {"x": np.array([1.0, 2.0]), "w": np.arange(100) + seed},
        functions={"errors": ("x", "w"), "best": ("x",)},
        examples=1234,
        answers={"best": lambda arrays: arrays["x"].max()},
        target=1e-5,
        picture=(panel,),
    )
    monkeypatch.setattr(show, "load_lesson", lambda _: replace(lesson, seed=3))
    show.show_lesson(Console(width=150), "tiny", ())
    out = capsys.readouterr().out
    for words in ("errors(x, w)", "best(x)", "(100,)  3, 4, 5, 6 … 99, 100, 101, 102", "()  2", "1,234", "1e-05"):
        assert words in out
    assert "Errors: error over slope, logarithmic" in out
    assert "Panel(" not in out
    assert "<function" not in out
