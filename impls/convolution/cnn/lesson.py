"""A convolutional network after LeNet (LeCun et al. 1998): two convolutions, each pooled, and one dense layer."""

from impls.data import Images
from impls.spec import SGD, NetLesson, Parameter, Profile, SoftmaxCrossEntropy, fan_in_uniform

LESSON = NetLesson(
    title="Convolutional network",
    data=Images("mnist", mean=0.1307, deviation=0.3081),
    input_shape=(28, 28, 1),
    parameters=(
        Parameter("conv1.kernel", (5, 5, 1, 10), fan_in_uniform(25)),
        Parameter("conv1.bias", (10,), fan_in_uniform(25)),
        Parameter("conv2.kernel", (5, 5, 10, 20), fan_in_uniform(250)),
        Parameter("conv2.bias", (20,), fan_in_uniform(250)),
        Parameter("head.kernel", (320, 10), fan_in_uniform(320)),
        Parameter("head.bias", (10,), fan_in_uniform(320)),
    ),
    loss=SoftmaxCrossEntropy(),
    optimizer=SGD(learning_rate=0.01, momentum=0.5),
    batch=64,
    profiles={
        "quick": Profile(epochs=5, target=0.926),
        "full": Profile(epochs=5, target=0.979),
    },
    metric="accuracy",
    flop_per_example=2 * (24 * 24 * 25 * 10 + 8 * 8 * 250 * 20 + 320 * 10),
)
