"""A residual network (He et al. 2015): each block adds what it computes to its input, which so passes it by unchanged.

The plain twin computes the same without that shortcut. Its gradients shrink with every block on their way back.
"""

from dataclasses import replace

from impls.data import Images
from impls.spec import SGD, NetLesson, Parameter, Profile, SoftmaxCrossEntropy, fan_in_uniform

LESSON = NetLesson(
    title="Residual network",
    data=Images("mnist", mean=0.1307, deviation=0.3081),
    input_shape=(28, 28, 1),
    parameters=(
        Parameter("conv1.kernel", (5, 5, 1, 16), fan_in_uniform(25)),
        Parameter("conv1.bias", (16,), fan_in_uniform(25)),
        Parameter("block1.conv1.kernel", (3, 3, 16, 16), fan_in_uniform(144)),
        Parameter("block1.conv1.bias", (16,), fan_in_uniform(144)),
        Parameter("block1.conv2.kernel", (3, 3, 16, 16), fan_in_uniform(144)),
        Parameter("block1.conv2.bias", (16,), fan_in_uniform(144)),
        Parameter("conv2.kernel", (5, 5, 16, 32), fan_in_uniform(400)),
        Parameter("conv2.bias", (32,), fan_in_uniform(400)),
        Parameter("block2.conv1.kernel", (3, 3, 32, 32), fan_in_uniform(288)),
        Parameter("block2.conv1.bias", (32,), fan_in_uniform(288)),
        Parameter("block2.conv2.kernel", (3, 3, 32, 32), fan_in_uniform(288)),
        Parameter("block2.conv2.bias", (32,), fan_in_uniform(288)),
        Parameter("head.kernel", (512, 10), fan_in_uniform(512)),
        Parameter("head.bias", (10,), fan_in_uniform(512)),
    ),
    loss=SoftmaxCrossEntropy(),
    optimizer=SGD(learning_rate=0.01, momentum=0.5),
    batch=64,
    profiles={
        "quick": Profile(epochs=3, target=0.93),
        "full": Profile(epochs=3, target=0.977),
    },
    metric="accuracy",
    flop_per_example=2
    * (24 * 24 * 25 * 16 + 12 * 12 * 2 * 144 * 16 + 8 * 8 * 400 * 32 + 4 * 4 * 2 * 288 * 32 + 512 * 10),
    net={"shortcut": True},
)

VARIANTS = {
    "plain": replace(
        LESSON,
        title="Residual network's plain twin",
        profiles={
            "quick": Profile(epochs=7, target=0.87),  # for hundreds of steps it learns nothing
            "full": Profile(epochs=3, target=0.967),
        },
        net={"shortcut": False},
    ),
}
