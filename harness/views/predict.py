"""A lesson at work: it is trained, and what it answers is drawn or printed."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from harness.catalogue import UsageError
from harness.folder import claimed
from harness.jobs import WORKER
from harness.plan import Cell, configured
from harness.setting import locate_data
from harness.single import cell_of, one_job
from harness.views.pictures import QUANTITIES, draw_examples, draw_fit, draw_function_lesson
from harness.views.show import brief
from impls.data import SIDE, SOURCES
from impls.files import Located
from impls.made import Word
from impls.spec import Array, Dataset, FunctionLesson, Lesson, NetLesson, SigmoidCrossEntropy, Weights

PICTURES = 6
ROWS = 10
INPUTS = 4  # of an example, if a table is to have room for them


def predict(
    screen: Console, lesson: str, framework: str | None, profile: str, seed: int | None, out: Path, data: Path | None
) -> None:
    """Train a lesson and show what it answers.

    Args:
        screen: for what is printed.
        lesson: which one.
        framework: the one to train in; None for the first that is installed.
        profile: ``quick`` or ``full``.
        seed: None for the lesson's own.
        out: the folder for the picture, where the lesson has one.
        data: the folder in which the user keeps the official data files.

    Raises:
        UsageError: this cannot be asked for, the data are not there, or the folder cannot be written.
        FailedError: the training failed.
    """
    cell = cell_of(lesson, framework, profile, seed)
    located = locate_data([cell], data)
    chosen = configured(cell)
    with claimed(out) if _has_picture(chosen) else nullcontext():
        arrays, value = _trained(cell, located)
        file = out / f"{cell.lesson}-{cell.framework}.png"
        try:
            _show(screen, cell, arrays, value, located, file)
        except OSError as error:
            raise UsageError(f"cannot write {file}: {error.strerror}; name another folder with --out.") from error


def _has_picture(lesson: Lesson) -> bool:
    if isinstance(lesson, FunctionLesson):
        return bool(lesson.picture)
    return lesson.data.source is not None or lesson.input_shape == (1,)


def _trained(cell: Cell, located: dict[str, Located]) -> tuple[Weights, float]:
    """Train in a child; returns the arrays that it kept, and the metric's value."""
    is_net = isinstance(configured(cell), NetLesson)
    job, module = ("predict", "harness.children.predict_worker") if is_net else ("trace_float64", WORKER)
    record, arrays = one_job(cell, located, job, module)
    return arrays, float(record.get("value", np.nan))


def _show(screen: Console, cell: Cell, arrays: Weights, value: float, located: dict[str, Located], file: Path) -> None:
    lesson = configured(cell)
    title = f"{lesson.title}, {cell.framework}"
    if isinstance(lesson, FunctionLesson):
        screen.print(_results(lesson, arrays, title))
        if lesson.picture:
            draw_function_lesson(lesson, arrays, lesson.inputs(cell.seed), file)
    else:
        source = lesson.data.source
        data = lesson.data.load(located[source].folder if source else None, cell.seed, cell.dtype)
        if isinstance(lesson.data, Word):
            screen.print(_words(lesson.data, arrays["by_epoch"], title))
        elif source is not None:
            pictures, caption = _pictures(data, arrays["outputs"], SOURCES[source].classes)
            draw_examples(title, pictures, caption, file)
            screen.print(caption, highlight=False)
        else:
            screen.print(_rows(lesson, data, arrays["outputs"], title))
        if "curve" in arrays:
            points = {"training examples": (data.x_train, data.y_train)}
            if len(data.x_test) <= ROWS:
                points["test examples"] = (data.x_test, data.y_test)
            draw_fit(title, points, (arrays["x"], arrays["curve"]), file)
        screen.print(f"{QUANTITIES[lesson.metric]}: {value:.4g}", highlight=False)
    if _has_picture(lesson):
        screen.print(f"Picture: {file}", highlight=False, soft_wrap=True)


def _pictures(data: Dataset, outputs: Array, names: tuple[str, ...]) -> tuple[list[tuple[Array, str, str]], str]:
    """The first test pictures with their true and predicted names; a wrong one is among them, if there is any."""
    true = data.y_test if data.y_test.ndim == 1 else data.y_test.argmax(axis=1)
    predicted = outputs.argmax(axis=1)
    wrong = np.flatnonzero(predicted != true)
    shown = list(range(PICTURES))
    caption = f"The first {PICTURES} test pictures"
    if len(wrong) and wrong[0] >= PICTURES:
        shown[-1] = wrong[0]
        caption = f"The first {PICTURES - 1} test pictures and number {wrong[0] + 1:,}, the first that is named wrongly"
    caption += f".\nOf all {len(true):,}, {len(wrong):,} are named wrongly."
    pictures = data.x_test.reshape(-1, SIDE, SIDE)
    return [(pictures[i], names[true[i]], names[predicted[i]]) for i in shown], caption


def _words(data: Word, by_epoch: Array, title: str) -> Table:
    """The predicted word after each epoch."""
    table = Table("epoch", "predicted word", title=title, caption=f"{data.word} is to give {data.target}")
    for epoch, outputs in enumerate(by_epoch, start=1):
        places = outputs.reshape(-1, len(data.alphabet)).argmax(axis=1)
        word = "".join(data.alphabet[place] for place in places)
        table.add_row(str(epoch), f"[green]{word}[/]" if word == data.target else word)
    return table


def _rows(lesson: NetLesson, data: Dataset, outputs: Array, title: str) -> Table:
    """The first test examples: what goes in if it is little, what is to come out, what comes out."""
    x, target = data.x_test[:ROWS], data.y_test[:ROWS]
    columns = {f"x{i + 1}": column for i, column in enumerate(x.T)} if x.ndim == 2 and x.shape[1] <= INPUTS else {}
    columns |= {"target": target, "output": outputs[:ROWS]}
    if target.dtype.kind == "i":
        columns |= {"output": outputs[:ROWS].argmax(axis=-1)}
    if isinstance(lesson.loss, SigmoidCrossEntropy):
        columns |= {"probability": 1 / (1 + np.exp(-outputs[:ROWS]))}
    examples = f"the first {len(x)} of {len(data.x_test):,}" if len(data.x_test) > ROWS else "the"
    table = Table(title=title, caption=f"{examples} test examples")
    for name in columns:
        table.add_column(name, justify="right")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*map(brief, row))
    return table


def _results(lesson: FunctionLesson, results: Weights, title: str) -> Table:
    """What each function gave."""
    table = Table("function", "shape", "result", title=title)
    for name in lesson.functions:
        table.add_row(name, str(results[name].shape), brief(results[name]))
    return table
