"""Learners in this process, and small data of every lesson's form, for tests that need no whole run."""

from __future__ import annotations

import importlib
import os

import numpy as np
import pytest

from harness.catalogue import frameworks, lessons, load_lesson, missing_packages
from impls.data import SAMPLES
from impls.spec import Dataset, Learner, NetLesson

EXAMPLES, TESTS = 1200, 7


def small(lesson: NetLesson, dtype: str) -> Dataset:
    """Random examples of a lesson's form."""
    rng = np.random.default_rng(0)
    x = rng.random((EXAMPLES + TESTS, *lesson.input_shape)).astype(dtype)
    real = lesson.data.load(SAMPLES / lesson.data.source if lesson.data.source else None, 0, dtype).y_train
    if real.dtype.kind == "i":
        y = rng.integers(0, real.max() + 1, (len(x), *real.shape[1:])).astype(np.int32)
    else:
        y = rng.choice(real.ravel(), (len(x), *real.shape[1:]))
    return Dataset(x[:EXAMPLES], y[:EXAMPLES], x[EXAMPLES:], y[EXAMPLES:])


def modes_here(framework: str) -> list[str]:
    """The modes whose environment this process has: Keras takes its backend once in a process."""
    modes = frameworks()[framework].modes.items()
    return [mode for mode, environment in modes if environment.items() <= os.environ.items()]


def make(name: str, framework: str, mode: str, dtype: str = "float64", device: str = "cpu") -> Learner:
    if missing := missing_packages(framework, mode):
        pytest.skip(f"not installed: {missing}")
    net = lessons()[name].load(framework).Net
    module = importlib.import_module(f"impls.learners.{framework}_learner")
    return module.Learner(load_lesson(name), net, mode=mode, device=device, dtype=dtype)
