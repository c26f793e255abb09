"""Operations on tensors: what there is of them, and where frameworks differ by design."""

from __future__ import annotations

from functools import cache

from harness.catalogue import lessons, load_module
from impls.operations import Difference


@cache
def differences(lesson: str) -> tuple[Difference, ...]:
    """A lesson's known differences; none if it has no such file."""
    path = lessons()[lesson].folder / "differences.py"
    found: tuple[Difference, ...] = load_module(path).DIFFERENCES if path.exists() else ()
    return found
