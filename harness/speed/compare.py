"""Two runs held against each other, cell by cell: is the second slower? ``lessonbench compare``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.stats import mannwhitneyu

from harness.catalogue import UsageError
from harness.columns import CELL
from harness.plan import Cell
from harness.record import Clock, Quantity, Row, read_json
from harness.speed.pooled import drawn
from harness.speed.samples import LEAST_SAMPLES, by_process, read_samples
from harness.views.tables import Grid, headings, words
from impls.spec import Array

FASTEST = 0.9  # quantile of the rates
LEVEL = 0.002  # of the test: even with a hundred cells, four runs of five have none below it by chance
FACTOR = 1.10  # between the fastest tenths: what they still owe to luck, some hundredths, no test of samples sees
MACHINE = ("processor", "cores", "threads", "usable_threads")  # what makes it another one
RULE = (
    f"slower, faster: fastest tenths beyond a factor of {FACTOR:.2f}, p < {LEVEL:g} (Mann–Whitney), "
    f"{LEAST_SAMPLES} samples or more on each side"
)
SECONDS = {"wall": "second", "cpu": "second of processor time"}

Judgement = Literal["slower", "faster", "same", "too few"]


def fastest(rates: Array) -> float:
    """Examples per second that a tenth of the samples exceed: what others do to a machine only slows it.

    Args:
        rates: of each sample, (n,).
    """
    return float(np.quantile(rates, FASTEST))


def judge(a: Array, b: Array) -> tuple[Judgement, float]:
    """Whether B is slower than A: by a test of all samples (Mann and Whitney 1947), and by enough to matter.

    Args:
        a: examples per second of each sample of all processes, (n,).
        b: likewise, (m,).

    Returns:
        The judgement, and the two-sided p-value.
    """
    p = float(mannwhitneyu(a, b).pvalue)
    ratio = fastest(b) / fastest(a)
    if min(len(a), len(b)) < LEAST_SAMPLES:
        return "too few", p
    if p < LEVEL and not 1 / FACTOR <= ratio <= FACTOR:
        return "slower" if ratio < 1 else "faster", p
    return "same", p


def interval(a: Sequence[Array], b: Sequence[Array], seed: int = 0) -> tuple[float, float]:
    """The 95 % percentile interval of the ratio of the fastest tenths, B's over A's.

    Args:
        a: examples per second of each process's samples, (n,) each.
        b: likewise.
        seed: of the processes and samples that are drawn.
    """
    tenth = partial(np.nanquantile, q=FASTEST, axis=1)
    below, above = (drawn(side, tenth, seed + turn) for turn, side in enumerate((a, b)))
    low, high = np.quantile(above / below, [0.025, 0.975])
    return float(low), float(high)


@dataclass(frozen=True)
class Comparison:
    """What came of comparing two runs.

    Args:
        rows: of ``comparison.csv``, for the cells that both have samples of.
        only_a, only_b: the names of the cells that one alone has samples of.
        changes: what else differs between the runs, such as a package's version.
    """

    rows: list[Row]
    only_a: list[str]
    only_b: list[str]
    changes: list[str]

    @property
    def slower(self) -> bool:
        """Whether any cell is slower in B."""
        return any(row["verdict"] == "slower" for row in self.rows)


def compare(run_a: Path, run_b: Path, quantity: Quantity, clock: Clock, *, other_machine: bool = False) -> Comparison:
    """Compare what two runs timed.

    Args:
        run_a, run_b: their folders.
        quantity: what was timed.
        clock: whose seconds; the processor's add up all threads.
        other_machine: whether the runs may be of different machines.

    Raises:
        UsageError: a folder holds no run with samples, both are the same, the machines differ, or no cell is in both.
    """
    if run_a.resolve() == run_b.resolve():
        raise UsageError(f"{run_a} and {run_b} are the same folder: name two runs.")
    samples_a, samples_b = read_samples(run_a), read_samples(run_b)
    about_a, about_b = _about(run_a), _about(run_b)
    if not other_machine and (differing := _differences(_machine(about_a), _machine(about_b))):
        raise UsageError(
            f"{run_a} and {run_b} were made on different machines ({', '.join(differing)}): "
            "compare runs of one, or add --other-machine."
        )
    a, b = (by_process(samples, quantity, clock) for samples in (samples_a, samples_b))
    if not a.keys() & b.keys():
        raise UsageError(
            f"{run_a} and {run_b} have no cell in common with samples of {quantity}: "
            f"name two runs that share {', '.join(CELL)}."
        )
    rows = [dict(zip(CELL, cell, strict=True)) | _row(a[cell], b[cell]) for cell in a if cell in b]
    return Comparison(
        [row | {"quantity": quantity, "clock": clock} for row in rows],
        [Cell(*cell).name for cell in a if cell not in b],
        [Cell(*cell).name for cell in b if cell not in a],
        _differences(_circumstances(about_a), _circumstances(about_b)),
    )


def _row(a: Sequence[Array], b: Sequence[Array]) -> Row:
    together = np.concatenate(a), np.concatenate(b)
    verdict, p = judge(*together)
    low, high = interval(a, b)
    tenths = fastest(together[0]), fastest(together[1])
    return {
        "processes_a": len(a),
        "processes_b": len(b),
        "samples_a": len(together[0]),
        "samples_b": len(together[1]),
        "examples_per_s_a": tenths[0],
        "examples_per_s_b": tenths[1],
        "ratio": tenths[1] / tenths[0],
        "low": low,
        "high": high,
        "p": p,
        "verdict": verdict,
    }


def _about(folder: Path) -> Row:
    path = folder / "run.json"
    try:
        about = read_json(path)
        return about | {"machine": dict(about["machine"]), "versions": dict(about.get("versions", {}))}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} does not say what the run was made on: name the folder of a whole run.") from error


def _machine(about: Row) -> Row:
    facts = about["machine"]
    devices = [
        device.rsplit(", ", 1)[0] for device in facts.get("gpu", ())
    ]  # less the driver, which may be what is new
    return {name: facts.get(name) for name in MACHINE} | {"gpu": devices}


def _circumstances(about: Row) -> Row:
    return {"commit": about.get("commit"), **about["machine"], **about["versions"]}


def _differences(a: Row, b: Row) -> list[str]:
    return [f"{name} {a.get(name)} → {b.get(name)}" for name in a | b if a.get(name) != b.get(name)]


def comparison_grid(rows: Sequence[Row]) -> Grid:
    """A row for each cell of a comparison, at least one: both fastest tenths, and their ratio with its interval."""
    names, caption = headings(rows)
    figures = ["A", "B", "B / A", "95 % interval", "p", "processes", "samples"]
    body = []
    for row in rows:
        shown = [f"{row['examples_per_s_a']:,.0f}", f"{row['examples_per_s_b']:,.0f}", f"{row['ratio']:.3f}"]
        shown += [
            f"{row['low']:.3f} to {row['high']:.3f}",
            f"{row['p']:.2g}",
            f"{row['processes_a']}, {row['processes_b']}",
            f"{row['samples_a']}, {row['samples_b']}",
        ]
        body.append([*words(row, [*names, "framework", "mode"]), *shown, row["verdict"]])
    unit = f"examples per {SECONDS[rows[0]['clock']]}"
    explained = f"{rows[0]['quantity']}: {unit} that the fastest tenth of the samples exceed\n{RULE}\n"
    heads = [*names, "framework", "mode", *figures, "verdict"]
    return Grid(heads, set(figures), {"verdict"}, body, explained + caption)
