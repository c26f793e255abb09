"""Each planted fault is caught, and found where it is; each right variant passes: what ``fault_matrix`` writes."""

from __future__ import annotations

import pytest
from fault_matrix import judge, reference
from faults import FAULTS, VARIANTS, Planted

from harness.catalogue import missing_packages


@pytest.fixture(autouse=True, scope="module")
def few_steps():
    """What is seen in 200 steps is seen in 20."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.children.trace.STEPS", 20)
        reference.cache_clear()
        yield
        reference.cache_clear()


def named(fault: Planted) -> str:
    return f"{fault.framework}-{fault.lesson}-{fault.name}".replace(" ", "_")


def needs(fault: Planted) -> None:
    if missing := missing_packages(fault.framework):
        pytest.skip(f"not installed: {missing}")


@pytest.mark.parametrize("fault", FAULTS, ids=named)
def test_a_fault_is_caught_and_found(fault):
    needs(fault)
    found = judge(fault, ("float64",))
    assert found.gate, "no gate caught it"
    assert found.where == fault.where


@pytest.mark.parametrize("variant", VARIANTS, ids=named)
def test_a_right_variant_passes(variant):
    needs(variant)
    assert judge(variant, ("float64",)).gate == ""
