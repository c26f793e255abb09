"""The lesson sigmoid_mlp as courses first write it: plain NumPy, one example at a time, columns and np.dot, float64.

``--way gradient`` follows the gradient. ``--way notes`` is what many notes have: they send the raw error of the
outputs back to the hidden layer, without the derivative of the outputs' sigmoid. That is not the gradient of the
squared error, nor of anything that is stated; it learns all the same. ``--way program`` is the whole loop of such
notes: the same rule, on lines of comma-separated text, each split and turned into numbers whenever its turn comes.
They are timed beside the project's learners with ``--batch`` examples at a time, which train as the lesson says.

Run it as ``PYTHONPATH=. python tests/baselines/course_sigmoid_mlp.py``: weights and order of the lesson's seed. The
loops and NumPy's learner have one thread, since products of this size are no faster on two; the other frameworks have
those that they start by themselves. The table has a line for each way: training examples per second and per processor
second (medians of the epochs, which the ways take in turn), accuracy on the test set, and how many times the examples
per second, and per processor second, of the table's first line that is.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from itertools import zip_longest
from pathlib import Path

if __name__ == "__main__":  # before NumPy is imported, which starts the threads
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import click
import numpy as np

from harness.catalogue import absence, default_mode, frameworks, lessons
from harness.children.timing import Samples
from impls.classifiers.sigmoid_mlp.lesson import LESSON, VARIANTS
from impls.data import FILES, read_idx
from impls.files import locate
from impls.spec import Array, batch_order, initial_weights

WAYS = ("program", "notes", "gradient")
COLUMNS = ("way", "epochs", "examples_per_s", "examples_per_cpu_s", "accuracy", "times", "times_per_cpu_s")
RATE = LESSON.optimizer.learning_rate

# --- the plain program -----------------------------------------------------------------------------------------


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def text(image, label):
    """A line of the file that such notes read: the label, and then the picture's bytes."""
    return ",".join(map(str, [label, *image.ravel()]))


def parsed(line):
    """What such notes make of a line: the picture as numbers, and the label."""
    values = line.split(",")
    return np.asarray(values[1:], dtype=float), int(values[0])


def inputs(image):
    """A picture's bytes as a column."""
    return (image.reshape(-1, 1) / 255) * 0.99 + 0.01


def targets(label):
    column = np.full((10, 1), 0.01)
    column[label] = 0.99
    return column


def downhill(w_hidden, w_head, x, target, rule):
    """The direction in which the rule changes each of the two weight matrices, (out, in)."""
    hidden = sigmoid(np.dot(w_hidden, x))
    output = sigmoid(np.dot(w_head, hidden))
    output_error = target - output
    slope = output_error * output * (1 - output)
    hidden_error = np.dot(w_head.T, slope if rule == "gradient" else output_error)
    return np.dot(hidden_error * hidden * (1 - hidden), x.T), np.dot(slope, hidden.T)


def train(w_hidden, w_head, examples, rule):
    """One pass over pictures with labels; the weights are changed in place."""
    for image, label in examples:
        change_hidden, change_head = downhill(w_hidden, w_head, inputs(image), targets(label), rule)
        w_hidden += RATE * change_hidden
        w_head += RATE * change_head


def accuracy(w_hidden, w_head, images, labels):
    answers = [np.argmax(np.dot(w_head, sigmoid(np.dot(w_hidden, inputs(image))))) for image in images]
    return float(np.mean(np.array(answers) == labels))


# --- the comparison --------------------------------------------------------------------------------------------


@dataclass
class Way:
    """One way to train: its epochs still to be done, its measure once they are, and what its epochs took."""

    name: str
    taken: Samples
    epochs: Iterator[Callable[[], object]]
    accuracy: Callable[[], float]
    wait: Callable[[], None] = lambda: None

    def row(self, first: Samples) -> dict[str, object]:
        taken = self.taken
        speeds = round(taken.per_s()), round(taken.per_cpu_s())
        times = round(taken.per_s() / first.per_s(), 2), round(taken.per_cpu_s() / first.per_cpu_s(), 2)
        figures = (self.name, len(taken.wall_s), *speeds, round(self.accuracy(), 4), *times)
        return dict(zip(COLUMNS, figures, strict=True))


