"""Whatever goes wrong, a run ends with a row for every planned cell, or with one sentence that says what to do."""

from __future__ import annotations

import gzip
import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import pytest
from conftest import CommandLine, Workshop

from harness.catalogue import lessons
from harness.children import onnx_model, onnx_parity
from harness.cli.main import main
from harness.columns import COLUMNS, RUN_TABLES
from harness.csv_tables import read_table, write_table
from harness.runtime import runtimes
from impls import files
from impls.data import FILES, SAMPLES

CHEAP = ("--lesson", "linear_regression", "--framework", "numpy")
TRAIN_IMAGES, TRAIN_LABELS = FILES[:2]
Rows = dict[tuple[str, str], dict[str, object]]


def rows_of(folder: Path) -> Rows:
    """The rows of cells.csv by lesson and framework; an empty field is an empty string."""
    table = read_table(folder, "cells.csv").fillna("")
    assert tuple(table.columns) == COLUMNS["cells.csv"]
    return {(row["lesson"], row["framework"]): row for row in table.to_dict("records")}


def statuses(folder: Path) -> list[str]:
    """What became of each cell, in the order of the plan."""
    return list(read_table(folder, "cells.csv")["status"])


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What a refused command said; it must be a single line, and all that there is."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    line, rest = done.stderr.removeprefix("lessonbench: ").split("\n", 1)
    assert rest == "", done.stderr
    assert done.stderr.startswith("lessonbench: ")
    return line


# --- what is asked for cannot be done --------------------------------------------------------------------------


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command that must be refused, in this process, which is faster; returns its sentence."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "SYSTEM", tmp_path / "system")
    monkeypatch.setenv("LESSONBENCH_OFFLINE", "1")
    monkeypatch.setenv("LESSONBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LESSONBENCH_DATA", raising=False)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # what a run does with SIGTERM is not for this process
    monkeypatch.setattr("harness.jobs.Launcher.launch", lambda *_, **__: pytest.fail("it began"))

    def run(*arguments: object) -> str:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return one_sentence(subprocess.CompletedProcess([], end.value.code, out, err))

    return run


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--lesson linear_regresion", "unknown lesson 'linear_regresion': did you mean linear_regression?"),
        ("--lesson 12345", r"unknown lesson '12345': choose from backpropagation, .*, cnn\b.*\."),
        ("--chapter line", "unknown chapter 'line': did you mean lines?"),
        ("--framework nunpy", "unknown framework 'nunpy': did you mean numpy?"),
        ("--mode eagre", "unknown mode 'eagre': did you mean eager?"),
        ("--device gpus", "unknown device 'gpus': did you mean gpu?"),
        ("--dtype float46", "unknown dtype 'float46': did you mean float64?"),
        ("--profile quik", "unknown profile 'quik': did you mean quick?"),
        ("--chapter lines --lesson cnn", "nothing to run: no lesson, framework and mode fits .*"),
        ("--threads 0", r"--threads 0: this process may use 1 to \d+ cores; .*"),
        ("--threads 100000", r"--threads 100000: this process may use 1 to \d+ cores; .*"),
        ("--threads many", "Invalid value for '--threads': 'many' is not a valid integer."),
        ("--seed -1", "--seed -1: a seed is a whole number from 0 up."),
        ("--learning-rate 0", "--learning-rate 0: a learning rate is a number above 0."),
        ("--learning-rate nan", "--learning-rate nan: a learning rate is a number above 0."),
        ("--deadline 0", "--deadline and --memory take a number above 0."),
        ("--deadline nan", "--deadline and --memory take a number above 0."),
        ("--memory -1", "--deadline and --memory take a number above 0."),
        ("--memory nan", "--deadline and --memory take a number above 0."),
        ("--memory inf", "--deadline and --memory take a number above 0."),
        ("--resume", "--resume goes on with what is in a folder: name it with --out."),
        ("--datta x", "No such option '--datta'. .*"),
        ("--profile full --lesson relu_mlp --data nowhere", "nowhere is named as the data folder but is no folder .*"),
        ("--profile full --lesson relu_mlp", r"the full mnist is neither in your folder .* put the files .*"),
    ],
)
def test_a_run_that_cannot_be_is_refused_in_one_sentence(refused, arguments: str, sentence: str) -> None:
    assert re.fullmatch(sentence.replace("?", r"\?"), refused("run", *arguments.split()))


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("lst", "No such command 'lst'. .*"),
        ("list --framework nunpy", "unknown framework 'nunpy': did you mean numpy?"),
        ("show nosuch", "unknown lesson 'nosuch': .*"),
        ("show cnn --framework nunpy", "unknown framework 'nunpy': did you mean numpy?"),
        ("data fetch mnits", "unknown data set 'mnits': did you mean mnist?"),
        ("data fetch mnist", "mnist cannot be fetched while LESSONBENCH_OFFLINE is set; .*"),
        ("data import nowhere", "nowhere cannot be read .*"),
    ],
)
def test_other_commands_refuse_in_one_sentence_too(refused, command: str, sentence: str) -> None:
    assert re.fullmatch(sentence.replace("?", r"\?"), refused(*command.split()))


