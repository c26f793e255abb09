"""A dense unit with weight and bias learns to double three numbers, and is asked for the double of a fourth."""

from dataclasses import replace

from impls.made import Points
from impls.spec import CONVEX, SGD, NetLesson, Parameter, Profile, SquaredError, fan_in_uniform

# A step multiplies the distance (w - 2, b) by I - 2·0.01·[[14, 6], [6, 3]], whose eigenvalues are 0.667 and 0.9928.
# The second decides: w = 2 and b = 0 are still far away after 100 epochs and reached after 1000. The targets are the
# largest squared error for x = 4 that this gives in exact arithmetic for any initial weights in [-1, 1], rounded up:
# 0.51252 and 1.1262e-6, both from w = -1 and b = 1.
TARGET, LONG_TARGET = 0.513, 1.13e-6

LESSON = NetLesson(
    title="Linear unit",
    data=Points(x=(1.0, 2.0, 3.0), y=(2.0, 4.0, 6.0), x_test=(4.0,), y_test=(8.0,)),
    input_shape=(1,),
    parameters=(
        Parameter("head.kernel", (1, 1), fan_in_uniform(1)),
        Parameter("head.bias", (1,), fan_in_uniform(1)),
    ),
    loss=SquaredError(1.0, reduction="sum"),
    optimizer=SGD(learning_rate=0.01),
    batch=3,
    profiles={
        "quick": Profile(epochs=100, target=TARGET),
        "full": Profile(epochs=100, target=TARGET),
    },
    metric="mean_squared_error",
    flop_per_example=2,
    tolerances=CONVEX,
)

VARIANTS = {
    "long": replace(
        LESSON,
        title="Linear unit, ten times as long",
        profiles={
            "quick": Profile(epochs=1000, target=LONG_TARGET),
            "full": Profile(epochs=1000, target=LONG_TARGET),
        },
    ),
}
