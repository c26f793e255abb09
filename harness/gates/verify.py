"""The equality gates: one implementation's trace against the reference's. NumPy alone.

G0 structure and optimiser, G1 one step, G2 a trajectory in float64, G3 the same in float32. Every gap is computed so
that a NaN anywhere fails; a gate whose arrays are not there is ``unchecked``, never ``pass``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from harness.parity import DISAGREE_BOUND, gap, scaled_gap
from harness.record import Row, Verdict
from impls.spec import STEPS, NetLesson, Weights

DIFFERENCE_BOUND = 1e-5  # of the best finite difference, which rounding leaves at 1e-6 where a gradient is small
CONSTANT_BOUND = 1e-6  # float64, against a file whose constants are float32's
FORM_BOUND = 1e-8  # float64; a change is 1e-2 to 1e-5 of its weight, whose rounding it carries


@dataclass(frozen=True)
class Traced:
    """What one traced cell left: its figures and arrays; both empty if the trace could not be made."""

    figures: Row
    arrays: Weights


def check(
    lesson: NetLesson, traced: dict[str, Traced], reference: dict[str, Traced] | None, against: str = "numpy"
) -> list[Row]:
    """All gates of one implementation.

    Args:
        lesson: with its tolerances.
        traced: by dtype, ``float64`` and ``float32``; of the latter the losses do, unless they must stay together.
        reference: likewise for the reference implementation; None for the reference itself, which is held against
            the lesson (G0) and, by its gradients, against finite differences (G1).
        against: the reference's framework.

    Returns:
        Rows with ``trace_dtype, reference, gate, quantity, gap, bound, verdict``.
    """
    rows = []
    for dtype, found in traced.items():
        if dtype == "float64" and reference is not None:
            orders = [each.figures.get("order_sha256") for each in (found, reference[dtype])]
            same = math.nan if None in orders else float(orders[0] != orders[1])
            rows.append({"trace_dtype": dtype, **gate_row(against, "G0", "batch order", same, 0)})
        if dtype == "float64":
            rows += [{"trace_dtype": dtype, **row} for row in _alone(lesson, found, reference is None)]
        if reference is not None:
            compared = _compare(lesson, dtype, found.arrays, reference[dtype].arrays, against)
            rows += [{"trace_dtype": dtype, **row} for row in compared]
    return rows


def broken_structure(gates: list[Row]) -> str:
    """Where the net's structure (G0) is not what it should be, as a sentence; empty where nothing says so."""
    verdict, where = summary([row for row in gates if row["gate"] == "G0"])
    return where if verdict == "fail" else ""


def check_export(lesson: NetLesson, record: Row) -> list[Row]:
    """The operations counted in the exported graph against the lesson's, and the export against its framework.

    Those that the net itself does are counted in the trace (see ``check``).
    """
    flop = abs(float(record.get("flop_per_example", math.nan)) - lesson.flop_per_example)
    rows = [gate_row("lesson", "G0", "flop per example, exported", flop, 0), *_parity(lesson, record, "own outputs")]
    return [{"trace_dtype": "", **row} for row in rows]


def check_file(lesson: NetLesson, shapes: dict[str, list[int]], record: Row, exact: float) -> list[Row]:
    """A net with the weights of an ONNX file against that file.

    Args:
        lesson: with its parameters and tolerances.
        shapes: of the file's parameters, by name; empty if they could not be told.
        record: what ``parity.parity`` says of the outputs; empty if there are none.
        exact: the scaled gap of the outputs in float64; NaN if there are none.
    """
    told = _shapes("onnx", shapes, lesson) if shapes else [gate_row("onnx", "G0", "parameters", math.nan, 0)]
    rows = [{"trace_dtype": "", **row} for row in told]
    rows += [{"trace_dtype": "float32", **row} for row in _parity(lesson, record, "onnx")]
    return [*rows, {"trace_dtype": "float64", **gate_row("onnx", "ONNX", "outputs", exact, CONSTANT_BOUND)}]


def _parity(lesson: NetLesson, record: Row, against: str) -> Iterator[Row]:
    yield gate_row(against, "ONNX", "outputs", float(record.get("max_rel", math.nan)), lesson.tolerances.onnx)
    disagree = 1 - float(record.get("agree_share", math.nan))
    yield gate_row(against, "ONNX", "share of predictions that differ", disagree, DISAGREE_BOUND)


def _shapes(against: str, have: dict[str, list[int]], lesson: NetLesson) -> Iterator[Row]:
    want = lesson.shapes
    for name in dict.fromkeys([*want, *have]):
        row = gate_row(against, "G0", f"shape {name}", 0 if have.get(name) == want.get(name) else math.inf, 0)
        where = "" if against == "lesson" else f" in the {against} file"
        yield row | {"note": f"{have.get(name, 'none')}{where} where the lesson has {want.get(name, 'none')}"}


