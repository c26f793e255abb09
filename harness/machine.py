"""What a run was made on: machine, operating system, commit."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from harness import processor
from harness.catalogue import ROOT
from harness.record import Row

# How OpenMP's threads wait for work, where the user has said it: spinning ones take a core that another could use.
WAITING = ("GOMP_SPINCOUNT", "KMP_BLOCKTIME", "OMP_WAIT_POLICY")


def facts() -> Row:
    """What is needed to judge, and to repeat, a measurement on this machine."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processor": processor.model(),
        "cores": psutil.cpu_count(logical=False),
        "threads": psutil.cpu_count(),
        "usable_threads": processor.cores(),
        "openblas_kernels": processor.openblas_kernels(),
        "waiting": {name: os.environ[name] for name in WAITING if name in os.environ},
        "governor": _first_line(Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
        "memory_bytes": psutil.virtual_memory().total,
        "gpu": gpus(),
    }


def gpus() -> list[str]:
    """The NVIDIA devices by name, memory and driver, as their own tool tells; empty where there is none."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    query = [tool, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    return answer.stdout.strip().splitlines() if answer.returncode == 0 else []


def commit() -> str:
    """The commit that the code was run from, ``+changes`` if files differ from it; empty outside a checkout."""
    git = ["git", "-C", str(ROOT.parent)]
    try:
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        changes = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("+changes" if changes.stdout.strip() else "")


def package_version(name: str) -> str:
    """The installed version of a package, or an empty string."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _first_line(path: Path) -> str:
    return path.read_text(encoding="ascii").strip() if path.exists() else ""
