"""Softmax regression: one dense layer that names ten kinds of clothing (Dive into Deep Learning, chapter 4)."""

from dataclasses import replace

from impls.data import Images
from impls.spec import CONVEX, SGD, Constant, NetLesson, Normal, Parameter, Profile, SoftmaxCrossEntropy

LESSON = NetLesson(
    title="Softmax regression",
    data=Images("fashion-mnist", flat=True),
    input_shape=(784,),
    parameters=(
        Parameter("head.kernel", (784, 10), Normal(0.01)),
        Parameter("head.bias", (10,), Constant(0.0)),
    ),
    loss=SoftmaxCrossEntropy(),
    optimizer=SGD(learning_rate=0.1),
    batch=256,
    profiles={
        "quick": Profile(epochs=10, target=0.808),
        "full": Profile(epochs=10, target=0.822),
    },
    metric="accuracy",
    flop_per_example=2 * 784 * 10,
    metric_on_training=True,
    tolerances=CONVEX,
)

VARIANTS = {
    # The right class shall get 0.9 and each of the nine others a ninth of 0.1. With a share s spread over all ten
    # classes the right one has 1 - s + s/10 = 1 - 0.9·s, which is 0.9 for s = 1/9; each other has s/10 = 1/90.
    "smoothed": replace(
        LESSON,
        title="Softmax regression on smoothed labels",
        loss=SoftmaxCrossEntropy(smoothing=1 / 9),
        profiles={
            "quick": Profile(epochs=10, target=0.809),
            "full": Profile(epochs=10, target=0.821),
        },
    ),
}
