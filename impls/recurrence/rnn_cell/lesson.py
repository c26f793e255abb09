"""A recurrent cell in a written loop learns to answer "hello" with "ohlol", letter by letter.

Its state is the output: four hidden units, one for each letter of the alphabet. The same letter l has to be answered
with o in one place and with l in another, which takes a memory of the letters before. Of other seeds, about one in four
needs more than 15 epochs.
"""

from dataclasses import replace

from impls.made import Sequences, Word
from impls.spec import Adam, Axis, NetLesson, Parameter, Profile, SoftmaxCrossEntropy, fan_in_uniform

LESSON = NetLesson(
    title="Recurrent cell in a loop",
    data=Word("hello", target="ohlol", alphabet="ehlo"),
    input_shape=(5, 4),
    parameters=(
        Parameter("cell.kernel", (4, 4), fan_in_uniform(4)),
        Parameter("cell.recurrent_kernel", (4, 4), fan_in_uniform(4)),
        Parameter("cell.bias", (4,), fan_in_uniform(4)),
    ),
    loss=SoftmaxCrossEntropy(reduction="sum"),
    optimizer=Adam(learning_rate=0.1, beta1=0.9, beta2=0.999, epsilon=1e-8),
    batch=1,
    profiles={"quick": Profile(epochs=15, target=1.0), "full": Profile(epochs=15, target=1.0)},
    metric="accuracy",
    flop_per_example=2 * 5 * (4 * 4 + 4 * 4),
    net={"steps": 5, "inputs": 4, "hidden": 4},
)


def useful(steps: int = 64, hidden: int = 128) -> NetLesson:
    """Of a size at which a rate says something: a dense layer reads the classes from the state."""
    return replace(
        LESSON,
        title=f"Recurrent cell in a loop, {steps} steps",
        data=Sequences(steps=steps, inputs=64, classes=8, train_examples=640, test_examples=128),
        input_shape=(steps, 64),
        parameters=(
            Parameter("cell.kernel", (64, hidden), fan_in_uniform(hidden)),
            Parameter("cell.recurrent_kernel", (hidden, hidden), fan_in_uniform(hidden)),
            Parameter("cell.bias", (hidden,), fan_in_uniform(hidden)),
            Parameter("head.kernel", (hidden, 8), fan_in_uniform(hidden)),
            Parameter("head.bias", (8,), fan_in_uniform(hidden)),
        ),
        loss=SoftmaxCrossEntropy(),
        optimizer=Adam(learning_rate=0.003, beta1=0.9, beta2=0.999, epsilon=1e-8),
        batch=64,
        profiles={"quick": Profile(epochs=5, target=0.872), "full": Profile(epochs=5, target=0.872)},
        flop_per_example=2 * steps * (64 * hidden + hidden * hidden + hidden * 8),
        net={"steps": steps, "inputs": 64, "hidden": hidden, "classes": 8},
        axes={"width": Axis(hidden, lambda size: useful(steps, size)), "length": Axis(steps, useful)},
    )


VARIANTS = {"useful": useful()}
