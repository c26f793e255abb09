"""Whatever a child does, its parent learns how it ended, nothing of it is left behind, and the others go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from harness.child import GRACE_S, Child, Ending, Limits
from harness.launch import run_children, run_in_turn
from harness.nursery import Nursery

LIMITS = Limits(deadline_s=60, memory_bytes=2**30)
MIB = 2**20
Launch = Callable[..., dict[str, Ending]]


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    """Run modules, given as ``name=source``, as children; returns how each ended, in the order of their ends.

    In each module ``folder`` is the test's folder, and ``request`` what the child was asked.
    """

    def run(
        limits: Limits = LIMITS,
        slots: tuple[tuple[int, ...], ...] = ((0,),),
        stop: threading.Event | None = None,
        on_start: Callable[[Child], None] = lambda _: None,
        in_turn: bool = False,
        **sources: str,
    ) -> dict[str, Ending]:
        endings: dict[str, Ending] = {}
        start = (
            "import json, os, signal, subprocess, sys, time\nfrom pathlib import Path\n"
            "request = json.loads(Path(sys.argv[1]).read_text())\nfolder = Path(request['works'][0]['folder'])\n"
        )
        environment = {"PYTHONPATH": str(tmp_path), "OF_THE_CHILD": str(tmp_path)}
        for name, source in sources.items():
            (tmp_path / f"child_{name}.py").write_text(start + dedent(source), encoding="utf-8")
        cores = {"cpus": [core for slot in slots for core in slot]} if in_turn else {"slots": slots}
        (run_in_turn if in_turn else run_children)(
            [Child(name, f"child_{name}", [{"folder": str(tmp_path)}], environment, cpus=1) for name in sources],
            tmp_path / "work",
            limits,
            **cores,
            stop=stop or threading.Event(),
            started=on_start,
            ended=lambda child, ending: endings.setdefault(child.name, ending),
        )
        return endings

    return run


def wait_for(path: Path, seconds: float = 30) -> str:
    """The content of a file that another process writes."""
    limit = time.monotonic() + seconds
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < limit, f"{path.name} did not appear"
        time.sleep(0.02)
    return path.read_text()


def is_dead(pid: int) -> bool:
    """Whether a process has ended; one that nobody has asked after yet is a zombie."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize(
    ("source", "status", "reason"),
    [
        ("", "ok", ""),
        ("print('it failed here'); print(); sys.exit(3)", "failed", "exit code 3: it failed here"),
        ("sys.exit(3)", "failed", "exit code 3: it printed nothing"),
        ("raise ValueError('no such layer')", "failed", "exit code 1: ValueError: no such layer"),
        ("sys.stdout.buffer.write(bytes([255])); sys.exit(4)", "failed", "exit code 4: \ufffd"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed", "ended by SIGSEGV; see "),
        ("os.abort()", "crashed", "ended by SIGABRT; see "),
        ("os.kill(os.getpid(), 40)", "crashed", "ended by signal 40; see "),
        ("os.kill(os.getpid(), signal.SIGKILL)", "out_of_memory", "killed from outside"),
    ],
)
def test_every_ending_has_its_status_and_reason(launch: Launch, source: str, status: str, reason: str) -> None:
    ending = launch(child=source)["child"]
    assert ending.status == status
    assert ending.reason.startswith(reason)
    assert bool(ending.reason) == (status != "ok")


def test_a_crash_takes_no_other_child_down(launch: Launch) -> None:
    endings = launch(before="", crash="os.kill(os.getpid(), signal.SIGSEGV)", after="")
    assert {name: ending.status for name, ending in endings.items()} == {
        "before": "ok",
        "crash": "crashed",
        "after": "ok",
    }


EATER = "hoard = []\nfor _ in range(64): hoard.append(b'x' * 2**24); time.sleep(0.02)"  # up to 1 GiB


