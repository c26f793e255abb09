"""Every net handed from every framework to every other in the middle of its training: ``lessonbench exchange``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from itertools import permutations

import numpy as np

from harness.catalogue import UsageError
from harness.csv_tables import write_table
from harness.folder import RunFolder, claimed
from harness.gates.deviations import tolerances
from harness.jobs import Launcher, able, is_net
from harness.parity import gap, scaled_gap
from harness.plan import Cell, Options, make_plan
from harness.record import Row, read_arrays
from harness.report import outcome
from harness.setting import Setting
from impls.spec import Weights

MODULE = "harness.children.exchange_worker"


def exchange(options: Options, setting: Setting) -> list[Row]:
    """Hand nets over, and write ``exchange.csv``.

    Args:
        options: which lessons, frameworks, modes and seeds.
        setting: where, and with what.

    Returns:
        A row for each lesson and each ordered pair of frameworks; see ``results/README.md``.

    Raises:
        UsageError: there are no two frameworks to hand anything over between.
    """
    nets = [cell for cell in make_plan(options) if is_net(cell) and not cell.native]
    cells = able(nets)
    lessons = dict.fromkeys(cell.lesson for cell in cells)
    groups = {name: [cell for cell in cells if cell.lesson == name] for name in lessons}
    if all(len(group) < 2 for group in groups.values()):
        raise UsageError("an exchange needs two frameworks of a net's lesson that can run here; loosen the filters.")
    with claimed(setting.path), setting.aside(cells) as (launcher, leaving):
        work = launcher.folder.work
        setting.progress.planned(2 * len(cells))
        files = {cell: work / f"{cell.name}.safetensors" for cell in cells}
        launcher.share("give", {cell: {"file": str(path)} for cell, path in files.items()}, MODULE)
        for_others = {
            cell: {
                "files": {c.framework: str(files[c]) for c in groups[cell.lesson] if c != cell and files[c].exists()}
            }
            for cell in cells
        }
        launcher.share("take", for_others, MODULE)
        rows = [_row(launcher, *pair) for group in groups.values() for pair in permutations(group, 2)]
        write_table(setting.path, "exchange.csv", rows)
        if any(row["verdict"] == "unchecked" for row in rows):  # then its logs may be of use
            leaving.pop_all()
    return rows


def _row(launcher: Launcher, giver: Cell, taker: Cell) -> Row:
    folder = launcher.folder
    row: Row = asdict(taker) | {"dtype": "float64", "giver": giver.framework}
    for cell, job in ((giver, "give"), (taker, "take")):
        status, reason = outcome(folder, cell, job, launcher.endings.get(f"{cell.name}.{job}"))
        if status != "ok":
            return row | {
                "verdict": "unchecked",
                "reason": f"{cell.framework} {job} {status}: {reason}; its log is in {folder.work}",
            }
    kept, found = _arrays(folder, giver, "give"), _arrays(folder, taker, f"take-{giver.framework}")
    loss, outputs = gap(found["losses"], kept["losses"], 1, 0), scaled_gap(found["outputs"], kept["outputs"])
    differ = math.nan
    if kept["outputs"].shape[-1] > 1:
        differ = int(np.sum(found["outputs"].argmax(axis=-1) != kept["outputs"].argmax(axis=-1)))
    t = tolerances(taker, giver.framework)
    equal = loss <= t.trajectory_loss and outputs <= t.trajectory_parameter and not differ > 0
    figures = {"examples": len(kept["outputs"]), "outputs_gap": outputs, "predictions_differ": differ, "loss_gap": loss}
    return row | figures | {"bound": t.trajectory_loss, "verdict": "pass" if equal else "fail", "reason": ""}


def _arrays(folder: RunFolder, cell: Cell, name: str) -> Weights:
    return read_arrays(folder.record(cell, name).with_suffix(".npz"))


def summary(rows: Sequence[Row]) -> str:
    """One sentence."""
    passed = sum(row["verdict"] == "pass" for row in rows)
    worst = max((row["loss_gap"] for row in rows if "loss_gap" in row), default=math.nan)
    return f"{passed} of {len(rows)} handovers are as if there had been none; the largest gap of a loss is {worst:.1e}."
