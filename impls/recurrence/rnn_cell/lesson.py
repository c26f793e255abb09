"""A recurrent cell in a written loop learns to answer "hello" with "ohlol", letter by letter.

Its state is the output: four hidden units, one for each letter of the alphabet. The same letter l has to be answered
with o in one place and with l in another, which takes a memory of the letters before. Of other seeds, about one in four
needs more than 15 epochs.
"""

from dataclasses import replace

from impls.made import Sequences, Word
from impls.spec import Adam, NetLesson, Parameter, Profile, SoftmaxCrossEntropy, fan_in_uniform

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
    profiles={
        "quick": Profile(epochs=15, target=1.0),
        "full": Profile(epochs=15, target=1.0),
    },
    metric="accuracy",
    flop_per_example=2 * 5 * (4 * 4 + 4 * 4),
    net={"steps": 5, "inputs": 4, "hidden": 4},
)

VARIANTS = {
    # Of a size at which a rate says something: a dense layer reads the classes from the state.
    "useful": replace(
        LESSON,
        title="Recurrent cell in a loop, 64 steps",
        data=Sequences(steps=64, inputs=64, classes=8, train_examples=640, test_examples=128),
        input_shape=(64, 64),
        parameters=(
            Parameter("cell.kernel", (64, 128), fan_in_uniform(128)),
            Parameter("cell.recurrent_kernel", (128, 128), fan_in_uniform(128)),
            Parameter("cell.bias", (128,), fan_in_uniform(128)),
            Parameter("head.kernel", (128, 8), fan_in_uniform(128)),
            Parameter("head.bias", (8,), fan_in_uniform(128)),
        ),
        loss=SoftmaxCrossEntropy(),
        optimizer=Adam(learning_rate=0.003, beta1=0.9, beta2=0.999, epsilon=1e-8),
        batch=64,
        profiles={
            "quick": Profile(epochs=5, target=0.872),
            "full": Profile(epochs=5, target=0.872),
        },
        flop_per_example=2 * 64 * (64 * 128 + 128 * 128 + 128 * 8),
        net={"steps": 64, "inputs": 64, "hidden": 128, "classes": 8},
    ),
}