def _alone(lesson: NetLesson, found: Traced, is_reference: bool) -> Iterator[Row]:
    """What needs no reference: the parameters, the optimiser's form; the reference's gradient by finite differences."""
    if "parameters" not in found.figures:
        yield gate_row("lesson", "G0", "parameters", math.nan, 0)
        return
    have, want = found.figures["parameters"], lesson.shapes
    yield from _shapes("lesson", have, lesson)
    count = sum(math.prod(shape) for shape in have.values()) - sum(math.prod(shape) for shape in want.values())
    yield gate_row("lesson", "G0", "parameter count", abs(count), 0)
    for name in want:
        loaded = float(found.figures.get("initial", {}).get(name, {}).get("gap", math.nan))
        yield gate_row("lesson", "G0", f"initial values {name}", loaded, 0)
    flop = found.figures.get("flop_per_example", math.nan)
    if flop is None:  # the net writes a product out, which is right as long as the outputs are
        yield gate_row("lesson", "G0", "flop per example", math.nan, 0, verdict="reported")
    else:
        row = gate_row("lesson", "G0", "flop per example", abs(flop - lesson.flop_per_example), 0)
        yield row | {"note": f"the net does {flop:,.0f} where the lesson says {lesson.flop_per_example:,}"}
    for name in want:
        form = float(found.figures.get("optimiser_gap", {}).get(name, math.nan))
        yield gate_row("definition", "G0", f"optimiser {name}", form, FORM_BOUND)
    if is_reference:
        for name in want:
            slope = float(found.figures.get("finite_difference_gap", {}).get(name, math.nan))
            yield gate_row("finite differences", "G1", f"gradient {name}", slope, DIFFERENCE_BOUND)


def _compare(lesson: NetLesson, dtype: str, found: Weights, expected: Weights, against: str) -> Iterator[Row]:
    t = lesson.tolerances
    if not found or not expected:
        yield from (
            gate_row(against, g, "everything", math.nan, 0) for g in ("G1", "G2" if dtype == "float64" else "G3")
        )
        return
    if dtype != "float64":
        step, bound, steps = (
            (t.step_loss_bfloat16, t.trajectory_loss_bfloat16, t.trajectory_steps_bfloat16)
            if dtype == "bfloat16"
            else (t.step_loss_float32, t.trajectory_loss_float32, t.trajectory_steps_float32)
        )
        yield gate_row(against, "G1", "loss", gap(found["losses"][:1], expected["losses"][:1], 1, 0), step)
        yield from _rounded(found, expected, against, steps, bound)
        return
    for key in ("outputs", "loss", *_keys("gradient", lesson), *_keys("after", lesson)):
        quantity = key.replace("/", " ").replace("after", "parameter")
        step = gap(found[key], expected[key], t.step_relative, t.step_absolute)
        yield gate_row(against, "G1", quantity, step, t.step_relative)
    losses = gap(found["losses"], expected["losses"], 1, 0)
    yield gate_row(against, "G2", f"loss of {len(expected['losses'])} steps", losses, t.trajectory_loss)
    for key in _keys("final", lesson):
        quantity = key.replace("final/", "parameter ")
        yield gate_row(against, "G2", quantity, scaled_gap(found[key], expected[key]), t.trajectory_parameter)
    yield gate_row(against, "G2", "predictions", *_predictions(found, expected, t.trajectory_parameter))


def _rounded(found: Weights, expected: Weights, against: str, steps: int, bound: float) -> Iterator[Row]:
    """A trajectory whose rounding errors may grow: the losses of the first steps, and how long they stay together."""
    a, b = found["losses"].astype(np.float64), expected["losses"].astype(np.float64)
    yield gate_row(against, "G3", f"loss of {steps} steps", gap(a[:steps], b[:steps], 1, 0), bound)
    together = min(len(a), len(b))  # a training may be shorter than a trajectory
    departed = np.flatnonzero(~(np.abs(a[:together] - b[:together]) <= bound * np.abs(b[:together])))
    step = float(departed[0] + 1) if len(departed) else math.inf
    yield gate_row(against, "G3", "step of departure", step, steps, verdict="reported")
    if steps >= STEPS:
        yield gate_row(against, "G3", "predictions", *_predictions(found, expected, bound))
    elif "predictions" in found:  # a training has its own
        yield gate_row(against, "G3", "predictions", *_predictions(found, expected, bound), verdict="reported")


def _predictions(found: Weights, expected: Weights, bound: float) -> tuple[float, float]:
    """Classes: how many differ, of which none may. Numbers: the scaled gap, and its bound."""
    a, b = found["predictions"], expected["predictions"]
    if a.shape != b.shape or a.shape[-1] == 1:
        return scaled_gap(a, b), bound
    return float(np.sum(a.argmax(axis=-1) != b.argmax(axis=-1))), 0


def _keys(prefix: str, lesson: NetLesson) -> list[str]:
    return [f"{prefix}/{parameter.name}" for parameter in lesson.parameters]


def gate_row(
    reference: str, gate: str, quantity: str, found: float, bound: float, *, verdict: Verdict | None = None
) -> Row:
    """A row of a gate: it passes where the gap is at most the bound, and is unchecked where it is NaN."""
    if verdict is None:
        verdict = "unchecked" if math.isnan(found) else "pass" if found <= bound else "fail"
    return {
        "reference": reference,
        "gate": gate,
        "quantity": quantity,
        "gap": found,
        "bound": bound,
        "verdict": verdict,
    }


def summary(rows: list[Row]) -> tuple[Verdict, str]:
    """The verdict of all rows together, and where it first is not a pass."""
    for verdict in ("fail", "unchecked"):
        for row in rows:
            if row["verdict"] == verdict:
                where = " ".join(part for part in (row["gate"], row["trace_dtype"], row["quantity"]) if part)
                if verdict == "fail" and "note" in row:
                    return "fail", f"{where}: {row['note']}"
                if verdict == "fail":
                    return "fail", f"{where}: gap {row['gap']:.2g} against {row['reference']}, bound {row['bound']:.2g}"
                return "unchecked", f"{where} could not be checked against {row['reference']}"
    return ("pass", "") if any(map(passed, rows)) else ("unchecked", "no gate was run")


def passed(row: Row) -> bool:
    """Whether a gate was passed, if need be as a known deviation."""
    return row["verdict"] in ("pass", "deviates")