def plain(name: str, folder: Path, epochs: int, seed: int) -> Way:
    images, labels, test_images, test_labels = (read_idx(folder / name) for name in FILES)
    start = initial_weights(LESSON, seed, "float64")
    weights = start["hidden.kernel"].T.copy(), start["head.kernel"].T.copy()
    orders = batch_order(len(images), 1, epochs, seed).reshape(epochs, -1)
    if name == "program":
        lines = list(map(text, images, labels))

        def epoch(order: Array) -> None:
            train(*weights, (parsed(lines[i]) for i in order), "notes")
    else:

        def epoch(order: Array) -> None:
            train(*weights, ((images[i], labels[i]) for i in order), name)

    return Way(
        f"one at a time, {name}",
        Samples(orders.shape[1]),
        (partial(epoch, order) for order in orders),
        lambda: accuracy(*weights, test_images, test_labels),
    )


def learner(framework: str, batch: int, folder: Path, epochs: int, seed: int) -> Way:
    lesson, mode = replace(LESSON, batch=batch), default_mode(framework)
    data = lesson.data.load(folder, seed, "float32")
    net = lessons()["sigmoid_mlp"].load(framework).Net
    module = import_module(f"impls.learners.{framework}_learner")
    trained = module.Learner(lesson, net, mode=mode, device="cpu", dtype="float32")
    trained.load(initial_weights(lesson, seed, "float32"))
    x, y, x_test = map(trained.put, (data.x_train, data.y_train, data.x_test))
    order = batch_order(len(data.x_train), batch, epochs, seed)
    return Way(
        f"batches of {batch}, {framework} {mode}",
        Samples(order[0].size),
        (partial(trained.train_epoch, x, y, trained.put(rows)) for rows in order),
        lambda: float(np.mean(trained.get(trained.predict(x_test)).argmax(axis=1) == data.y_test.argmax(axis=1))),
        trained.wait,
    )


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--way", "names", type=click.Choice(WAYS), multiple=True, help="One loop alone; all by default.")
@click.option(
    "--framework",
    "learners",
    type=click.Choice(list(frameworks())),
    multiple=True,
    default=("numpy", "jax"),
    show_default=True,
    help="Whose learners are timed beside them.",
)
@click.option("--batch", type=click.IntRange(min=1), default=LESSON.batch, show_default=True, help="The learners'.")
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option("--epochs", type=click.IntRange(min=1), help="Of each way; the lesson's by default.")
@click.option("--seed", type=click.IntRange(min=0), default=LESSON.seed, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file to write the table to.")
def main(names, learners, batch, profile, epochs, seed, out):
    for framework in learners:
        if reason := absence("sigmoid_mlp", framework):
            raise click.UsageError(f"--framework {framework}: {reason}")
    folder = locate(LESSON.data.source, profile).folder
    single, batched = (epochs or lesson.profiles[profile].epochs for lesson in (VARIANTS["single"], LESSON))
    ways = [plain(name, folder, single, seed) for name in names or WAYS]
    ways += [learner(framework, batch, folder, batched, seed) for framework in learners]
    for turn in zip_longest(*(way.epochs for way in ways)):
        for way, epoch in zip(ways, turn, strict=True):
            if epoch:
                way.taken.take(epoch, way.wait)
    rows = [way.row(ways[0].taken) for way in ways]
    write(sys.stdout, rows)
    if out:
        with out.open("w", newline="", encoding="utf-8") as file:
            write(file, rows)


def write(file, rows):
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


if __name__ == "__main__":
    main()
