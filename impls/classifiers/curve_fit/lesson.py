"""Ten hyperbolic tangents bend into a parabola through noisy points."""

from impls.made import NoisyParabola
from impls.spec import SGD, Constant, NetLesson, Normal, Parameter, Profile, SquaredError

LESSON = NetLesson(
    title="Curve fitting",
    data=NoisyParabola(start=-0.5, stop=0.5, examples=200, noise=0.02),
    input_shape=(1,),
    parameters=(
        Parameter("hidden.kernel", (1, 10), Normal(1.0)),
        Parameter("hidden.bias", (10,), Constant(0.0)),
        Parameter("head.kernel", (10, 1), Normal(1.0)),
        Parameter("head.bias", (1,), Constant(0.0)),
    ),
    loss=SquaredError(),
    optimizer=SGD(learning_rate=0.1),
    batch=200,  # all points: an epoch is one step
    # Seeds 0 to 9 end at 1.1e-4 in the mean and 1.9e-4 at most; the target is their mean plus three deviations.
    profiles={
        "quick": Profile(epochs=2000, target=2.5e-4),
        "full": Profile(epochs=2000, target=2.5e-4),
    },
    metric="mean_squared_error",
    flop_per_example=2 * (10 + 10),
)