@pytest.mark.parametrize(
    "source",
    [EATER, f"subprocess.run([sys.executable, '-c', {'import time' + chr(10) + EATER!r}])"],
    ids=["itself", "by a grandchild"],
)
def test_memory_is_bounded_for_the_whole_tree(launch: Launch, source: str) -> None:
    """Long before the machine runs out of it."""
    ending = launch(Limits(60, 200 * MIB), eater=source)["eater"]
    assert ending.status == "out_of_memory"
    assert ending.reason.endswith("GiB where 0.2 GiB are allowed (--memory)")
    assert float(ending.reason.split()[1]) < 1


def test_a_hang_ends_at_the_deadline_with_all_that_it_started(launch: Launch, tmp_path: Path) -> None:
    source = """
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (folder / "pids").write_text(f"{os.getpid()} {grandchild.pid}")
        time.sleep(600)
    """
    assert launch(Limits(2, 2**30), hang=source) == {"hang": Ending("timeout", "not done after 2 s (--deadline)")}
    pids = [int(pid) for pid in wait_for(tmp_path / "pids").split()]
    assert [is_dead(pid) for pid in pids] == [True, True]


def test_a_grandchild_does_not_outlive_a_child_that_ended_well(launch: Launch, tmp_path: Path) -> None:
    source = """
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (folder / "pid").write_text(str(grandchild.pid))
    """
    assert launch(leaves=source) == {"leaves": Ending("ok")}
    assert is_dead(int(wait_for(tmp_path / "pid")))


def test_who_ignores_sigterm_is_killed(launch: Launch, tmp_path: Path) -> None:
    source = """
        signal.signal(signal.SIGTERM, lambda *_: (folder / "asked").write_text("politely"))
        (folder / "pid").write_text(str(os.getpid()))
        while True: time.sleep(1)
    """
    started = time.monotonic()
    assert launch(Limits(2, 2**30), stubborn=source)["stubborn"].status == "timeout"
    assert time.monotonic() - started < 2 + GRACE_S + 10
    assert (tmp_path / "asked").read_text() == "politely"
    assert is_dead(int(wait_for(tmp_path / "pid")))


def test_stop_ends_what_runs_and_starts_nothing_more(launch: Launch, tmp_path: Path) -> None:
    stop, started = threading.Event(), []

    def stop_soon(child: Child) -> None:
        started.append(child.name)
        threading.Timer(0.3, stop.set).start()

    endings = launch(stop=stop, on_start=stop_soon, runs="time.sleep(600)", waits="", waits_too="")
    assert {ending.status for ending in endings.values()} == {"interrupted"}
    assert list(endings) == ["runs", "waits", "waits_too"]
    assert started == ["runs"]
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["runs.json", "runs.log"]


def test_slots_run_side_by_side_on_cores_of_their_own(launch: Launch, tmp_path: Path) -> None:
    """Two children wait for each other, and one of them for a third, which gets the cores that are free first."""
    meet = """
        (folder / "{me}").touch()
        limit = time.monotonic() + 30
        while not all((folder / other).exists() for other in "{others}"):
            assert time.monotonic() < limit, "the others do not run"
            time.sleep(0.02)
    """
    one, two = meet.format(me="1", others="23"), meet.format(me="2", others="1")
    endings = launch(slots=((4, 5), (6, 7)), one=one, two=two, three=meet.format(me="3", others=""))
    assert endings == {"one": Ending("ok"), "two": Ending("ok"), "three": Ending("ok")}
    cpus = {name: json.loads((tmp_path / "work" / f"{name}.json").read_text())["cpus"] for name in endings}
    assert sorted([cpus["one"], cpus["two"]]) == [[4], [6]]  # one each, though the slots have two
    assert cpus["three"] == cpus["two"]


def test_a_single_slot_runs_one_at_a_time_in_order(launch: Launch) -> None:
    source = """
        assert not (folder / "busy").exists()
        (folder / "busy").touch()
        time.sleep(0.2)
        (folder / "busy").unlink()
    """
    endings = launch(**dict.fromkeys(["c", "a", "b"], source))
    assert endings == dict.fromkeys("cab", Ending("ok"))
    assert list(endings) == ["c", "a", "b"]


