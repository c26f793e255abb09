"""Logistic regression: which of 768 women have diabetes, from eight measurements, by three sigmoids in a row or one."""

from dataclasses import replace

from impls.data import Table
from impls.spec import CONVEX, SGD, NetLesson, Parameter, Profile, SigmoidCrossEntropy, fan_in_uniform

LESSON = NetLesson(
    title="Logistic regression with hidden sigmoids",
    # Zeros of glucose, pressure, triceps, insulin and mass mean "not measured" and are learnt from as they are.
    data=Table(
        "pima-diabetes/pima_diabetes.csv",
        sha256="b0502e39e0eaf5698708ad3f09474ccdb45a75eb0a85caa0eeb7ac3e923445a6",
        test_examples=154,  # a fifth
    ),
    input_shape=(8,),
    parameters=(
        Parameter("hidden1.kernel", (8, 6), fan_in_uniform(8)),
        Parameter("hidden1.bias", (6,), fan_in_uniform(8)),
        Parameter("hidden2.kernel", (6, 4), fan_in_uniform(6)),
        Parameter("hidden2.bias", (4,), fan_in_uniform(6)),
        Parameter("head.kernel", (4, 1), fan_in_uniform(4)),
        Parameter("head.bias", (1,), fan_in_uniform(4)),
    ),
    loss=SigmoidCrossEntropy(),  # the last sigmoid is part of it: the net ends with the logit
    optimizer=SGD(learning_rate=0.1),
    batch=32,  # usual for tables of this size: 19 steps an epoch
    # After 100 epochs at this rate the deep net still answers "no" to everyone, which is right for 99 of the 154: two
    # sigmoids, each with a derivative of a quarter at most, leave the first layer little gradient. From about 250
    # epochs on, or at the rate 0.3, it does about as well as the plain one.
    profiles={
        "quick": Profile(epochs=100, target=0.642),
        "full": Profile(epochs=100, target=0.642),
    },
    metric="binary_accuracy",
    flop_per_example=2 * (8 * 6 + 6 * 4 + 4 * 1),
    net={"deep": True},
)

VARIANTS = {
    "plain": replace(
        LESSON,
        title="Logistic regression",
        parameters=(
            Parameter("head.kernel", (8, 1), fan_in_uniform(8)),
            Parameter("head.bias", (1,), fan_in_uniform(8)),
        ),
        profiles={
            "quick": Profile(epochs=100, target=0.779),
            "full": Profile(epochs=100, target=0.779),
        },
        flop_per_example=2 * 8 * 1,
        net={"deep": False},
        tolerances=CONVEX,
    ),
}
