"""``pytest --benchmark``: the cells of a run as pytest-benchmark's benchmarks.

A cell is measured in its own process, as ``lessonbench run`` does it. What pytest-benchmark is handed are the
durations that were measured there, so its statistics, files and comparisons work on them; the same tables are
written as well. Without the option this plugin does nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.plan import Options
    from harness.report import Result

BENCHMARKS = Path(__file__).with_name("benchmarks.py")
CELL = "lessonbench_cell"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of ``lessonbench run``, as far as they choose cells."""
    group = parser.getgroup("lessonbench", "benchmarks of deep-learning lessons")
    group.addoption("--benchmark", action="store_true", help="Measure lessons instead of running tests.")
    for name in ("chapter", "lesson", "framework", "mode", "device", "dtype"):
        group.addoption(f"--{name}", action="append", default=[], help=f"Only this {name} (may be repeated).")
    for name in ("threads", "seed"):
        group.addoption(f"--{name}", action="append", default=[], type=int, help=f"This {name} (may be repeated).")
    group.addoption("--lessons", action="append", default=[], type=Path, help="A folder with lessons of your own.")
    group.addoption("--lesson-profile", default="quick", help="quick (the embedded sample) or full.")
    group.addoption("--lesson-out", type=Path, help="Folder for the tables [results/runs/TIME].")


def pytest_configure(config: pytest.Config) -> None:
    """With ``--benchmark``, collect the cells in place of the tests."""
    config.addinivalue_line("markers", "benchmark: options of pytest-benchmark, which need not be installed.")
    if not config.getoption("--benchmark"):
        return
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--benchmark times one cell at a time: run it without -n (pytest-xdist).")
    from harness.catalogue import UsageError, use_own
    from harness.plan import make_plan

    try:
        if folders := config.getoption("--lessons"):
            use_own(folders)
        make_plan(options_of(config))
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
    named = list(config.args) if config.args_source is pytest.Config.ArgsSource.ARGS else []
    config.args = [*named, str(BENCHMARKS)]


def options_of(config: pytest.Config) -> Options:
    """The options as the plan takes them."""
    from harness.plan import Options

    def chosen(name: str) -> tuple[str, ...]:
        return tuple(config.getoption(f"--{name}"))

    return Options(
        lesson=chosen("lesson"),
        framework=chosen("framework"),
        chapter=chosen("chapter"),
        mode=chosen("mode"),
        device=chosen("device") or ("cpu",),
        dtype=chosen("dtype") or ("float32",),
        threads=tuple(config.getoption("--threads")),
        seed=tuple(config.getoption("--seed")),
        profile=config.getoption("--lesson-profile"),
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One benchmark for each cell, grouped by lesson."""
    if CELL not in metafunc.fixturenames:
        return
    from harness.plan import make_plan

    marked = [
        pytest.param(cell, id=cell.name, marks=pytest.mark.benchmark(group=cell.lesson, timer=recorded_time))
        for cell in make_plan(options_of(metafunc.config))
    ]
    metafunc.parametrize(CELL, marked)


@pytest.fixture(scope="session")
def lessonbench_result(pytestconfig: pytest.Config) -> Result:
    """The whole run; done once, before the first benchmark that asks for it."""
    from harness.catalogue import UsageError
    from harness.folder import new_path
    from harness.jobs import usual_limits
    from harness.progress import Bars
    from harness.run import run
    from harness.setting import Setting

    options = options_of(pytestconfig)
    path = pytestconfig.getoption("--lesson-out") or new_path()
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    try:
        with capture.global_and_fixture_disabled(), Bars() as bars:
            return run(options, Setting(path, usual_limits(options.profile), bars))
    except UsageError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)


_now = 0.0


def recorded_time() -> float:
    """The clock that pytest-benchmark reads: it stands still but for ``replay``."""
    return _now


class Replay:
    """A function to benchmark: each call lets the recorded clock go on by one measured duration."""

    def __init__(self, durations_s: list[float]) -> None:
        self._left = iter(durations_s)

    def __call__(self) -> None:
        """Let one duration pass."""
        global _now
        _now += next(self._left, 0.0)
