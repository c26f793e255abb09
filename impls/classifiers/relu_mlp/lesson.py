"""A multilayer perceptron with one hidden layer of rectified units that reads handwritten digits."""

from impls.data import Images
from impls.spec import Constant, NetLesson, Parameter, Profile, RMSprop, SoftmaxCrossEntropy, glorot_uniform

LESSON = NetLesson(
    title="Multilayer perceptron with ReLU",
    data=Images("mnist", flat=True),
    input_shape=(784,),
    parameters=(
        Parameter("hidden.kernel", (784, 512), glorot_uniform(784, 512)),
        Parameter("hidden.bias", (512,), Constant(0.0)),
        Parameter("head.kernel", (512, 10), glorot_uniform(512, 10)),
        Parameter("head.bias", (10,), Constant(0.0)),
    ),
    loss=SoftmaxCrossEntropy(),
    optimizer=RMSprop(learning_rate=0.001, decay=0.9, epsilon=1e-7),
    batch=128,
    profiles={
        "quick": Profile(epochs=5, target=0.925),
        "full": Profile(epochs=5, target=0.975),
    },
    metric="accuracy",
    flop_per_example=2 * (784 * 512 + 512 * 10),
)