# --- data ------------------------------------------------------------------------------------------------------


def flipped(packed: bytes) -> bytes:
    content = bytearray(gzip.decompress(packed))
    content[999] ^= 1
    return gzip.compress(content, 1)


DAMAGES = [
    pytest.param(flipped, r"is damaged or not of the \w+ mnist \(SHA-256 \w+\)", id="a bit flipped"),
    pytest.param(lambda packed: packed[: len(packed) // 2], "cannot be read .*end-of-stream", id="cut short"),
    pytest.param(lambda _: b"", "is damaged", id="empty"),
    pytest.param(lambda _: gzip.compress(bytes(2**24)) * 64, "holds more than the [0-9,]+ bytes", id="bomb of 1 GiB"),
]


@pytest.mark.parametrize(("damage", "sentence"), DAMAGES)
def test_a_damaged_sample_is_refused(workshop: Workshop, damage: Callable[[bytes], bytes], sentence: str) -> None:
    place = workshop.unshare_samples() / "mnist" / f"{TRAIN_IMAGES}.gz"
    content = place.read_bytes()
    place.unlink()
    place.write_bytes(damage(content))
    assert re.match(f"{place} {sentence}", one_sentence(workshop.lessonbench("run", "--lesson", "relu_mlp")))


@pytest.mark.parametrize(("damage", "sentence"), DAMAGES)
def test_damaged_full_data_are_refused(refused, tmp_path, damage: Callable[[bytes], bytes], sentence: str) -> None:
    (tmp_path / "mine").mkdir()
    place = tmp_path / "mine" / f"{TRAIN_LABELS}.gz"
    place.write_bytes(damage((SAMPLES / "mnist" / place.name).read_bytes()))
    said = refused("run", "--lesson", "relu_mlp", "--profile", "full", "--data", place.parent)
    assert re.match(f"{place} {sentence}", said)


@pytest.mark.parametrize("command", [("run", "--lesson", "relu_mlp"), ("verify",), ("predict", "relu_mlp")])
def test_a_folder_of_official_data_is_refused_where_the_sample_is_taken(refused, tmp_path, command) -> None:
    assert "--profile full" in refused(*command, "--data", tmp_path)


# --- a cell that goes wrong is a row, and the others go on -----------------------------------------------------

FAULTY = {
    "crashes": """
        import os, signal
        class Net(SoundNet):
            def __init__(self):
                os.kill(os.getpid(), signal.SIGSEGV)
    """,
    "eats_memory": """
        import time
        class Net(SoundNet):
            def __init__(self):
                hoard = []
                for _ in range(64):  # up to 1 GiB
                    hoard.append(b"x" * 2**24)
                    time.sleep(0.02)
    """,
    "leaves_nothing": """
        import os
        class Net(SoundNet):
            def __init__(self):
                os._exit(0)
    """,
    "raises": """
        class Net(SoundNet):
            def forward(self, x):
                raise ValueError("the layers\\ndo not fit")
    """,
    "is_broken": "class Net(:",
    "has_no_net": "",
    "is_nan": """
        class Net(SoundNet):
            def forward(self, x):
                return super().forward(x) * float("nan")
    """,
    "wants_a_formula": """
        from impls.spec import DeviceMissingError
        class Net(SoundNet):
            def __init__(self):
                raise DeviceMissingError('=HYPERLINK("http://example.invalid")')
    """,
}
OUTCOMES = {  # of each: the status, and how its reason begins
    "linear_regression": ("ok", "$"),
    "crashes": ("crashed", "ended by SIGSEGV; see "),
    "eats_memory": ("out_of_memory", r"used 0\.\d GiB where 0\.4 GiB are allowed \(--memory\)$"),
    "leaves_nothing": ("failed", "the process ended with exit code 0 and left no result$"),
    "raises": ("failed", r"ValueError: the layers do not fit \(raises_numpy\.py, line 5, in forward\)$"),
    "is_broken": ("failed", "SyntaxError: invalid syntax"),
    "has_no_net": ("failed", "AttributeError: .* has no class Net"),
    "is_nan": ("diverged", r"the loss is not finite in epoch 1 \(learning rate 0\.03\)$"),
    "wants_a_formula": ("missing", "'=HYPERLINK"),
}
FRAMEWORK_NOT_INSTALLED = """
FRAMEWORK = Framework(packages=("no_such_package",), modes={"eager": {}, "fast": {}})
"""


@pytest.fixture(scope="module")
def faulty_run(make_workshop: Callable[[], Workshop]) -> tuple[subprocess.CompletedProcess[str], Path]:
    """One run of a sound lesson, of faulty ones, and of a framework that is not installed."""
    workshop = make_workshop()
    for name, net in FAULTY.items():
        workshop.plant(name, net)
    lines = workshop.impls / "lines"
    (workshop.impls / "learners" / "ghost_learner.py").write_text(FRAMEWORK_NOT_INSTALLED)
    (lines / "linear_regression" / "linear_regression_ghost.py").touch()
    frameworks = ("--framework", "numpy", "--framework", "ghost")
    listed = workshop.lessonbench("list", "--chapter", "lines", *frameworks, "--json").stdout.splitlines()
    assert {json.loads(line)["lesson"] for line in listed} > {*OUTCOMES}
    chosen = [word for lesson in OUTCOMES for word in ("--lesson", lesson)] + [*frameworks]
    done = workshop.lessonbench("run", *chosen, "--memory", 0.4, "--out", "run")
    return done, workshop.lessonbench.home / "run"


def test_the_faulty_run_has_a_row_for_every_planned_cell(faulty_run) -> None:
    done, folder = faulty_run
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    planned = json.loads((folder / "run.json").read_text())["cells"]
    assert len(planned) == len(set(planned)) == 2 * len(OUTCOMES)
    table = read_table(folder, "cells.csv")
    assert sorted(zip(table["lesson"], table["framework"], strict=True)) == sorted(
        (lesson, framework) for lesson in OUTCOMES for framework in ("numpy", "ghost")
    )
    assert f"{len(planned)} cells: " in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("lesson", OUTCOMES)
def test_a_fault_is_a_row_with_status_and_reason(faulty_run, lesson: str) -> None:
    row = rows_of(faulty_run[1])[lesson, "numpy"]
    status, reason = OUTCOMES[lesson]
    assert row["status"] == status
    assert re.match(reason, row["reason"])


def test_a_framework_that_is_not_installed_is_missing(faulty_run) -> None:
    rows = rows_of(faulty_run[1])
    row = rows["linear_regression", "ghost"]
    assert (row["status"], row["mode"]) == ("missing", "eager")
    assert row["reason"] == "not installed: no_such_package (pip install 'lessonbench[ghost]')"
    row = rows["crashes", "ghost"]
    assert (row["status"], row["reason"]) == ("missing", "there is no file crashes_ghost.py")


def test_no_field_of_a_table_is_a_formula(faulty_run, tmp_path: Path) -> None:
    for name in RUN_TABLES:
        fields = [str(field) for _, row in read_table(faulty_run[1], name).iterrows() for field in row]
        assert not [field for field in fields if field.startswith(("=", "@"))]
    reasons = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1+1", "plain"]
    write_table(tmp_path, "cells.csv", [{"reason": reason, "value": -1.5} for reason in reasons])
    table = read_table(tmp_path, "cells.csv")
    assert list(table["reason"]) == ["'=1+1", "'+1", "'-1+1", "'@SUM(A1)", "'=1+1", "plain"]
    assert set(table["value"]) == {-1.5}  # a number stays one


def test_a_hang_is_a_timeout(workshop: Workshop) -> None:
    workshop.plant("hangs", "import time\nclass Net:\n    def __init__(self): time.sleep(600)\n")
    done = workshop.lessonbench("run", "--lesson", "hangs", "--framework", "numpy", "--deadline", 2, "--out", "run")
    assert done.returncode == 1
    row = rows_of(workshop.lessonbench.home / "run")["hangs", "numpy"]
    assert (row["status"], row["reason"]) == ("timeout", "not done after 2 s (--deadline)")


def test_divergence_keeps_what_came_before(lessonbench: CommandLine, tmp_path: Path) -> None:
    done = lessonbench("run", *CHEAP, "--learning-rate", 10, "--out", "run")
    assert done.returncode == 1
    row = rows_of(tmp_path / "run")["linear_regression", "numpy"]
    assert row["status"] == "diverged"
    assert re.fullmatch(r"the loss is not finite in epoch \d \(learning rate 10\)", row["reason"])
    assert row["target"] == ""  # it belongs to the lesson's own learning rate
    curves = read_table(tmp_path / "run", "curves.csv")
    epochs = curves[(curves["axis"] == "epoch") & (curves["quantity"] == "train_loss")]
    assert list(epochs["position"]) == list(range(1, int(row["epochs"]) + 1))


def test_a_gpu_that_is_not_there_is_missing_and_the_cpu_goes_on(lessonbench: CommandLine, tmp_path: Path) -> None:
    """Every planned cell once, even if it is asked for twice."""
    twice = ("--device", "cpu", "--device", "gpu", "--device", "cpu", "--seed", 1, "--seed", 1)
    done = lessonbench("run", *CHEAP, *twice, "--out", "run", "--json")
    assert done.returncode == 1
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["device"], row["seed"], row["status"]) for row in rows] == [("cpu", 1, "ok"), ("gpu", 1, "missing")]
    assert rows[1]["reason"].startswith("NumPy runs on the CPU alone")
    assert statuses(tmp_path / "run") == ["ok", "missing"]
    assert len(json.loads((tmp_path / "run" / "run.json").read_text())["cells"]) == 2


