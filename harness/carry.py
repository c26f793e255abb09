"""Carrying a net from one framework to another: what ``lessonbench weights`` does."""

from __future__ import annotations

from pathlib import Path

from harness.catalogue import UsageError
from harness.plan import Cell, configured
from harness.record import Row
from harness.setting import locate_data
from harness.single import one_job
from harness.weights import check_kept, read_weights
from impls.spec import NetLesson


def carry(
    cell: Cell, *, source: Path | None, epochs: int | None, target: Path | None, data_folder: Path | None = None
) -> Row:
    """Take up weights, train, and put them down.

    Args:
        cell: lesson, framework, profile and seed.
        source: a file of weights, or None for the lesson's initial ones.
        epochs: of training; None for the lesson's own.
        target: the file for the weights after that, if they are to be kept.
        data_folder: where the user keeps the official data files.

    Returns:
        ``metric``, its ``value`` on the test set, ``epochs`` trained in all, ``trained`` now, and ``loss``, the mean of
        the last of those.

    Raises:
        UsageError: the lesson has no weights, or those in the file are not its.
        FailedError: the training failed.
    """
    lesson = configured(cell)
    if not isinstance(lesson, NetLesson):
        raise UsageError(f"{cell.lesson} is a lesson of functions and has no weights: name a net's lesson.")
    if source:
        check_kept(source, read_weights(source), lesson)
    if target:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot write {target}: {error.strerror}; name another file.") from error
    number = lesson.profiles[cell.profile].epochs if epochs is None else epochs
    places = {"source": str(source.resolve()) if source else None, "target": str(target.resolve()) if target else None}
    record, _ = one_job(
        cell, locate_data([cell], data_folder), "carry", "harness.children.weights_worker", {**places, "epochs": number}
    )
    return {"metric": lesson.metric, "trained": number, **record}
