"""Learners in this process, and small data of every lesson's form, for tests that need no whole run."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from harness.plan import lessons, load_lesson, missing_packages
from impls.spec import Dataset, Learner, NetLesson

EXAMPLES, TESTS = 1200, 7


def small(lesson: NetLesson, dtype: str) -> Dataset:
    """Random examples of a lesson's form."""
    rng = np.random.default_rng(0)
    x = rng.random((EXAMPLES + TESTS, *lesson.input_shape)).astype(dtype)
    if lesson.loss == "softmax_cross_entropy":
        y = rng.integers(0, 10, EXAMPLES + TESTS).astype(np.int32)
    else:
        y = x.sum(axis=1, keepdims=True)
    return Dataset(x[:EXAMPLES], y[:EXAMPLES], x[EXAMPLES:], y[EXAMPLES:])


def make(name: str, framework: str, mode: str, dtype: str = "float64", device: str = "cpu") -> Learner:
    if missing := missing_packages(framework):
        pytest.skip(f"not installed: {missing}")
    found = lessons()[name]
    net = importlib.import_module(f"{found.package}.{name}_{framework}").Net
    module = importlib.import_module(f"impls.learners.{framework}_learner")
    return module.Learner(load_lesson(name), net, mode=mode, device=device, dtype=dtype)