# --- the folder of a run ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["file", "file/run", "/proc/run"])
def test_a_folder_that_cannot_be_written_is_refused(lessonbench: CommandLine, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    said = one_sentence(lessonbench("run", *CHEAP, "--out", place))
    assert re.fullmatch(f"cannot write into {place}: .*; name another folder with --out.", said)
    assert (tmp_path / "file").read_text() == "not a folder"


NO_FILE_ABOVE = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))"  # bytes; as on a full disk


def test_a_folder_that_becomes_full_keeps_what_was_measured(lessonbench: CommandLine, tmp_path: Path) -> None:
    """The largest table does not fit; the records do, and the run is completed from them when there is room."""

    done = lessonbench("run", *CHEAP, "--out", "run", first=NO_FILE_ABOVE.format(25_000))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == ("lessonbench: cannot write run: File too large; what was kept is in run.")
    assert statuses(tmp_path / "run") == ["ok"]
    (record,) = (tmp_path / "run" / "work").glob("*/train.json")
    measured = json.loads(record.read_text())
    again = lessonbench("run", *CHEAP, "--out", "run", "--resume")
    assert again.returncode == 0
    row = rows_of(tmp_path / "run")["linear_regression", "numpy"]
    assert row["train_examples_per_s"] == pytest.approx(measured["train_examples_per_s"], rel=1e-8)
    assert len(read_table(tmp_path / "run", "curves.csv")) > 400


