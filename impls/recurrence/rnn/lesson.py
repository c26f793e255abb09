"""A recurrent layer for whole sequences answers "hello" with "ohlol": what rnn_cell does in a loop of its own.

Of other seeds, about one in three needs more than 15 epochs.
"""

from dataclasses import replace

from impls.made import Sequences, Word
from impls.spec import Adam, NetLesson, Parameter, Profile, SoftmaxCrossEntropy, fan_in_uniform

LESSON = NetLesson(
    title="Recurrent layer",
    data=Word("hello", target="ohlol", alphabet="ehlo"),
    input_shape=(5, 4),
    parameters=(
        Parameter("rnn.0.cell.kernel", (4, 4), fan_in_uniform(4)),
        Parameter("rnn.0.cell.recurrent_kernel", (4, 4), fan_in_uniform(4)),
        Parameter("rnn.0.cell.bias", (4,), fan_in_uniform(4)),
    ),
    loss=SoftmaxCrossEntropy(reduction="sum"),
    optimizer=Adam(learning_rate=0.05, beta1=0.9, beta2=0.999, epsilon=1e-8),
    batch=1,
    profiles={
        "quick": Profile(epochs=15, target=1.0),
        "full": Profile(epochs=15, target=1.0),
    },
    metric="accuracy",
    flop_per_example=2 * 5 * (4 * 4 + 4 * 4),
    net={"inputs": 4, "hidden": 4},
)

VARIANTS = {
    "two_layers": replace(
        LESSON,
        title="Two recurrent layers",
        parameters=(
            *LESSON.parameters,
            Parameter("rnn.1.cell.kernel", (4, 4), fan_in_uniform(4)),
            Parameter("rnn.1.cell.recurrent_kernel", (4, 4), fan_in_uniform(4)),
            Parameter("rnn.1.cell.bias", (4,), fan_in_uniform(4)),
        ),
        flop_per_example=2 * LESSON.flop_per_example,
        net={"inputs": 4, "hidden": 4, "depth": 2},
    ),
    # Of a size at which a rate says something: a dense layer reads the classes from the states.
    "useful": replace(
        LESSON,
        title="Recurrent layer, 128 steps",
        data=Sequences(steps=128, inputs=64, classes=8, train_examples=640, test_examples=128),
        input_shape=(128, 64),
        parameters=(
            Parameter("rnn.0.cell.kernel", (64, 128), fan_in_uniform(128)),
            Parameter("rnn.0.cell.recurrent_kernel", (128, 128), fan_in_uniform(128)),
            Parameter("rnn.0.cell.bias", (128,), fan_in_uniform(128)),
            Parameter("head.kernel", (128, 8), fan_in_uniform(128)),
            Parameter("head.bias", (8,), fan_in_uniform(128)),
        ),
        loss=SoftmaxCrossEntropy(),
        optimizer=Adam(learning_rate=0.003, beta1=0.9, beta2=0.999, epsilon=1e-8),
        batch=64,
        profiles={
            "quick": Profile(epochs=5, target=0.87),
            "full": Profile(epochs=5, target=0.87),
        },
        flop_per_example=2 * 128 * (64 * 128 + 128 * 128 + 128 * 8),
        net={"inputs": 64, "hidden": 128, "classes": 8},
    ),
}
