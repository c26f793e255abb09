"""A multilayer perceptron with one hidden layer of rectified units that reads handwritten digits."""

from impls.data import Images
from impls.spec import Axis, Constant, NetLesson, Parameter, Profile, RMSprop, SoftmaxCrossEntropy, glorot_uniform


def of_width(hidden: int) -> NetLesson:
    """The lesson with so many hidden units; its targets are those of 512."""
    return NetLesson(
        title="Multilayer perceptron with ReLU",
        data=Images("mnist", flat=True),
        input_shape=(784,),
        parameters=(
            Parameter("hidden.kernel", (784, hidden), glorot_uniform(784, hidden)),
            Parameter("hidden.bias", (hidden,), Constant(0.0)),
            Parameter("head.kernel", (hidden, 10), glorot_uniform(hidden, 10)),
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
        flop_per_example=2 * (784 * hidden + hidden * 10),
        net={"hidden": hidden},
        axes={"width": Axis(hidden, of_width)},
    )


LESSON = of_width(512)