def test_a_folder_that_is_full_from_the_start_is_refused(lessonbench: CommandLine) -> None:
    said = one_sentence(lessonbench("run", *CHEAP, "--out", "run", first=NO_FILE_ABOVE.format(100)))
    assert said == "cannot write into run: File too large; name another folder with --out."


def test_a_run_is_replaced_only_if_told_to(workshop: Workshop) -> None:
    """A second run into a folder is refused; --overwrite leaves nothing of the first, --resume nothing to do."""
    lessonbench, run = workshop.lessonbench, workshop.lessonbench.home / "run"
    workshop.plant("fails", "raise ValueError('broken')")
    first = ("run", "--lesson", "fails", "--framework", "numpy", "--out", "run")
    assert lessonbench(*first).returncode == 1
    before = (run / "cells.csv").read_bytes()
    said = one_sentence(lessonbench("run", *CHEAP, "--out", "run"))
    assert re.fullmatch(r"run already holds a run of [-0-9T:+]+: go on with it \(--resume\), replace .*", said)
    assert "(--overwrite)" in said
    said = one_sentence(lessonbench("run", *CHEAP, "--out", "run", "--resume"))
    assert said == "--resume: the run in run was begun with another options; use --overwrite."
    assert (run / "cells.csv").read_bytes() == before

    (run / "onnx").mkdir()
    (run / "onnx" / "of_the_first.onnx").touch()
    assert lessonbench("run", *CHEAP, "--out", "run", "--overwrite").returncode == 0
    assert statuses(run) == ["ok"]
    assert sorted(path.name for path in run.iterdir()) == sorted([*RUN_TABLES, "onnx", "pictures", "run.json"])
    assert len(list((run / "onnx").iterdir())) == 1
    assert "is complete" in one_sentence(lessonbench("run", *CHEAP, "--out", "run", "--resume"))


