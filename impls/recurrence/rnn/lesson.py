"""A recurrent layer for whole sequences answers "hello" with "ohlol": what rnn_cell does in a loop of its own.

Of other seeds, about one in three needs more than 15 epochs.
"""

from dataclasses import replace

from impls.made import Sequences, Word
from impls.spec import Adam, Axis, NetLesson, Parameter, Profile, SoftmaxCrossEntropy, fan_in_uniform


def layer(place: int, inputs: int, hidden: int) -> tuple[Parameter, ...]:
    """The parameters of a recurrent layer."""
    shapes = {"kernel": (inputs, hidden), "recurrent_kernel": (hidden, hidden), "bias": (hidden,)}
    return tuple(Parameter(f"rnn.{place}.cell.{name}", shape, fan_in_uniform(hidden)) for name, shape in shapes.items())


LESSON = NetLesson(
    title="Recurrent layer",
    data=Word("hello", target="ohlol", alphabet="ehlo"),
    input_shape=(5, 4),
    parameters=layer(0, 4, 4),
    loss=SoftmaxCrossEntropy(reduction="sum"),
    optimizer=Adam(learning_rate=0.05, beta1=0.9, beta2=0.999, epsilon=1e-8),
    batch=1,
    profiles={"quick": Profile(epochs=15, target=1.0), "full": Profile(epochs=15, target=1.0)},
    metric="accuracy",
    flop_per_example=2 * 5 * (4 * 4 + 4 * 4),
    net={"inputs": 4, "hidden": 4},
)


def useful(steps: int = 64, hidden: int = 128) -> NetLesson:
    """Of a size at which a rate says something: a dense layer reads the classes from the states."""
    return replace(
        LESSON,
        title=f"Recurrent layer, {steps} steps",
        data=Sequences(steps=steps, inputs=64, classes=8, train_examples=640, test_examples=128),
        input_shape=(steps, 64),
        parameters=(
            *layer(0, 64, hidden),
            Parameter("head.kernel", (hidden, 8), fan_in_uniform(hidden)),
            Parameter("head.bias", (8,), fan_in_uniform(hidden)),
        ),
        loss=SoftmaxCrossEntropy(),
        optimizer=Adam(learning_rate=0.003, beta1=0.9, beta2=0.999, epsilon=1e-8),
        batch=64,
        profiles={"quick": Profile(epochs=5, target=0.872), "full": Profile(epochs=5, target=0.872)},
        flop_per_example=2 * steps * (64 * hidden + hidden * hidden + hidden * 8),
        net={"inputs": 64, "hidden": hidden, "classes": 8},
        axes={"width": Axis(hidden, lambda size: useful(steps, size)), "length": Axis(steps, useful)},
    )


VARIANTS = {
    "two_layers": replace(
        LESSON,
        title="Two recurrent layers",
        parameters=(*layer(0, 4, 4), *layer(1, 4, 4)),
        flop_per_example=2 * LESSON.flop_per_example,
        net={"inputs": 4, "hidden": 4, "depth": 2},
    ),
    "useful": useful(),
}
