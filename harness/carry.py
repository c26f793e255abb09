"""Carrying a net from one framework to another, or out of all: ``lessonbench weights`` and ``lessonbench export``."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import cast

from harness.catalogue import UsageError
from harness.jobs import provenance
from harness.plan import Cell, configured
from harness.record import Row, write_arrays, write_whole
from harness.setting import locate_data
from harness.single import one_job
from harness.weights import check_kept, read_weights
from impls.files import Located
from impls.spec import NetLesson, Weights

MODULE = "harness.children.weights_worker"


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
        UsageError: the lesson has no weights, those in the file are not its, or the target cannot be written.
        FailedError: the training failed.
    """
    located = _ready(cell, source, target, data_folder)
    return _carried(cell, located, source, epochs, target=target)[0]


def export(
    cell: Cell, *, source: Path | None, epochs: int | None, target: Path, data_folder: Path | None = None
) -> Row:
    """Take up weights, train, and write the net as an ONNX file in common form, which says where it comes from.

    Args:
        cell, source, epochs, data_folder: as for ``carry``.
        target: the file.

    Returns:
        What ``carry`` returns, and of the file ``opset``, ``file_bytes``, and how far its outputs in ONNX Runtime are
        from the framework's: see ``parity``.

    Raises:
        UsageError, FailedError: as ``carry``; or the export, or running it, failed.
    """
    located = _ready(cell, source, target, data_folder)
    with TemporaryDirectory() as folder:
        model, outputs = Path(folder) / target.name, Path(folder) / "outputs.npz"
        record, arrays = _carried(cell, located, source, epochs, model=model)
        write_arrays(outputs, arrays)
        request = {"model": str(model), "outputs": str(outputs), "about": provenance(cell, record)}
        found, _ = one_job(cell, located, "onnx", request=request)
        write_whole(target, lambda file: file.write(model.read_bytes()))
    return record | found


def _ready(cell: Cell, source: Path | None, target: Path | None, data_folder: Path | None) -> dict[str, Located]:
    """The cell's data, once its lesson, the weights and the place for what comes of them are seen to be fit."""
    lesson = configured(cell)
    if not isinstance(lesson, NetLesson):
        raise UsageError(f"{cell.lesson} is a lesson of functions and has no weights: name a net's lesson.")
    if source:
        check_kept(source, read_weights(source), lesson)
    if target:
        _writable(target)
    return locate_data([cell], data_folder)


def _writable(target: Path) -> None:
    """See that a file can be put there as ``write_whole`` does; what is no file, such as a device, is not replaced."""
    try:
        why = "it is no file" if target.exists() and not target.is_file() else ""
        if not why:
            target.parent.mkdir(parents=True, exist_ok=True)
            NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.").close()
    except OSError as error:
        why = str(error.strerror)
    if why:
        raise UsageError(f"cannot write {target}: {why}; name another file.")


def _carried(
    cell: Cell,
    located: dict[str, Located],
    source: Path | None,
    epochs: int | None,
    *,
    target: Path | None = None,
    model: Path | None = None,
) -> tuple[Row, Weights]:
    """What ``carry`` returns, and the arrays that the child left; ``target`` and ``model`` are files that it writes."""
    lesson = cast(NetLesson, configured(cell))
    number = lesson.profiles[cell.profile].epochs if epochs is None else epochs
    files = {"source": source, "target": target, "model": model}
    request = {name: str(file.resolve()) if file else None for name, file in files.items()}
    record, arrays = one_job(cell, located, "carry", MODULE, request | {"epochs": number})
    return {"metric": lesson.metric, "trained": number, **record}, arrays