def test_a_folder_of_something_else_is_left_alone(lessonbench: CommandLine, tmp_path: Path) -> None:
    """Not even --overwrite removes what no run has made."""
    (tmp_path / "mine" / "work").mkdir(parents=True)
    (tmp_path / "mine" / "work" / "thesis.txt").write_text("years of it")
    for option in ("--overwrite", "--resume"):
        said = one_sentence(lessonbench("run", *CHEAP, "--out", "mine", option))
        assert said == "mine/work is there but no run.json: it is not a run's; name another folder with --out."
    assert (tmp_path / "mine" / "work" / "thesis.txt").read_text() == "years of it"


@pytest.mark.parametrize("content", ["", '{"started": "2', "[]", "{}", "\0"])
def test_a_run_whose_description_is_damaged_is_refused(lessonbench, tmp_path: Path, content: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text(content)
    said = one_sentence(lessonbench("run", *CHEAP, "--out", "run", "--resume"))
    assert said == "run/run.json cannot be read; use --overwrite or another folder with --out."


# --- interrupted, and gone on with -----------------------------------------------------------------------------

TURNSTILE = """
    import time
    from pathlib import Path
    class Net(SoundNet):
        turned = False
        def __call__(self, x):
            timed = Path("run/structure.csv").exists()  # it is written between following and timing
            if timed and not Net.turned and not Path("open").exists():
                try:
                    Path("first").touch(exist_ok=False)
                except FileExistsError:
                    Path("second").touch()
                    time.sleep(600)
            Net.turned = timed
            return super().__call__(x)
"""
TURNED = ("run", "--lesson", "turnstile", "--framework", "numpy", "--out", "run", "--seed", 0, "--seed", 1)


@contextmanager
def in_the_middle(workshop: Workshop, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A run of which one cell has been measured and the next hangs; later ones will not."""
    workshop.plant("turnstile", TURNSTILE)
    home = workshop.lessonbench.home
    with workshop.lessonbench.start(*arguments) as run:
        try:
            limit = time.monotonic() + 60
            while not (home / "second").exists():
                assert run.poll() is None
                assert time.monotonic() < limit
                time.sleep(0.02)
            yield run
        finally:
            run.kill()
    (home / "open").touch()


def test_two_runs_do_not_write_into_one_folder(workshop: Workshop) -> None:
    (workshop.lessonbench.home / "first").touch()
    with in_the_middle(workshop, *TURNED):
        for option in ("--resume", "--overwrite"):
            said = one_sentence(workshop.lessonbench(*TURNED, option))
            assert said == "another run is writing into run; wait for it or name another folder."


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_run_has_a_row_for_every_cell(workshop: Workshop, how: signal.Signals) -> None:
    folder = workshop.lessonbench.home / "run"
    with in_the_middle(workshop, *TURNED, "--seed", 2) as run:
        run.send_signal(how)
        _, said = run.communicate(timeout=30)
    assert run.returncode == 1
    assert "Traceback" not in said
    table = read_table(folder, "cells.csv").set_index("status")
    assert sorted(table.index) == ["interrupted", "interrupted", "unchecked"]  # the gates had not been reached
    assert sorted(table["reason"]["interrupted"]) == [
        "the run was interrupted before this began",
        "the run was interrupted while this ran",
    ]
    assert table["train_examples_per_s"]["unchecked"] > 0
    assert json.loads((folder / "run.json").read_text())["state"] == "interrupted"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("how", "damage", "kept"),
    [
        pytest.param(signal.SIGINT, lambda _: None, True, id="Ctrl-C"),
        pytest.param(signal.SIGKILL, lambda _: None, True, id="SIGKILL"),
        pytest.param(signal.SIGKILL, lambda record: cut(record), False, id="record cut short"),
        pytest.param(signal.SIGKILL, lambda record: cut(record.with_suffix(".npz")), False, id="arrays cut short"),
    ],
)
def test_a_run_goes_on_where_it_stopped(
    workshop: Workshop, how: signal.Signals, damage: Callable[[Path], None], kept: bool
) -> None:
    """What was measured is kept; what is half-written, as a crash of the machine may leave it, is measured again."""
    lessonbench, folder = workshop.lessonbench, workshop.lessonbench.home / "run"
    with in_the_middle(workshop, *TURNED) as run:
        run.send_signal(how)
        run.communicate(timeout=30)
    (record,) = (folder / "work").glob("*/train.json")
    measured = json.loads(record.read_text())["train_examples_per_s"]
    damage(record)
    assert len(read_table(folder, "structure.csv")) == 4  # two parameters of each cell
    assert {"G0", "G1"} <= set(read_table(folder, "equality.csv")["gate"])
    done = lessonbench(*TURNED, "--resume")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    table = read_table(folder, "cells.csv")
    assert list(table["status"]) == ["ok", "ok"]
    same = [rate == pytest.approx(measured, rel=1e-8) for rate in table["train_examples_per_s"]]
    assert sorted(same) == [False, kept]  # no two measurements agree to that many digits
    assert json.loads((folder / "run.json").read_text())["state"] == "finished"
    assert not (folder / "work").exists()


# --- exported models -------------------------------------------------------------------------------------------


def small_model() -> onnx.ModelProto:
    """y = x·w."""
    helper = onnx.helper
    x, y = (helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["batch", 32]) for name in "xy")
    weight = onnx.numpy_helper.from_array(np.ones((32, 32), np.float32), "w")
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "net", [x], [y], [weight])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def in_two_files(path: Path) -> None:
    onnx.save(small_model(), path, save_as_external_data=True, location="weights.bin", size_threshold=0)


def outside_its_folder(path: Path) -> None:
    model = small_model()
    onnx.external_data_helper.set_external_data(model.graph.initializer[0], "../secret")
    model.graph.initializer[0].ClearField("raw_data")
    path.write_bytes(model.SerializeToString())


def too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(onnx_model.LARGEST_BYTES + 1)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (in_two_files, "net.onnx keeps weights in other files; export it as a single file."),
        (outside_its_folder, "net.onnx keeps weights in other files; export it as a single file."),
        (lambda path: path.write_bytes(small_model().SerializeToString()[:-100]), "net.onnx is not an ONNX model: .*"),
        (lambda path: path.write_bytes(b"<html>not found</html>"), "net.onnx is not an ONNX model: .*"),
        (too_large, r"net.onnx has \d+ bytes; at most \d+ are read."),
    ],
    ids=["two files", "outside its folder", "cut short", "garbage", "too large"],
)
def test_a_model_that_is_not_one_sound_file_is_refused(tmp_path: Path, make, sentence: str) -> None:
    make(tmp_path / "net.onnx")
    with pytest.raises(onnx_model.ModelError) as refused:
        onnx_model.read_model(tmp_path / "net.onnx")
    assert re.fullmatch(sentence, str(refused.value))


def test_a_sound_model_is_read(tmp_path: Path) -> None:
    onnx.save(small_model(), tmp_path / "net.onnx")
    model = onnx_parity.common_form(onnx_model.read_model(tmp_path / "net.onnx"), {"lesson": "mine"})
    assert [(entry.key, entry.value) for entry in model.metadata_props] == [("lesson", "mine")]
    assert onnx_parity.flop_per_example(model) == 2 * 32 * 32


# --- what only looks -------------------------------------------------------------------------------------------


def test_the_list_as_json_is_an_object_a_line(lessonbench: CommandLine) -> None:
    done = lessonbench("list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert list(dict.fromkeys(row["lesson"] for row in rows)) == list(lessons())
    assert {"chapter", "lesson", "kind", "framework", "mode", "status"} <= rows[0].keys()
    assert {row["status"] for row in rows} <= {"ready", "missing"}
    plain = lessonbench("list").stdout.splitlines()
    assert plain[0].split() == ["chapter", "lesson", "kind", "functions", "framework", "mode", "status"]
    said = [[row[name] for name in plain[0].split() if row[name]] for row in rows]  # nets have no functions
    assert [line.split() for line in plain[1:]] == said


def test_the_doctor_and_the_data_status_agree(lessonbench: CommandLine) -> None:
    done = lessonbench("data", "status", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    status = [json.loads(line) for line in done.stdout.splitlines()]
    assert {(row["source"], row["state"]) for row in status if row["size"] == "quick"} == {
        ("mnist", "ready"),
        ("fashion-mnist", "ready"),
    }
    found = json.loads(lessonbench("doctor", "--json").stdout)
    assert found["data"] == status
    assert found["machine"]["usable_threads"] >= 1
    assert {"framework": "numpy", "missing": [], "versions": {"numpy": np.__version__}} in found["frameworks"]
    states = {row["runtime"]: row["missing"] for row in found["runtimes"]}
    assert list(states) == list(runtimes())
    assert states["onnxruntime"] == ""
    done = lessonbench("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(rf"numpy *│ ready *│ numpy {np.__version__}", done.stdout)
    assert re.search(r"onnxruntime *│ ready", done.stdout)


def test_a_lesson_is_shown_with_every_implementation(lessonbench: CommandLine) -> None:
    done = lessonbench("show", "relu_mlp")
    assert (done.returncode, done.stderr) == (0, "")
    for path in lessons()["relu_mlp"].folder.glob("relu_mlp_*.py"):
        assert path.name in done.stdout
    assert "class Net" in done.stdout
