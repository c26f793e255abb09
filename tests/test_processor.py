"""What the processor can do, and what NumPy's OpenBLAS is therefore told."""

from __future__ import annotations

from dataclasses import replace

import pytest
import threadpoolctl

from harness import processor
from harness.folder import RunFolder
from harness.jobs import Launcher, usual_limits
from harness.plan import Options, make_plan
from harness.processor import openblas_kernels
from harness.progress import Bars


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("model name : A\nflags : fma avx512f avx512_bf16\n", (True, True)),
        ("flags : fma avx512f\n", (True, False)),
        ("flags : fma amx_bf16x\n", (False, False)),
        ("Features : fp asimd bf16\n", (False, True)),
        ("", (False, False)),
    ],
)
def test_what_the_processor_says_of_itself(tmp_path, monkeypatch, told, found):
    (tmp_path / "cpuinfo").write_text(told, encoding="utf-8")
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "cpuinfo")
    assert (processor.has_avx512(), processor.has_bfloat16()) == found


@pytest.mark.parametrize(
    ("told", "wide", "taken", "kernels"),
    [
        ("", True, "Haswell", "SkylakeX"),
        ("", True, "Zen", "SkylakeX"),
        ("", True, "Cooperlake", ""),
        ("", False, "Haswell", ""),
        ("Zen", True, "Zen", "Zen"),
    ],
)
def test_openblas_is_told_where_it_does_not_know_the_processor(monkeypatch, told, wide, taken, kernels):
    monkeypatch.setenv("OPENBLAS_CORETYPE", told)
    monkeypatch.setattr(processor, "has_avx512", lambda: wide)
    loaded = [{"architecture": taken}, {"user_api": "openmp"}]
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: loaded)
    openblas_kernels.cache_clear()
    assert openblas_kernels() == kernels
    openblas_kernels.cache_clear()


@pytest.mark.parametrize("kernels", ["", "SkylakeX"])
def test_numpys_process_is_told_and_no_other(monkeypatch, tmp_path, kernels):
    monkeypatch.setattr("harness.jobs.openblas_kernels", lambda: kernels)
    launcher = Launcher(RunFolder(tmp_path), usual_limits("quick"), {}, Bars())
    cell = make_plan(Options(lesson=("linear_regression",), framework=("numpy",)))[0]
    told = launcher.alone({}, cell, "train", 2).environment
    assert told["OPENBLAS_NUM_THREADS"] == "2"
    assert told.get("OPENBLAS_CORETYPE", "") == kernels
    assert "" not in told.values()
    others = launcher.alone({}, replace(cell, framework="jax", mode="scan"), "train", 2).environment
    assert "OPENBLAS_CORETYPE" not in others
