"""A perceptron of sigmoids without biases, as one first writes it in NumPy, reads handwritten digits."""

from dataclasses import replace

from impls.data import Images
from impls.spec import SGD, NetLesson, Normal, Parameter, Profile, SquaredError

LESSON = NetLesson(
    title="Multilayer perceptron with sigmoids",
    # x = 0.99·v/255 + 0.01, written as (v/255 - mean) / deviation: no input is 0, whose weights would not learn. A
    # sigmoid reaches neither 0 nor 1, so the targets are 0.01 and 0.99.
    data=Images("mnist", mean=-0.01 / 0.99, deviation=1 / 0.99, flat=True, targets=(0.01, 0.99)),
    input_shape=(784,),
    parameters=(
        Parameter("hidden.kernel", (784, 250), Normal(250**-0.5)),  # by the layer's outputs, not by its inputs
        Parameter("head.kernel", (250, 10), Normal(10**-0.5)),
    ),
    # The gradient of a batch is the sum over its examples, as if each was learnt alone: of 16 that still goes well;
    # of 32 the steps are so long that all outputs end at 0, where the sigmoid is flat, and nothing more is learnt.
    loss=SquaredError(0.5, reduction="sum"),
    optimizer=SGD(learning_rate=0.1),
    batch=16,
    # Its first steps saturate a batch of 16 too; from there it recovers in some 10,000 steps, sooner or later with the
    # seed. Hence 20 epochs of the sample, 12,500 steps.
    profiles={
        "quick": Profile(epochs=20, target=0.808),
        "full": Profile(epochs=5, target=0.97),
    },
    metric="accuracy",
    flop_per_example=2 * (784 * 250 + 250 * 10),
)

VARIANTS = {
    "single": replace(
        LESSON,
        title="Multilayer perceptron with sigmoids, one example at a time",
        batch=1,
        profiles={
            "quick": Profile(epochs=3, target=0.886),
            "full": Profile(epochs=5, target=0.968),
        },
    ),
}
