"""The processor that this process may use: how many cores, and what they can do."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")  # Linux; elsewhere nobody is asked
SHORT_VECTORS = {"Haswell", "Zen"}  # OpenBLAS' names of kernels for 256 bits
BFLOAT16 = {"avx512_bf16", "amx_bf16", "bf16"}  # what x86 and Arm call products of two such numbers


def usable_cores() -> list[int]:
    """The numbers of the processor cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def cores() -> int:
    """How many they are."""
    return len(usable_cores())


def model() -> str:
    """What it is called."""
    return _told("model name") or platform.processor() or platform.machine()


def has_avx512() -> bool:
    """Whether it has vectors of 512 bits."""
    return "avx512f" in _abilities()


def has_bfloat16() -> bool:
    """Whether it multiplies numbers of bfloat16 itself."""
    return bool(BFLOAT16 & _abilities())


@cache
def openblas_kernels() -> str:
    """What NumPy's OpenBLAS is to be told to take (``OPENBLAS_CORETYPE``); empty where it is not to be told.

    On a processor that is newer than it is, it falls back on kernels for vectors of 256 bits. Where there are longer
    ones, those for 512 bits nearly double its matrix products.
    """
    import threadpoolctl  # the list of lessons does without it

    told = os.environ.get("OPENBLAS_CORETYPE", "")
    taken = {library.get("architecture") for library in threadpoolctl.threadpool_info()}
    return "SkylakeX" if not told and has_avx512() and taken & SHORT_VECTORS else told


def _abilities() -> set[str]:
    return set((_told("flags") or _told("Features")).split())


def _told(name: str) -> str:
    """What Linux says of the first core under this name; empty if it says nothing."""
    lines = CPUINFO.read_text(encoding="utf-8").splitlines() if CPUINFO.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "")