def test_request_environment_and_log(launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child has its request, the variables set for it and its parent's; its output is in the log."""
    monkeypatch.setenv("OF_THE_PARENT", "here")
    source = """
        print(str(folder) == os.environ["OF_THE_CHILD"], request["cpus"], os.environ["OF_THE_PARENT"])
        print("and a warning", file=sys.stderr)
    """
    assert launch(slots=((3,),), child=source) == {"child": Ending("ok")}
    assert (tmp_path / "work" / "child.log").read_text().splitlines() == ["True [3] here", "and a warning"]


def test_a_folder_of_the_users_hides_no_package(
    launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness may be called where a folder is named as a package is; children do not take it for the package."""
    (tmp_path / "here" / "numpy").mkdir(parents=True)
    (tmp_path / "here" / "numpy" / "__init__.py").touch()
    monkeypatch.chdir(tmp_path / "here")
    assert launch(child="import numpy; numpy.pi") == {"child": Ending("ok")}


def test_a_folder_that_cannot_be_written_ends_the_run(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file where the folder should be")
    with pytest.raises(FileExistsError):
        launch(one="", two="(folder / 'ran').touch()")
    assert not (tmp_path / "ran").exists()


# --- children that are forked --------------------------------------------------------------------------------

forks = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Callable[..., Nursery]]:
    """Makes a nursery of these imports."""
    made: list[Nursery] = []

    def make(*imports: str, deadline_s: float = 30) -> Nursery:
        child = Child("child", "harness.children.worker", [], {}, 1, imports)
        made.append(Nursery(child, tmp_path, sorted(os.sched_getaffinity(0)), deadline_s))
        return made[-1]

    yield make
    for each in made:
        each.close()


def request_of(path: Path, **content: object) -> Path:
    path.write_text(json.dumps({"cpus": sorted(os.sched_getaffinity(0)), "works": [], "pauses": False} | content))
    return path


@forks
def test_a_forked_child_ends_as_any_other(nursery, tmp_path: Path) -> None:
    mine = nursery("json")
    good = mine.fork(request_of(tmp_path / "good.json"), tmp_path / "good.log")
    bad = mine.fork(tmp_path / "there_is_none.json", tmp_path / "bad.log")
    assert (good.wait(), bad.wait(), good.poll()) == (0, 1, 0)
    assert "FileNotFoundError" in (tmp_path / "bad.log").read_text()
    assert (tmp_path / "good.log").read_text() == ""
    good.send_signal(signal.SIGKILL)  # of no effect


@forks
def test_a_forked_child_is_in_a_group_of_its_own(nursery, tmp_path: Path) -> None:
    mine = nursery("json")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # reading it waits for ever
    child = mine.fork(pipe, tmp_path / "hang.log")
    limit = time.monotonic() + 10
    while os.getpgid(child.pid) != child.pid:
        assert time.monotonic() < limit
    assert child.poll() is None
    os.killpg(child.pid, signal.SIGTERM)
    assert child.wait() == -signal.SIGTERM


@forks
@pytest.mark.parametrize("imports", [("no_such_module",), ("json", "no_such_module")])
def test_where_the_import_fails_nothing_is_forked(nursery, tmp_path: Path, imports: tuple[str, ...]) -> None:
    mine = nursery(*imports)
    for _ in range(2):
        assert mine.fork(request_of(tmp_path / "request.json"), tmp_path / "log") is None


@forks
def test_an_import_that_hangs_is_given_up(nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hanging_module.py").write_text("import time; time.sleep(600)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    mine = nursery("hanging_module", deadline_s=1)
    assert mine.fork(request_of(tmp_path / "request.json"), tmp_path / "log") is None


# --- what a worker does about itself ---------------------------------------------------------------------------

WORKER = "from harness.children.serving import start; start(sys.argv[1])\n"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot bind a process to cores")
def test_a_worker_keeps_to_its_cores(launch: Launch, tmp_path: Path) -> None:
    last = max(os.sched_getaffinity(0))
    assert launch(slots=((last,),), worker=WORKER + "print(os.sched_getaffinity(0))")["worker"].status == "ok"
    assert (tmp_path / "work" / "worker.log").read_text() == f"{{{last}}}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has ended")
def test_a_worker_does_not_outlive_a_harness_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text(json.dumps({"cpus": sorted(os.sched_getaffinity(0))}))
    child = f"import sys, time, os\n{WORKER}print(os.getpid(), flush=True); time.sleep(600)"
    words = [sys.executable, "-c", child, str(tmp_path / "request.json")]
    harness = [sys.executable, "-c", f"import subprocess; subprocess.run({words!r}, start_new_session=True)"]
    with subprocess.Popen(harness, stdout=subprocess.PIPE, text=True) as process:
        pid = int(process.stdout.readline())
        assert not is_dead(pid)
        process.kill()
    limit = time.monotonic() + 10
    while not is_dead(pid):
        assert time.monotonic() < limit
        time.sleep(0.02)


PAUSE = "if request['pauses']: os.kill(os.getpid(), signal.SIGSTOP)\n"
NOTED = """
me = Path(sys.argv[1]).stem
def note(what):
    with (folder / 'notes').open('a') as file: file.write(f'{me} {what}\\n')
"""
BOTH = ((0,), (1,))


def test_in_turn_children_prepare_side_by_side_and_work_alone(launch: Launch, tmp_path: Path) -> None:
    prepare = "note('prepares')\nwhile (folder / 'notes').read_text().count('prepares') < 2: time.sleep(0.01)\n"
    work = "note('works'); time.sleep(0.3); note('done')"
    sources = dict.fromkeys("abcde", NOTED + prepare + PAUSE + work)
    endings = launch(slots=BOTH, in_turn=True, **sources)
    assert endings == dict.fromkeys("abcde", Ending("ok"))
    notes = [line.split() for line in (tmp_path / "notes").read_text().splitlines()]
    assert sorted(name for name, what in notes if what == "done") == list("abcde")
    for (name, what), (after, then) in pairwise(notes):
        if what == "works":
            assert (after, then) == (name, "done"), "something else ran while this had the machine"
    assert [what for _, what in notes].index("works") == 4, "two for each core are prepared before the first works"


def test_in_turn_a_child_that_never_gets_prepared_costs_itself_alone(launch: Launch) -> None:
    endings = launch(
        Limits(8, 200 * MIB),
        slots=BOTH,
        in_turn=True,
        hangs="time.sleep(60)",
        crashes="os.kill(os.getpid(), signal.SIGSEGV)",
        grows=EATER,
        ends="",
        good=PAUSE,
    )
    assert {name: ending.status for name, ending in endings.items()} == {
        "hangs": "timeout",
        "crashes": "crashed",
        "grows": "out_of_memory",
        "ends": "ok",
        "good": "ok",
    }


def test_in_turn_waiting_for_the_machine_is_not_charged(launch: Launch) -> None:
    work = PAUSE + "time.sleep(2)"
    endings = launch(Limits(3.5, 2**30), slots=BOTH, in_turn=True, first=work, second=work, third=work)
    assert set(endings.values()) == {Ending("ok")}
    hang = PAUSE + "time.sleep(60)"
    endings = launch(Limits(1.5, 2**30), slots=BOTH, in_turn=True, first=hang, second=PAUSE)
    assert endings["first"].status == "timeout"
    assert endings["second"].status == "ok"


def test_in_turn_an_interruption_leaves_nothing_behind(launch: Launch, tmp_path: Path) -> None:
    stop = threading.Event()
    sources = dict.fromkeys("abcde", NOTED + "note(os.getpid())\n" + PAUSE + "note('works'); time.sleep(60)")

    def interrupt() -> None:
        while "works" not in wait_for(tmp_path / "notes"):
            time.sleep(0.02)
        stop.set()

    watcher = threading.Thread(target=interrupt)
    watcher.start()
    endings = launch(slots=BOTH, in_turn=True, stop=stop, **sources)
    watcher.join()
    assert {ending.status for ending in endings.values()} == {"interrupted"}
    assert len(endings) == 5
    pids = [int(line.split()[1]) for line in (tmp_path / "notes").read_text().splitlines() if line[2:].isdigit()]
    assert len(pids) == 4
    assert all(is_dead(pid) for pid in pids)
