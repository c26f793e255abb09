"""A multilayer perceptron with four hidden layers that reads handwritten digits."""

from impls.data import Images
from impls.spec import SGD, NetLesson, Parameter, Profile, SoftmaxCrossEntropy, fan_in_uniform

LESSON = NetLesson(
    title="Deep multilayer perceptron",
    data=Images("mnist", mean=0.1307, deviation=0.3081, flat=True),
    input_shape=(784,),
    parameters=(
        Parameter("hidden1.kernel", (784, 512), fan_in_uniform(784)),
        Parameter("hidden1.bias", (512,), fan_in_uniform(784)),
        Parameter("hidden2.kernel", (512, 256), fan_in_uniform(512)),
        Parameter("hidden2.bias", (256,), fan_in_uniform(512)),
        Parameter("hidden3.kernel", (256, 128), fan_in_uniform(256)),
        Parameter("hidden3.bias", (128,), fan_in_uniform(256)),
        Parameter("hidden4.kernel", (128, 64), fan_in_uniform(128)),
        Parameter("hidden4.bias", (64,), fan_in_uniform(128)),
        Parameter("head.kernel", (64, 10), fan_in_uniform(64)),
        Parameter("head.bias", (10,), fan_in_uniform(64)),
    ),
    loss=SoftmaxCrossEntropy(),
    optimizer=SGD(learning_rate=0.01, momentum=0.5),
    batch=64,
    profiles={
        "quick": Profile(epochs=10, target=0.891),
        "full": Profile(epochs=10, target=0.969),
    },
    metric="accuracy",
    flop_per_example=2 * (784 * 512 + 512 * 256 + 256 * 128 + 128 * 64 + 64 * 10),
)
