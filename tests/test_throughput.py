"""Nets measured closely: what a sample tells of its neighbours, figures on made-up numbers, and live sweeps."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import PROJECT, CommandLine
from test_jobs import Told

from harness import catalogue
from harness.catalogue import UsageError, load_lesson, missing_packages
from harness.children import process
from harness.children.process import is_sound
from harness.children.stopwatch import Stopwatch
from harness.children.timing import Effort, Samples, sample
from harness.cli.main import main
from harness.columns import COLUMNS
from harness.csv_tables import rows_of, write_table
from harness.folder import RunFolder
from harness.jobs import Launcher, usual_limits
from harness.plan import Options, make_plan
from harness.setting import Setting
from harness.speed import throughput as measuring
from harness.speed.pooled import LEAST_VALUES, Pool, call_seconds, median_interval
from harness.speed.roofline import Roof, flop_per_example, least_bytes, peak_cells, peak_rows, roof
from harness.speed.samples import rates
from harness.speed.throughput import Measured, Sweep, cold, throughput
from harness.speed.throughput_rows import cell_rows, exponent, gravest, repay, scaling_rows
from harness.views.throughput import throughput_grid, training_grid

CELL = make_plan(Options(lesson=("relu_mlp",), framework=("numpy",), threads=(1,)))[0]
SMALL_PEAK = {"squares": (64,), "sets": (2**20,)}

# --- neighbours ------------------------------------------------------------------------------------------------


def test_ninety_seven_hundredths_are_sound():
    assert is_sound(0.97, 0.03)
    assert not is_sound(0.96, 0.04)
    assert is_sound(0.0, 0.0)  # it slept


def test_medians_are_those_of_sound_samples():
    taken = Samples(10, [1.0, 1.0, 4.0], [1.0, 1.0, 2.0], [0.0, 0.02, 2.0])
    assert (taken.per_s(), taken.per_cpu_s(), taken.dropped()) == (10, 10, pytest.approx(1 / 3))
    none = Samples(10, [1.0, 2.0, 4.0], [1.0, 1.0, 2.0], [0.5, 0.5, 2.0])
    assert (none.per_s(), none.dropped()) == (5, 1)


@pytest.mark.parametrize(
    ("cores", "cpu_s", "waited", "lost_s"),
    [(1, 1.0, 0.9, 0.0), (1, 0.6, 0.9, 0.4), (1, 0.6, 0.1, 0.1), (2, 1.0, 0.5, 0.5), (2, 2.01, 0.5, 0.0)],
)
def test_threads_that_wait_for_each_other_lose_nothing_to_others(monkeypatch, cores, cpu_s, waited, lost_s):
    """A second of work on so many cores; what its own threads take of them they cannot lose."""
    clock = SimpleNamespace(perf_counter=iter((0.0, 1.0)).__next__, process_time=iter((0.0, cpu_s)).__next__)
    monkeypatch.setattr("harness.children.timing.time", clock)
    monkeypatch.setattr("harness.children.timing.cores", lambda: cores)
    monkeypatch.setattr("harness.children.timing.waited_s", lambda _: waited)
    taken = Samples(1)
    taken.take(lambda: None, lambda: None)
    taken.others_s = 9
    assert taken.durations()["waited_s"] == [pytest.approx(lost_s)]


def test_waiting_is_read_for_each_thread_and_a_new_one_counts_from_its_start(tmp_path, monkeypatch):
    def tell(**waits: int) -> None:
        for thread, wait in waits.items():
            (tmp_path / thread).mkdir(exist_ok=True)
            (tmp_path / thread / "schedstat").write_text(f"123 {wait} 7\n")

    monkeypatch.setattr(process, "TASKS", tmp_path)
    tell(t1=1_000_000_000, t2=5)
    before = process.waiting()
    assert before == {"t1": 1_000_000_000, "t2": 5}
    shutil.rmtree(tmp_path / "t2")  # it has ended
    tell(t1=1_500_000_000, t3=250_000_000)
    assert process.waited_s(before) == 0.75
    monkeypatch.setattr(process, "TASKS", tmp_path / "elsewhere")
    assert process.waited_s(process.waiting()) == 0


@pytest.mark.parametrize(
    ("others_s", "lost_s"), [(0, [0, 0]), (0.2, [0.15, 0.05]), (9, [0.6, 0.2]), (math.inf, [0.6, 0.2])]
)
def test_what_threads_waited_beyond_what_others_had_they_waited_for_each_other(others_s, lost_s, monkeypatch):
    monkeypatch.setattr("harness.children.timing.cores", lambda: 2)
    taken = Samples(10, [1.0, 1.0], [1.0, 1.0], [0.6, 0.2], others_s)
    assert taken.durations()["waited_s"] == pytest.approx(lost_s)
    assert taken.dropped() == (1 if any(lost_s) else 0)


def test_what_others_had_is_neither_idle_nor_one_s_own(tmp_path, monkeypatch):
    def tell(*idle: int) -> None:
        """In hundredths of a second, a tenth of them in wait of a disk."""
        lines = [f"cpu{core} 5 0 5 {9 * ticks // 10} {ticks // 10} 0 0 0 0 0" for core, ticks in enumerate(idle)]
        (tmp_path / "stat").write_text("\n".join(["cpu 1 2 3 4 5 6 7", *lines, "intr 1 2 3"]))

    def now(seconds: float, own: float, switches: int = 0) -> process.Moment:
        clock = SimpleNamespace(perf_counter=lambda: seconds, process_time=lambda: own)
        monkeypatch.setattr(process, "time", clock)
        monkeypatch.setattr(process, "_switches", lambda: switches)
        return process.Moment.now()

    monkeypatch.setattr(process, "STAT", tmp_path / "stat")
    monkeypatch.setattr(process, "usable_cores", lambda: [1, 2])
    monkeypatch.setattr(process.os, "sysconf", lambda _: 100)
    tell(70, 10, 20, 1000)
    before = now(5.0, 1.0)
    tell(90, 60, 90, 2000)  # 1.2 s of the two that are its own
    assert now(7.0, 3.0).others_s(before) == pytest.approx(0.8)  # of 4 s that there were 2 are its own
    assert now(7.0, 3.0, 100_000).others_s(before) == pytest.approx(0.3)
    assert now(7.0, 4.0).others_s(before) == 0
    tell(90, 60)  # one of its cores is not told of
    assert now(7.0, 3.0).others_s(before) == math.inf
    tell(90, 60, 90)
    monkeypatch.setattr(process.os.path, "ismount", lambda _: True)  # a container's own
    assert now(7.0, 3.0).others_s(before) == math.inf
    monkeypatch.setattr(process, "STAT", tmp_path / "nowhere")
    assert now(7.0, 3.0).others_s(before) == math.inf


NEIGHBOUR = """
import os, subprocess, sys
from harness.children.timing import Effort, sample
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
neighbour = subprocess.Popen([sys.executable, "-c", "print(flush=True)\\nwhile True: pass"], stdout=subprocess.PIPE)
neighbour.stdout.readline()
taken = sample(lambda: sum(range(100_000)), lambda: None, 1, Effort(4, 4, 0), 0.01)
neighbour.kill()
print(taken.dropped())
"""


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the system does not tell who waits")
def test_a_busy_neighbour_on_the_same_core_is_noticed():
    done = subprocess.run([sys.executable, "-c", NEIGHBOUR], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert float(done.stdout) == 1


def test_a_sample_that_proves_too_short_is_begun_anew():
    calls = []
    taken = sample(lambda: calls.append(time.sleep(0.002)), lambda: None, 3, Effort(2, 2, 0), 0.05)  # 25 times too long
    assert min(taken.wall_s) >= 0.1
    assert len(calls) > 2 * taken.examples // 3  # the short one among them


@pytest.mark.parametrize(("unsound", "left"), [(3, 9), (4, 12)])
def test_a_comparison_takes_sound_samples_where_nine_are_left(unsound, left):
    row = {"quantity": "train", "examples": 6, "wall_s": 2.0, "cpu_s": 2.0}
    rows = [row | {"waited_s": 1.0 if i < unsound else 0.0} for i in range(12)]
    assert len(rates(rows, "train", "wall", ())[()]) == left


# --- figures ---------------------------------------------------------------------------------------------------


def timing(wall_s: list[float], waited_s: list[float] | None = None, **other: object) -> dict:
    waits = waited_s or [0.0] * len(wall_s)
    return {"examples": 8, "wall_s": wall_s, "cpu_s": [2 * s for s in wall_s], "waited_s": waits, **other}


def test_the_samples_of_processes_are_pooled():
    pool = Pool([timing([1.0, 2.0, 8.0], [0, 0, 9]), timing([4.0]), timing([16.0], [9])])
    assert (pool.samples, pool.dropped) == (5, 0.4)
    assert (pool.per_s("wall"), pool.per_s("cpu")) == (4, 2)
    assert [side.tolist() for side in pool.rates("wall")] == [[8, 4], [2]]
    assert pool.variation() == pytest.approx(np.std([1, 2, 4], ddof=1) / np.mean([1, 2, 4]))
    alone = Pool([timing([1.0], [9])])
    assert (alone.dropped, alone.per_s("wall"), alone.variation()) == (1, 8, None)


def test_the_interval_of_a_median_holds_it_as_often_as_it_says():
    assert median_interval([np.full(3, 7.0), np.full(3, 7.0)]) == (7, 7)
    assert median_interval([np.full(2, 7.0), np.full(3, 7.0)]) == (None, None)
    held, apart = 0, 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        low, high = median_interval([rng.normal(5, 1, n) for n in (9, 10, 11, 10, 10)])
        held += low <= 5 <= high
        values = rng.normal(5, 0.01, (5, 10)) + rng.normal(0, 1, (5, 1))  # each process has a luck of its own
        wide, narrow = median_interval(list(values)), median_interval([values.ravel()])
        apart += wide[1] - wide[0] > narrow[1] - narrow[0]
    assert held >= 88
    assert apart >= 90


@pytest.mark.parametrize("call_s", [0.002, 0.07])
def test_latencies_are_of_single_calls(call_s):
    """Short ones are timed apart; a long one is a sample by itself."""
    watch = Stopwatch(Effort(6, 3, 0.4, 0.05), Effort(1000, 3, 0.1))
    timing = watch.predictions(lambda: time.sleep(call_s), lambda: None, 4)
    latency = timing["latency"]
    assert all(seconds >= call_s for calls in latency["call_s"] for seconds in calls)
    assert len(latency["call_s"]) == len(latency["cpu_s"]) == len(latency["waited_s"])
    assert (latency["call_s"] == [[seconds] for seconds in timing["wall_s"]]) == (call_s == 0.07)


def test_latencies_are_those_of_sound_blocks():
    blocks = {"call_s": [[1.0, 2.0], [9.0]], "cpu_s": [3.0, 1.0]}
    assert call_seconds([blocks | {"waited_s": [0.0, 8.0]}]).tolist() == [1, 2]
    assert call_seconds([blocks | {"waited_s": [9.0, 8.0]}]).tolist() == [1, 2, 9]


def test_the_roof_is_the_lesser_of_peak_and_bandwidth():
    machine = Roof(100.0, {1_000: 50.0, 10_000: 10.0, 100_000: 20.0})
    assert machine.at(flop=1_000, moved_bytes=1_000, held_bytes=1_000) == 50
    assert machine.at(flop=1_001, moved_bytes=1_001, held_bytes=1_001) == 20  # what is faster for more is so for less
    assert machine.at(flop=3_000, moved_bytes=3_000, held_bytes=1_000) == 50  # read again, it is in the cache
    assert machine.at(flop=5e5, moved_bytes=5e5, held_bytes=5e5) == 20
    assert machine.at(flop=1e9, moved_bytes=1_000, held_bytes=1_000) == 100


WITHOUT_PEAK = ({"device": "gpu"}, {"dtype": "bfloat16"})  # which NumPy does not compute on, or in


def test_a_peak_is_the_best_that_was_measured_on_as_many_threads():
    (peak,) = peak_cells([CELL, replace(CELL, lesson="cnn"), *(replace(CELL, **o) for o in WITHOUT_PEAK)])
    matmul = [timing([2.0], quantity="matmul", size_bytes=size) | {"examples": size * 1e9} for size in (6, 8, 4)]
    copy = [timing([1.0], quantity="copy", size_bytes=64) | {"examples": 3e9}]
    rows = [*peak_rows(peak, [{"timings": matmul + copy}, {"timings": copy}, {}])]
    figures = [(row["size_bytes"], row["value"], row["samples"]) for row in rows]
    assert figures == [(6, 3, 1), (8, 4, 1), (4, 2, 1), (64, 3, 2)]
    assert roof(CELL, rows) == Roof(4, {64: 3})
    assert roof(CELL, rows[:3]) is None
    for other in ({"threads": 2}, {"dtype": "float64"}, *WITHOUT_PEAK):
        assert roof(replace(CELL, **other), rows) is None


def test_the_operations_and_bytes_of_a_dense_net():
    lesson = load_lesson("relu_mlp")
    kernels, numbers = 784 * 512 + 512 * 10, 784 * 512 + 512 + 512 * 10 + 10
    assert flop_per_example(lesson, "predict", None) == 2 * kernels
    assert flop_per_example(lesson, "train", 2 * 784 * 512) == 2 * (3 * kernels - 784 * 512)
    assert flop_per_example(lesson, "train", None) is flop_per_example(lesson, "input", 1.0) is None
    assert least_bytes(lesson, "predict", 16, "float32") == 4 * (16 * 784 + numbers)
    assert least_bytes(lesson, "train", 16, "float64") == 8 * (16 * 784 + 3 * numbers)


def test_exponents():
    found = exponent([(x, 3 * x**0.75) for x in (1, 16, 256, 1024)])
    assert [found[name] for name in ("exponent", "low", "high")] == pytest.approx([0.75] * 3)
    assert found["points"] == 4
    assert exponent([(1, 1.0), (2, 0.5)]) == {"exponent": pytest.approx(-1), "points": 2}
    found = exponent([(1, 1.0), (np.e, 1.0), (np.e**2, np.e)])  # slope ½; its error √(1/12), one degree of freedom
    assert found["exponent"] == pytest.approx(0.5)
    assert found["high"] - found["exponent"] == pytest.approx(12.7062 * 12**-0.5, rel=1e-5)


def trained(mode: str, first_call_s: float, rate: float, **other: object) -> dict:
    row = asdict(replace(CELL, framework="torch", mode=mode)) | {"job": "train", "batch": 128}
    return row | {"first_call_s": first_call_s, "examples_per_s": rate, **other}


def test_a_longer_first_call_is_repaid_or_never():
    rows = [
        trained("eager", 0.1, 100.0),
        trained("compiled", 5.1, 200.0),
        trained("slower", 5.1, 90.0),
        trained("native", 0.05, 100.0),
        trained("compiled", 5.1, 200.0, batch=1),
    ]
    repay(rows)
    assert [row.get("repaid_examples") for row in rows] == [None, pytest.approx(1000), None, None, None]


def record(*timings: dict, **other: object) -> dict:
    return {"status": "ok", "reason": "", "timings": list(timings), "import_s": 1.0, "first_kernel_flop": 0.0, **other}


def test_rows_tell_how_each_measurement_ended():
    calm, disturbed = timing([1.0] * 4, job="train"), timing([1.0] * 4, [9, 9, 0, 0], job="train")
    records = [
        record(calm | {"batch": 1, "first_call_s": 3.0}, disturbed | {"batch": 2, "first_call_s": 1.0}),
        record(calm | {"batch": 1, "first_call_s": 5.0}, import_s=3.0, status="crashed", reason="gone"),
    ]
    rows = {(row["job"], row["batch"]): row for row in cell_rows(CELL, [1, 2], records, Roof(1e-3, {64: 1.0}))}
    assert list(rows) == [("transfer", None), ("input", 1), *((job, b) for job in ("train", "predict") for b in (1, 2))]
    one, two = rows["train", 1], rows["train", 2]
    assert (one["status"], one["processes"], one["samples"], one["first_call_s"]) == ("ok", 2, 8, 4)
    assert (two["status"], two["reason"], two["dropped"]) == ("crashed", "gone", 0.5)
    assert two["examples_per_s"] == 8  # what was measured stays
    assert (rows["input", 1]["status"], "examples_per_s" in rows["input", 1]) == ("crashed", False)
    assert one["import_s"] == 2
    flop = 3 * load_lesson("relu_mlp").flop_per_example
    assert one["gflop_per_s"] == flop * 8 / 1e9
    assert one["share"] == pytest.approx(one["gflop_per_s"] / one["roofline_gflop_per_s"])
    (calm_row, contended) = list(cell_rows(CELL, [1, 2], records[:1], None))[2:4]
    assert (calm_row["status"], contended["status"]) == ("ok", "contended")
    assert "50%" in contended["reason"]
    assert [gravest(some) for some in ([calm_row], [calm_row, contended], [contended, two, calm_row])] == [
        "ok",
        "contended",
        "crashed",
    ]


def test_a_99th_percentile_takes_a_hundred_calls():
    def latency(calls: int) -> dict:
        calls_s = np.arange(1, calls + 1, dtype=float).tolist()
        return {"call_s": [calls_s], "cpu_s": [1.0], "waited_s": [0.0]}

    few, enough = (
        record(timing([1.0, 1.0], job="predict", batch=1, first_call_s=1.0, latency=latency(calls)))
        for calls in (99, 101)
    )
    p99 = [list(cell_rows(CELL, [1], [each], None))[3]["latency_p99_s"] for each in (few, enough)]
    assert p99 == [None, 100]


def test_time_is_followed_over_batches_and_threads():
    rows = [
        trained("eager", 0.1, rate, batch=batch, threads=threads)
        for threads, factor in ((1, 1), (2, 2))
        for batch, rate in ((1, 10.0 * factor), (4, 20.0 * factor), (128, 20.0 * 32**0.5 * factor))
    ]
    found = {(row["axis"], row["threads"]): row for row in scaling_rows(rows)}
    assert found.keys() == {("batch", 1), ("batch", 2), ("threads", None)}
    assert found["batch", 1]["exponent"] == pytest.approx(0.5)
    assert (found["threads", None]["exponent"], found["threads", None]["points"]) == (pytest.approx(-1), 2)


# --- live ------------------------------------------------------------------------------------------------------


@pytest.fixture
def measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Measured]:
    """Measures a sweep into ``out``, with a peak that takes no time."""
    monkeypatch.setattr("harness.speed.roofline.SIZES", SMALL_PEAK)

    def run(sweep: Sweep, **how: bool) -> Measured:
        return throughput(sweep, Setting(tmp_path / "out", usual_limits("quick"), Told(), **how))

    return run


TINY = Sweep(lesson=("linear_regression",), framework=("numpy",), threads=(1,), batch=(4,), samples=2, processes=2)


@pytest.mark.parametrize(("framework", "processes"), [("numpy", 2), ("torch", 1)])
def test_a_live_sweep_says_what_its_samples_say(measure, tmp_path, framework, processes):
    if missing := missing_packages(framework):
        pytest.skip(f"not installed: {missing}")
    measured = measure(replace(TINY, framework=(framework,), processes=processes))
    assert (measured.failures, measured.whole) == ([], True)
    samples = pd.read_csv(tmp_path / "out" / "throughput_samples.csv")
    assert samples["wall_s"].min() >= 0.1
    rows = pd.read_csv(tmp_path / "out" / "throughput.csv")
    jobs = [("input", 10), *((job, batch) for job in ("train", "predict") for batch in (10, 4))]
    assert list(rows[["job", "batch"]].itertuples(index=False, name=None))[1:] == jobs
    assert rows["job"][0] == "transfer"
    for row in rows.itertuples():
        mine = samples[(samples["job"] == row.job) & (samples["batch"] == row.batch)]
        assert mine["process"].nunique() == row.processes == processes
        sound = mine["cpu_s"] >= 0.97 * (mine["cpu_s"] + mine["waited_s"])
        assert (row.samples, row.dropped) == (len(mine), pytest.approx(1 - sound.mean()))
        assert row.status == ("contended" if row.dropped > 0.2 else "ok")
        kept = mine[sound] if sound.any() else mine
        assert row.examples_per_s == pytest.approx((kept["examples"] / kept["wall_s"]).median())
        assert row.examples_per_cpu_s == pytest.approx((kept["examples"] / kept["cpu_s"]).median())
        if len(mine) < LEAST_VALUES:
            assert math.isnan(row.low)
            assert math.isnan(row.high)
        else:
            assert row.low <= row.examples_per_s <= row.high
    trained, predicted = rows[rows["job"] == "train"], rows[rows["job"] == "predict"]
    assert (predicted["latency_p99_s"] >= predicted["latency_median_s"]).all()
    assert set(predicted["flop_per_example"]) == {4}
    assert set(trained["flop_per_example"]) == {2 * 4}  # nothing asks for the gradient of its only input
    for computed in (trained, predicted):
        shares = computed["gflop_per_s"] / computed["roofline_gflop_per_s"]
        assert computed["share"].to_numpy() == pytest.approx(shares.to_numpy())
    assert (rows["import_s"] > 0).all()
    assert (rows["peak_memory_bytes"] > 1e7).all()
    peak = pd.read_csv(tmp_path / "out" / "peak.csv")
    assert peak[["quantity", "size_bytes"]].to_numpy().tolist() == [["matmul", 3 * 4 * 64**2], ["copy", 2**20]]
    assert set(pd.read_csv(tmp_path / "out" / "scaling.csv")["points"]) == {2}
    assert len(throughput_grid(rows_of(rows)).rows) == 1


def test_what_was_compiled_before_is_not_found_again(tmp_path):
    """PyTorch keeps its programs in a folder, JAX where its users say; each process has what it needs to see none."""
    cells = make_plan(Options(lesson=("cnn",), framework=("torch", "jax", "numpy"), threads=(1,)))
    folders = [cold(cell, RunFolder(tmp_path)) for cell in (*cells, *cells)]
    name = "TORCHINDUCTOR_CACHE_DIR"
    assert {key for variables in folders for key in variables} == {name, "JAX_ENABLE_COMPILATION_CACHE"}
    places = [Path(variables[name]) for variables in folders if name in variables]
    assert len(set(places)) == 2
    assert not [file for place in places for file in place.iterdir()]


def test_a_net_is_followed_over_its_sizes(measure, tmp_path):
    measured = measure(replace(TINY, lesson=("relu_mlp",), batch=(128,), processes=1))
    assert measured.failures == []
    rows = pd.read_csv(tmp_path / "out" / "throughput.csv")
    other = rows[rows["axis"] == "width"]
    wanted = [(job, 128, size) for size in (128, 256, 1024) for job in ("train", "predict")]
    assert list(other[["job", "batch", "size"]].itertuples(index=False, name=None)) == wanted
    assert (other["examples_per_s"] > 0).all()
    assert other["share"].isna().all()
    assert rows[rows["axis"].isna()]["job"].tolist() == ["transfer", "input", "train", "predict"]
    scaling = pd.read_csv(tmp_path / "out" / "scaling.csv").set_index(["job", "axis"])
    assert scaling.loc[("train", "width"), "points"] == scaling.loc[("predict", "width"), "points"] == 4
    assert 0 < scaling.loc[("train", "width"), "low"] <= scaling.loc[("train", "width"), "exponent"] < 2
    samples = pd.read_csv(tmp_path / "out" / "throughput_samples.csv")
    assert set(samples["size"].dropna()) == {128, 256, 1024}
    (shown,) = throughput_grid(rows_of(rows)).rows
    trained = f"{rows[(rows['job'] == 'train') & rows['axis'].isna()]['examples_per_s'].item():,.0f}"
    assert trained in shown
    for at in (None, 128):
        grid = training_grid(rows_of(rows), "examples_per_s", at)
        assert (grid.heads, grid.rows) == (["lesson", "numpy"], [["relu_mlp", trained]])


ROW = dict.fromkeys(COLUMNS["throughput.csv"]) | asdict(CELL) | {"job": "train", "status": "ok"}
OF_MODES = [
    ROW | {"framework": framework, "mode": mode, "batch": batch, "axis": axis, "share": share, "threads": threads}
    for framework, mode, batch, axis, share, threads in [
        ("numpy", "eager", 128, None, 0.5, 1),
        ("numpy", "eager", 128, "width", None, 1),
        ("jax", "scan", 1024, None, 0.75, 1),
        ("jax", "jit", 1024, None, 0.25, 1),
        ("jax", "jit", 1024, None, 0.125, 2),
    ]
]


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ((), "| relu_mlp | 50% |\n"),
        (("--batch", "1024", "--threads", "1"), "| relu_mlp | 75% | 25% |\n"),
        (("--batch", "1024", "--against", "jax scan", "--threads", "1"), "| relu_mlp | 1.00 | 0.33 |\n"),
    ],
)
def test_a_finished_measurement_is_shown_again(words, printed, tmp_path):
    write_table(tmp_path, "throughput.csv", OF_MODES)
    shown = ["table", str(tmp_path), "--throughput", "--column", "share", "--markdown"]
    done = CliRunner().invoke(main, [*shown, *words])
    assert done.exit_code == 0, done.output
    assert printed in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--equality", "--throughput"), "are two tables"),
        (("--throughput", "--batch", "64"), "--batch chooses what --throughput shows of one column"),
        (("--column", "value", "--batch", "64"), "--batch chooses what --throughput shows of one column"),
        (("--throughput", "--column", "share", "--batch", "64"), "there is 128, 1024."),
        (("--throughput", "--column", "value"), "unknown column 'value'"),
        (("--throughput", "--lesson", "relu_mpl"), "did you mean relu_mlp?"),
        (("--throughput", "--threads", "3"), "there is 1, 2."),
        ((), "name a folder with cells.csv in it"),
    ],
)
def test_what_a_measurement_does_not_have_is_said(words, said, tmp_path):
    write_table(tmp_path, "throughput.csv", OF_MODES)
    done = CliRunner().invoke(main, ["table", str(tmp_path), *words])
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.fixture
def own_lesson(tmp_path: Path) -> Iterator[Callable[[str, str], None]]:
    """Makes a lesson of the user's: linear regression in NumPy with this source of its ``Net``."""

    def make(name: str, net: str) -> None:
        folder = tmp_path / "own" / name
        folder.mkdir(parents=True)
        shutil.copy(catalogue.ROOT / "lines" / "linear_regression" / "lesson.py", folder)
        sound = "from impls.lines.linear_regression.linear_regression_numpy import Net as SoundNet\n"
        (folder / f"{name}_numpy.py").write_text(sound + net)
        catalogue.use_own([tmp_path / "own"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(catalogue.OWN_FOLDERS, "")
        yield make
    catalogue.lessons.cache_clear()
    catalogue.load_lesson.cache_clear()


def test_what_was_measured_before_a_failure_stays_and_other_nets_go_on(measure, own_lesson, tmp_path):
    own_lesson(
        "fragile",
        "class Net(SoundNet):\n"
        "    def forward(self, x):\n"
        "        if len(x) == 64: raise ValueError('too many')\n"
        "        return super().forward(x)\n",
    )
    measured = measure(replace(TINY, lesson=("fragile", "linear_regression"), batch=(64,), processes=1))
    (failure,) = measured.failures
    assert failure.startswith("fragile-numpy-eager-cpu-float32-1t-s0-quick failed: ValueError: too many")
    rows = pd.read_csv(tmp_path / "out" / "throughput.csv").set_index(["lesson", "job", "batch"]).sort_index()
    assert rows.loc[("fragile", "train", 10), "examples_per_s"].item() > 0
    broken = rows.loc[[("fragile", "train", 64)]]
    reason = "ValueError: too many (fragile_numpy.py, line 4, in forward)"
    assert broken[["status", "reason"]].to_numpy().tolist() == [["failed", reason]]
    assert broken["examples_per_s"].isna().all()
    assert rows.loc["linear_regression", "examples_per_s"].notna().all()
    assert (tmp_path / "out" / "work").exists()


def test_an_interrupted_measurement_goes_on(measure, tmp_path, monkeypatch):
    in_turn, turns = Launcher.in_turn, []

    def once(self: Launcher, children: list, turn: int) -> None:
        turns.append(turn)
        if len(turns) == 2:
            raise KeyboardInterrupt
        in_turn(self, children, turn)

    monkeypatch.setattr(Launcher, "in_turn", once)
    measured = measure(TINY)
    assert (measured.whole, measured.failures) == (False, [])
    first = pd.read_csv(tmp_path / "out" / "throughput_samples.csv")
    assert set(first["process"]) == {1}
    with pytest.raises(UsageError, match="begun with another options"):
        measure(replace(TINY, batch=(5,)), resume=True)
    measured = measure(TINY, resume=True)
    assert (measured.whole, turns) == (True, [1, 2, 1, 2])
    both = pd.read_csv(tmp_path / "out" / "throughput_samples.csv")
    assert set(both["process"]) == {1, 2}
    kept = both[both["process"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, first)  # they were not measured again


def test_contention_alone_is_said_and_no_error(monkeypatch, tmp_path):
    disturbed = timing([1.0], [9], job="train", batch=10, first_call_s=1.0)
    cell = replace(CELL, lesson="linear_regression")
    measured = Measured(TINY, [cell])
    measured.rows = {cell: [row for row in cell_rows(cell, [10], [record(disturbed)], None) if row["job"] == "train"]}
    monkeypatch.setattr(measuring, "throughput", lambda *_, **__: measured)
    done = CliRunner().invoke(main, ["throughput", "--out", str(tmp_path)])
    assert done.exit_code == 0
    assert "1 of 1 cells were measured while others used their cores" in done.stderr
    measured.failures = ["a net failed: why"]
    done = CliRunner().invoke(main, ["throughput", "--out", str(tmp_path)])
    assert (done.exit_code, "a net failed: why" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--batch", "0"), "--batch and --processes are whole numbers from 1 up"),
        (("--processes", "0"), "--batch and --processes are whole numbers from 1 up"),
        (("--samples", "1"), "a figure takes two samples or more"),
        (("--lesson", "gradient_descent"), "no net is left"),
        (("--lesson", "relu_mpl"), "did you mean relu_mlp"),
        (("--resume",), "name it with --out"),
        (("--profile", "half"), "unknown profile"),
    ],
)
def test_bad_input_is_one_sentence(words, said):
    done = CliRunner().invoke(main, ["throughput", *words])
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert said in done.stderr


def test_a_device_that_is_missing_is_a_row(lessonbench: CommandLine, tmp_path):
    words = ("--lesson", "linear_regression", "--framework", "numpy", "--device", "gpu", "--batch", "1")
    done = lessonbench("throughput", *words, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "missing: NumPy runs on the CPU alone" in done.stderr
    rows = pd.read_csv(tmp_path / "out" / "throughput.csv")
    assert set(rows["status"]) == {"missing"}
