"""What is known to deviate, applied to the gates of a cell: let pass within its own bound, missed once it is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from harness.catalogue import frameworks, lessons
from harness.plan import Cell, configured
from harness.record import Row
from impls.deviations import DEVIATIONS, Deviation, Seen
from impls.spec import Tolerances


def judged(cell: Cell, gates: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Let pass what is known to deviate.

    Args:
        cell: whose gates they are.
        gates: the rows of ``verify``, by the lesson's usual bounds.

    Returns:
        The gates, where what is beyond the usual bound but within a known deviation's ``deviates``; and the rows of
        ``deviations.csv``, one for each quantity that a known deviation covers, ``gone`` where it was seen and is not.
    """
    settled, concerned = [], []
    for row in gates:
        known = _covering(cell, row)
        if known is None:
            settled.append(row)
            continue
        mine = row
        if row["verdict"] == "fail":
            mine = row | {"bound": known.bound, "verdict": "deviates" if row["gap"] <= known.bound else "fail"}
        settled.append(mine)
        gone = row["verdict"] == "pass" and _is_seen(known, cell)
        about = {"usual_bound": row["bound"], "bound": known.bound, "reason": known.reason, "link": known.link}
        concerned.append(asdict(cell) | mine | about | ({"verdict": "gone"} if gone else {}))
    return settled, concerned


def _covering(cell: Cell, row: Row) -> Deviation | None:
    """The known deviation of what a gate's row compares."""
    for known in DEVIATIONS:
        if (
            (known.lesson, known.gate, known.trace_dtype) == (cell.lesson, row["gate"], row["trace_dtype"])
            and cell.framework in known.frameworks
            and _named_alike(row["quantity"]) in map(_named_alike, known.quantities)
            and row["reference"] == cell.reference.framework  # and not, say, a known answer
        ):
            return known
    return None


def _named_alike(quantity: str) -> str:
    """The losses of a whole epoch deviate as those of the usual trajectory do."""
    return "loss" if quantity.startswith("loss of ") else quantity


def _is_seen(known: Deviation, cell: Cell) -> bool:
    here = Seen(cell.framework, cell.mode, cell.seed, cell.profile)
    return here in known.seen and cell.device == "cpu" and cell.learning_rate is None


def any_gone(rows: Iterable[Row]) -> bool:
    """Whether something that is known to deviate does so no longer."""
    return any(row["verdict"] == "gone" for row in rows)


def sentences(rows: Iterable[Row]) -> Iterator[str]:
    """A line for each row of ``deviations.csv`` that is beyond the usual bound, or should be."""
    for row in rows:
        who = f"{row['lesson']} {row['framework']} {row['mode']}"
        where = f"{row['gate']} {row['trace_dtype']} {row['quantity']}"
        if row["verdict"] == "gone":
            yield (
                f"{who} no longer deviates in {where}: gap {row['gap']:.1e}, usual bound {row['usual_bound']:.0e}; "
                f"remove from impls/deviations.py the entry of {row['lesson']} for {row['gate']} {row['trace_dtype']}, "
                f"or what it says of {row['framework']}."
            )
        elif row["verdict"] == "deviates":
            bounds = f"usual bound {row['usual_bound']:.0e}, its own {row['bound']:.0e}"
            yield f"{who} deviates, as is known, in {where}: gap {row['gap']:.1e}, {bounds}; {row['link']}"


def tolerances(cell: Cell, *others: str) -> Tolerances:
    """The lesson's, loosened by what is known of the cell's framework and of these other ones."""
    return replace(configured(cell).tolerances, **_loosened(cell.lesson, {cell.framework, *others}))


def for_copy(template: str) -> str:
    """Source to be added to a copy of a lesson's file: the tolerances that it needs under a name not listed here."""
    folder, lines = lessons()[template].folder, []
    for name, lesson in lessons().items():
        if lesson.folder == folder and (loosened := _loosened(name, set(frameworks()))):
            copy = f'VARIANTS["{lesson.variant}"]' if lesson.variant else "LESSON"
            bounds = ", ".join(f"{field}={bound:g}" for field, bound in loosened.items())
            lines.append(f"{copy} = replace({copy}, tolerances=replace({copy}.tolerances, {bounds}))\n")
    if not lines:
        return ""
    why = f"# What is known to deviate in {folder.name}, which impls/deviations.py lists under that name alone:\n"
    return "".join(["\n", why, "from dataclasses import replace  # noqa: E402\n\n", *lines])


def _loosened(lesson: str, which: set[str]) -> dict[str, Any]:
    """By field of ``Tolerances``: the loosest bound that is known for a lesson in any of these frameworks."""
    found: dict[str, Any] = {}
    for known in DEVIATIONS:
        if known.lesson == lesson and not which.isdisjoint(known.frameworks):
            found[known.tolerance] = max(known.bound, found.get(known.tolerance, 0.0))
    return found
