"""What tests of the command line share: processes that touch nothing of the user's, and lessons with planted faults."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, settings

from harness.catalogue import default_mode, frameworks

PROJECT = Path(__file__).parents[1]
PLUGIN = "harness.pytest_plugin"
KEPT_OUT = ("LESSONBENCH_", "XDG_", "COV_", "PYTHON", "PYTEST_")  # variables of whoever runs the tests

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
settings.register_profile("usual", max_examples=30, deadline=None, derandomize=True, suppress_health_check=SLOW)
settings.register_profile("thorough", max_examples=300, deadline=None, derandomize=True, suppress_health_check=SLOW)
settings.load_profile("usual")  # pytest --hypothesis-profile=thorough loads the other one afterwards

for name, framework in frameworks().items():  # Keras takes its backend as it is imported, and tests import it
    for variable, value in framework.modes[default_mode(name)].items():
        os.environ.setdefault(variable, value)


@dataclass(frozen=True)
class CommandLine:
    """``lessonbench`` in a process of its own: without a network, and with empty folders in place of the user's.

    Args:
        home: the process's working directory and home, whose ``cache`` is the data cache.
        packages: folders to be looked at for ``impls`` and ``harness`` before the project's own.
    """

    home: Path
    packages: tuple[Path, ...] = ()

    def __call__(
        self, *arguments: object, env: Mapping[str, str] | None = None, cwd: Path | None = None, first: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end; ``first`` is Python to be run in its process before it."""
        return subprocess.run(
            self._words(arguments, first),
            env=self.environment | dict(env or {}),
            cwd=cwd or self.home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Start it, for tests that do something to it while it runs."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(self._words(arguments), env=self.environment, cwd=self.home, text=True, **pipes)

    def pytest(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run pytest instead, the plugin loaded by name wherever it is not installed."""
        installed = any(point.value == PLUGIN for point in entry_points(group="pytest11"))
        words = [sys.executable, "-m", "pytest", *(() if installed else ("-p", PLUGIN)), *map(str, arguments)]
        return subprocess.run(
            words, env=self.environment, cwd=self.home, capture_output=True, text=True, timeout=120, check=False
        )

    @property
    def environment(self) -> dict[str, str]:
        """The process's environment."""
        return {name: value for name, value in os.environ.items() if not name.startswith(KEPT_OUT)} | {
            "HOME": str(self.home),
            "LESSONBENCH_CACHE": str(self.home / "cache"),
            "LESSONBENCH_OFFLINE": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(map(str, (*self.packages, PROJECT))),
        }

    @staticmethod
    def _words(arguments: tuple[object, ...], first: str = "") -> list[str]:
        return [sys.executable, "-c", f"{first}\nfrom harness.cli.main import main\nmain()", *map(str, arguments)]


@dataclass(frozen=True)
class Workshop:
    """A copy of ``impls`` in which faults can be planted, and the command line that uses it."""

    impls: Path
    lessonbench: CommandLine

    def plant(self, lesson: str, net: str) -> None:
        """Add a lesson: linear regression under another name, in NumPy, with this source of its ``Net``.

        In it ``SoundNet`` is the net as it should be.
        """
        folder = self.impls / "lines" / lesson
        shutil.copytree(self.impls / "lines" / "linear_regression", folder)
        for implementation in folder.glob("linear_regression_*.py"):
            implementation.unlink()
        sound = "from impls.lines.linear_regression.linear_regression_numpy import Net as SoundNet\n"
        (folder / f"{lesson}_numpy.py").write_text(sound + dedent(net), encoding="utf-8")

    def unshare_samples(self) -> Path:
        """Make the folders of the samples the copy's own, so that a file in them can be replaced."""
        samples = self.impls / "samples"
        shared = samples.resolve()
        samples.unlink()
        for file in (path for path in shared.glob("*/*") if path.suffix in (".gz", ".csv")):
            place = samples / file.relative_to(shared)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(file)
        return samples


@pytest.fixture(autouse=True)
def initial_settings() -> None:
    """Each test begins with the settings that a process begins with: a learner of a test before has set its own."""
    if keras := sys.modules.get("keras"):
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
    if jax := sys.modules.get("jax"):
        jax.config.update("jax_enable_x64", False)
    if torch := sys.modules.get("torch"):
        torch.set_flush_denormal(False)  # of its whole thread, NumPy's numbers among them


@pytest.fixture(scope="session")
def make_workshop(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Workshop]:
    """Makes a workshop; for fixtures that outlive a test."""

    def make() -> Workshop:
        folder = tmp_path_factory.mktemp("workshop")
        home = folder / "home"
        home.mkdir()
        impls = folder / "impls"
        shutil.copytree(PROJECT / "impls", impls, ignore=shutil.ignore_patterns("__pycache__", "samples"))
        (impls / "samples").symlink_to(PROJECT / "impls" / "samples", target_is_directory=True)
        return Workshop(impls, CommandLine(home, (folder,)))

    return make


@pytest.fixture
def workshop(make_workshop: Callable[[], Workshop]) -> Workshop:
    """A workshop of this test's own."""
    return make_workshop()


@pytest.fixture
def lessonbench(tmp_path: Path) -> CommandLine:
    """The command line on the project's own lessons."""
    return CommandLine(tmp_path)
