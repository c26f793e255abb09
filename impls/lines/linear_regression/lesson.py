"""Linear regression: recover a plane from noisy points (Zhang et al., Dive into Deep Learning, chapter 3)."""

from impls.made import LinearPoints
from impls.spec import CONVEX, SGD, Constant, NetLesson, Normal, Parameter, Profile, SquaredError

WEIGHT, BIAS = (2.0, -3.4), 4.2

LESSON = NetLesson(
    title="Linear regression",
    data=LinearPoints(WEIGHT, BIAS, noise=0.01, train_examples=1000, test_examples=1000),
    input_shape=(2,),
    parameters=(
        Parameter("head.kernel", (2, 1), Normal(0.01)),
        Parameter("head.bias", (1,), Constant(0.0)),
    ),
    loss=SquaredError(0.5),
    optimizer=SGD(learning_rate=0.03),
    batch=10,
    profiles={
        "quick": Profile(epochs=3, target=0.001),
        "full": Profile(epochs=3, target=0.001),
    },
    metric="parameter_error",
    truth={"head.kernel": WEIGHT, "head.bias": (BIAS,)},
    flop_per_example=2 * 2,
    tolerances=CONVEX,
)
