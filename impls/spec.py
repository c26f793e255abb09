"""What a lesson is, and what a learner must do: the contract between lessons, frameworks and harness.

A lesson is data: every number that decides what is learnt (parameters and their initial distributions, loss,
optimiser with every constant, batch size, epochs, seed) stands in the lesson's ``lesson.py`` as one frozen
dataclass of this module, so that no framework's default can slip in. Everything random is drawn here, once, in
NumPy with PCG64, and handed to each framework as arrays.

Canonical layout, everywhere outside a framework: images are (batch, height, width, channels), dense kernels
(in, out), convolution kernels (height, width, in, out), floating arrays float32 unless float64 is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from impls.operations import Operation

Array = NDArray[Any]
Weights = dict[str, Array]
Dtype = Literal["float32", "float64", "bfloat16"]
"""What a net computes in. With ``bfloat16`` it is the net alone: its parameters, the loss and the optimiser stay in
float32, and so do the arrays that go in and come out (mixed precision; Micikevicius et al. 2018, section 3.1)."""
Device = Literal["cpu", "gpu"]
Way = Literal["eager", "compiled"]
"""How a function is called: as it stands, call by call, or as one compiled program."""


def array_dtype(dtype: Dtype) -> Dtype:
    """The dtype of examples, parameters, losses and outputs."""
    return "float32" if dtype == "bfloat16" else dtype


# --- initial weights -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Normal:
    """Normal distribution of mean 0."""

    deviation: float


@dataclass(frozen=True)
class Uniform:
    """Uniform distribution over [-bound, bound)."""

    bound: float


@dataclass(frozen=True)
class Constant:
    """The same value everywhere."""

    value: float


Initial = Normal | Uniform | Constant


def glorot_uniform(fan_in: int, fan_out: int) -> Uniform:
    """Uniform with bound √(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, equation 16)."""
    return Uniform((6 / (fan_in + fan_out)) ** 0.5)


def fan_in_uniform(fan_in: int) -> Uniform:
    """Uniform with bound fan_in^-½ (LeCun et al. 1998, Efficient BackProp; PyTorch's default for its layers)."""
    return Uniform(fan_in**-0.5)


@dataclass(frozen=True)
class Parameter:
    """One trained array of a net: ``name`` is its path in the net (``hidden.kernel``), ``shape`` is canonical."""

    name: str
    shape: tuple[int, ...]
    initial: Initial


# --- losses ----------------------------------------------------------------------------------------------------

Reduction = Literal["mean", "sum"]
"""What becomes of a loss's values, one for each output or each label of a batch."""


@dataclass(frozen=True)
class SquaredError:
    """factor·(output - target)² of each output. A factor of ½ makes its derivative the error itself."""

    factor: float = 1.0
    reduction: Reduction = "mean"


@dataclass(frozen=True)
class SigmoidCrossEntropy:
    """-target·log p - (1 - target)·log(1 - p) with p = sigmoid(output), for each output; targets 0 or 1 as floats.

    The net ends with the logit, and the sigmoid is the loss's: computed together they neither overflow nor lose
    the digits of a p near 1.
    """

    reduction: Reduction = "mean"


@dataclass(frozen=True)
class SoftmaxCrossEntropy:
    """-Σ q·log softmax(logits) for each label: logits (…, classes), labels (…,) integers.

    q is 1 for the label and 0 for the other classes; with smoothing (Szegedy et al. 2016, section 7) that share of
    it is spread evenly over all classes, the label's own among them.
    """

    smoothing: float = 0.0
    reduction: Reduction = "mean"


Loss = SquaredError | SigmoidCrossEntropy | SoftmaxCrossEntropy

# --- optimisers ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent with heavy-ball momentum (Polyak 1964): v ← momentum·v + g; w ← w - rate·v."""

    learning_rate: float
    momentum: float = 0.0


@dataclass(frozen=True)
class RMSprop:
    """RMSprop (Tieleman and Hinton 2012): v ← decay·v + (1 - decay)·g²; w ← w - rate·g / (√v + epsilon), v₀ = 0.

    Epsilon stands outside the root.
    """

    learning_rate: float
    decay: float
    epsilon: float


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1): m ← beta1·m + (1 - beta1)·g; v ← beta2·v + (1 - beta2)·g²;
    w ← w - rate·m̂ / (√v̂ + epsilon) with m̂ = m / (1 - beta1ᵗ), v̂ = v / (1 - beta2ᵗ) in step t = 1, 2, …

    Epsilon is added after the correction of v, outside the root.
    """

    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float


Optimizer = SGD | RMSprop | Adam


def slot_names(optimizer: Optimizer) -> tuple[str, ...]:
    """What an optimiser remembers of each parameter: the moment of first order, that of second order, or both."""
    match optimizer:
        case SGD(_, momentum):
            return ("first",) if momentum else ()
        case RMSprop():
            return ("second",)
        case Adam():
            return ("first", "second")


def update(optimizer: Optimizer, step: int, slots: Array, weight: Array, gradient: Array) -> tuple[Array, Array]:
    """One update of one parameter, as the optimiser's definition has it.

    This is the yardstick that each framework's optimiser is held against, not an implementation to train with.

    Args:
        optimizer: the optimiser and its constants.
        step: which update of this parameter it is, from 1.
        slots: the optimiser's memory of this parameter, the moments of first and second order, (2, *shape of the
            weight); zeros before the first update. An optimiser uses the ones that it has.
        weight: the parameter, any shape.
        gradient: of the weight's shape.

    Returns:
        The new slots and the new weight.
    """
    first, second = slots
    match optimizer:
        case SGD(learning_rate, momentum):
            first = change = momentum * first + gradient
        case RMSprop(learning_rate, decay, epsilon):
            second = decay * second + (1 - decay) * gradient**2
            change = gradient / (np.sqrt(second) + epsilon)
        case Adam(learning_rate, beta1, beta2, epsilon):
            first = beta1 * first + (1 - beta1) * gradient
            second = beta2 * second + (1 - beta2) * gradient**2
            root = np.sqrt(second / (1 - beta2**step))
            change = first / (1 - beta1**step) / (root + epsilon)
    return np.stack([first, second]), weight - learning_rate * change


# --- data ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dataset:
    """Inputs and targets, the first axis counting examples.

    Targets are int32 labels, (n,) or (n, time), or floats (n, outputs).
    """

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array


class Data(Protocol):
    """Where a lesson's examples come from."""

    @property
    def source(self) -> str | None:
        """The name of the file data set (see ``impls.data.SOURCES``), or None where the examples are made."""

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:
        """The examples: read from ``folder``, which holds the files of ``source``, or drawn from ``seed``."""


# --- lessons ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Profile:
    """How long a lesson trains on one size of data, and the metric's value that it must reach.

    A target for an accuracy is not chosen: it is the mean of the reference runs in ``results/targets/`` less three
    deviations, and a test holds the two together. A target for an error is the course's own.
    """

    epochs: int
    target: float


STEPS = 200  # of the trajectory that implementations are compared by


@dataclass(frozen=True)
class Tolerances:
    """How far an implementation may stand from the reference. Known deviations stand in ``impls.deviations``.

    A pair of arrays a, b is compared element by element: |a - b| ≤ absolute + relative·|b|.
    """

    step_relative: float = 1e-10  # G1, float64: outputs, loss, gradients, new parameters
    step_absolute: float = 1e-12
    step_loss_float32: float = 1e-6  # G1, float32: the loss alone, relative
    trajectory_loss: float = 1e-10  # G2, float64: the loss of every step, relative
    trajectory_parameter: float = 1e-8  # G2, float64: largest difference over largest weight
    trajectory_loss_float32: float = 1e-3  # G3, float32, relative
    trajectory_steps_float32: int = 10  # G3: how many steps that holds for; later ones are reported
    step_loss_bfloat16: float = 2e-2  # G1, bfloat16 against float32, relative: its numbers have 8 bits
    trajectory_loss_bfloat16: float = 2e-1  # G3, relative
    trajectory_steps_bfloat16: int = 10
    onnx: float = 1e-5  # exported model against its framework: largest difference over largest output

    @property
    def whole_float32(self) -> bool:
        """Whether float32 must stay together to the end of the trajectory, its predictions included."""
        return self.trajectory_steps_float32 >= STEPS


CONVEX = Tolerances(trajectory_loss_float32=1e-5, trajectory_steps_float32=STEPS)
"""Rounding errors do not grow where the loss is convex: float32 must stay together for the whole trajectory."""

Metric = Literal["accuracy", "binary_accuracy", "mean_squared_error", "parameter_error", "largest_error"]
"""``accuracy``: share of labels of the test set that the largest output names (targets of as many values as there are
classes: the largest target is the label). ``binary_accuracy``: share of outputs on the side of 0 where the target is
of ½. The others are better when smaller: ``mean_squared_error`` on the test set; ``parameter_error``, the largest
distance of a trained parameter from the one that made the data; ``largest_error``, of a lesson of functions, the
largest distance of a result from the answer that is known."""


@dataclass(frozen=True)
class Axis:
    """What a net may have more or less of, and what it costs then.

    Args:
        size: how much of it the lesson has.
        at: the lesson at another size, the same in all else.
    """

    size: int
    at: Callable[[int], NetLesson]


@dataclass(frozen=True)
class NetLesson:
    """A net and how it is trained.

    Args:
        title: what it is called in a course.
        data: where the examples come from.
        input_shape: of one example, canonical.
        parameters: the trained arrays in the order of the net's layers.
        loss: what is minimised.
        optimizer: with every constant.
        batch: examples in a batch. What is left of an epoch after the last full batch is not used; the examples
            left over differ from epoch to epoch, since each is shuffled anew.
        profiles: by name, ``quick`` and ``full``.
        metric: what is measured after training.
        flop_per_example: floating-point operations of the products in one forward pass of one example, a
            multiplication and an addition counting two.
        net: what the class Net is called with by name, for a net of several sizes or forms.
        truth: the parameters that made the data, for ``parameter_error``.
        metric_on_training: whether the metric is followed on the training examples too.
        tolerances: how far implementations may stand apart.
        seed: of weights, order and (where it is made) data, unless the run names another.
        axes: along which ``lessonbench throughput`` follows the cost: ``width``, the units of a hidden layer, or
            ``length``, the steps of a sequence.
    """

    title: str
    data: Data
    input_shape: tuple[int, ...]
    parameters: tuple[Parameter, ...]
    loss: Loss
    optimizer: Optimizer
    batch: int
    profiles: Mapping[str, Profile]
    metric: Metric
    flop_per_example: int
    net: Mapping[str, Any] = field(default_factory=dict)
    truth: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    metric_on_training: bool = False
    tolerances: Tolerances = Tolerances()
    seed: int = 0
    axes: Mapping[str, Axis] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse numbers that no training can have.

        Raises:
            ValueError: the batch or the epochs are less than 1, a profile is not there, or a parameter is there twice.
        """
        names = [parameter.name for parameter in self.parameters]
        if self.batch < 1 or any(profile.epochs < 1 for profile in self.profiles.values()):
            raise ValueError("batch and epochs are whole numbers from 1 up")
        if missing := {"quick", "full"} - set(self.profiles):
            raise ValueError(f"profiles lacks {' and '.join(sorted(missing))}")
        if len(set(names)) < len(names):
            raise ValueError("a parameter's name stands there twice")

    @property
    def shapes(self) -> dict[str, list[int]]:
        """Of the parameters by name, as a child's record has those of a net."""
        return {parameter.name: list(parameter.shape) for parameter in self.parameters}

    @property
    def kind(self) -> str:
        """The word for this kind of lesson in tables."""
        return "net"


@dataclass(frozen=True)
class Line:
    """A line of a picture: a function's result against an input (or its own index, from 0), both (n,).

    A result of several columns (n, k) gives k lines, named by ``labels``.
    """

    function: str
    labels: tuple[str, ...]
    against: str = ""
    points: bool = False  # marks for the single values, instead of a line


@dataclass(frozen=True)
class Surface:
    """A surface and its contours: a function's result (rows, columns) over two inputs, and paths drawn on it.

    Each of ``paths`` is a function whose result (n, 2) has one point of the horizontal and the vertical axis a row.
    """

    function: str
    horizontal: str
    vertical: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Points:
    """Points of a plane in the colours of their classes.

    Args:
        function: or an input: its first two columns are the points, (n, …).
        classes: an input, the class of each point as a whole number from 0, (n,).
        labels: of the classes.
    """

    function: str
    classes: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Pictures:
    """Rows of grey pictures, all on the scale of the first row, whose smallest number is white.

    Args:
        rows: for each function or input of pictures (n, height, width) the label of its row; of (rows, n, height,
            width) one label for each row.
        across: how many pictures stand beside each other; the others of a row go on below. 0 for all.
    """

    rows: Mapping[str, tuple[str, ...]]
    across: int = 0


@dataclass(frozen=True)
class Panel:
    """One drawing of a lesson's picture, with the axes' labels (and units, where there are any); pictures have none."""

    title: str
    x_label: str
    y_label: str
    content: tuple[Line, ...] | Surface | Points | Pictures
    logarithmic: bool = False  # the vertical axis


@dataclass(frozen=True)
class FunctionLesson:
    """Functions of the same names in each framework, called on the same arrays, native arrays in and out.

    Args:
        title: what it is called in a course.
        inputs: draws the named input arrays from a seed, in float64.
        functions: for each function's name, in the order of the implementation files, the names of its inputs.
        examples: how many training examples all functions together visit when each is called once; rates are
            stated in these.
        answers: for some functions' names, the result that is known another way (a closed form, the course's figures),
            computed from the same inputs.
        target: the largest distance from an answer that is right.
        picture: what is drawn of the results, and written to the curves.
        tolerances: ``step_relative`` and ``step_absolute`` bound the results in float64 against the reference's,
            ``trajectory_loss_float32`` those in float32, relative to the largest value.
        seed: of the inputs, unless the run names another.
        operations: of a lesson of operations (see ``impls.operations``), by the function's name.
        larger: draws inputs of a larger size, at which operations are timed too.
    """

    title: str
    inputs: Callable[[int], Weights]
    functions: Mapping[str, tuple[str, ...]]
    examples: int
    answers: Mapping[str, Callable[[Weights], Array]] = field(default_factory=dict)
    target: float = 0.0
    picture: tuple[Panel, ...] = ()
    tolerances: Tolerances = Tolerances()
    seed: int = 0
    operations: Mapping[str, Operation] = field(default_factory=dict)
    larger: Callable[[int], Weights] | None = None

    @property
    def kind(self) -> str:
        """The word for this kind of lesson in tables."""
        return "operations" if self.operations else "functions"


Lesson = NetLesson | FunctionLesson

# --- what is random, drawn once --------------------------------------------------------------------------------

_DATA, _WEIGHTS, _ORDER = range(3)


def data_rng(seed: int) -> np.random.Generator:
    """The stream that a lesson's made data are drawn from; independent of weights and order."""
    return np.random.Generator(np.random.PCG64([seed, _DATA]))


def initial_weights(lesson: NetLesson, seed: int, dtype: Dtype) -> Weights:
    """The weights that training starts from, by parameter name, in the lesson's order and canonical layout.

    They are drawn in float64 and then rounded, so that float32 and float64 runs start from the same point.
    """
    rng = np.random.Generator(np.random.PCG64([seed, _WEIGHTS]))
    return {p.name: _draw(rng, p).astype(dtype) for p in lesson.parameters}


def _draw(rng: np.random.Generator, parameter: Parameter) -> Array:
    match parameter.initial:
        case Normal(deviation):
            return rng.normal(0.0, deviation, parameter.shape)
        case Uniform(bound):
            return rng.uniform(-bound, bound, parameter.shape)
        case Constant(value):
            return np.full(parameter.shape, value)


def shuffled(examples: int, epochs: int, seed: int) -> Array:
    """The examples' indices (epochs, examples), in a new order for each epoch."""
    rng = np.random.Generator(np.random.PCG64([seed, _ORDER]))
    return np.array([rng.permutation(examples) for _ in range(epochs)], dtype=np.int32).reshape(epochs, examples)


def batch_order(examples: int, batch: int, epochs: int, seed: int) -> Array:
    """Which examples make up each batch: indices (epochs, examples // batch, batch), each epoch shuffled anew."""
    return in_batches(shuffled(examples, epochs, seed), batch)


def in_batches(order: Array, batch: int) -> Array:
    """Indices (epochs, examples) as batches (epochs, examples // batch, batch); what is left over is not used."""
    epochs, examples = order.shape
    steps = examples // batch
    return order[:, : steps * batch].reshape(epochs, steps, batch)


# --- learners --------------------------------------------------------------------------------------------------

NATIVE = "native"
"""The mode in which a framework's own defaults stand where the lesson has numbers: initial weights, shuffling, and the
optimiser's constants beside learning rate and momentum. It executes as the framework's first mode does."""


@dataclass(frozen=True)
class Framework:
    """What the harness must know of a framework before its process starts.

    Each ``FRAMEWORK_learner.py`` states it as a module-level call ``FRAMEWORK = Framework(...)`` of literals,
    which the harness reads from the source: nothing is imported to find out what could be.

    Args:
        packages: the modules that must be importable.
        modes: ways to execute, each with the environment variables it needs; the first is the default.
        environment: further variables of the process. ``{threads}`` stands for the number of threads, and
            ``{openblas_kernels}`` for those that OpenBLAS does not find by itself; what is then empty is not set.
        cold: variables that keep a process from finding what others have compiled, for one that is timed from its first
            call on. ``{empty}`` stands for an empty folder.
        mode_packages: the modules that a mode needs besides.
        net_modes: the modes that lessons of functions do not have.
        dtypes: what it computes in; lessons of functions, and the mode ``native``, are left out of bfloat16.
    """

    packages: tuple[str, ...]
    modes: Mapping[str, Mapping[str, str]]
    environment: Mapping[str, str] = field(default_factory=dict)
    cold: Mapping[str, str] = field(default_factory=dict)
    mode_packages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    net_modes: tuple[str, ...] = ()
    dtypes: tuple[Dtype, ...] = ("float32", "float64")


class DeviceMissingError(RuntimeError):
    """The device that was asked for is not there, or the framework cannot use it."""


def check_fit(weights: Mapping[str, Array], net: Mapping[str, Array], untrained: Collection[str] = ()) -> None:
    """Refuse weights that are not exactly the net's own parameters, of which the untrained are none.

    Raises:
        ValueError: a name is missing in the net, or surplus, or has another shape; the sentence says which.
    """
    faults = [f"{name} is {'not trained' if name in untrained else 'missing'}" for name in weights if name not in net]
    faults += [f"{name} is in the net alone" for name in net if name not in weights]
    faults += [
        f"{name} has shape {net[name].shape} where the lesson has {weights[name].shape}"
        for name in weights
        if name in net and net[name].shape != weights[name].shape
    ]
    if faults:
        raise ValueError(f"the net's parameters are not the lesson's: {'; '.join(faults)}")


class Arrays(Protocol):
    """A framework's arrays on one device. Every ``FRAMEWORK_learner.py`` has a class ``Arrays`` of this form.

    "Native" is the framework's own array type, which may still be under computation.
    """

    def __init__(self, *, mode: str, device: Device, dtype: Dtype) -> None:
        """Set the framework up; raises DeviceMissingError if it cannot use the device."""

    def put(self, array: Array) -> Any:
        """Copy an array to the device; integers and bools keep their meaning, floats take the dtype."""

    def get(self, native: Any) -> Array:
        """Copy a native array back; waits for it."""

    def ways(self) -> tuple[Way, ...]:
        """In which ways functions can be called in this mode."""

    def prepared(self, function: Callable[..., Any], way: Way | None = None) -> Callable[..., Any]:
        """A function of native arrays as the mode executes it, or in one of its ways."""

    def wait(self) -> None:
        """Return when the device has finished all that was asked of it."""

    def versions(self) -> dict[str, str]:
        """The packages that take part, with their versions."""


class Learner(Arrays, Protocol):
    """Trains one net of one framework. Every ``FRAMEWORK_learner.py`` has a class ``Learner`` of this form.

    ``x`` and ``y`` are batches on the device, made by ``put``; weights and gradients pass as canonical arrays by
    parameter name.
    """

    def __init__(self, lesson: NetLesson, net_class: Any, *, mode: str, device: Device, dtype: Dtype) -> None:
        """Build the net and its optimiser; raises DeviceMissingError if the framework cannot use the device."""

    def load(self, weights: Mapping[str, Array], slots: Mapping[str, Array] | None = None) -> None:
        """Take these weights, and this memory of the optimiser (see ``slots``); without it, forget the old one."""

    def weights(self) -> Weights:
        """A copy of the trained parameters that the net really has, by name."""

    def untrained(self) -> list[str]:
        """The names of what the net has but does not train: frozen parameters, and whatever else it keeps."""

    def slots(self) -> Weights:
        """A copy of what the optimiser remembers, as ``spec.update`` has it: ``first/NAME`` and ``second/NAME``.

        Those that ``slot_names`` says, for each parameter, in its canonical layout. Adam counts its updates too:
        ``step``, a number.
        """

    def own_weights(self, seed: int) -> Weights:
        """Initial weights from the lesson's distributions by the framework's own generator; they are not loaded.

        In the mode ``native`` they are what the layers draw for themselves.
        """

    def own_order(self, examples: int, epochs: int, seed: int) -> Array:
        """The examples' indices (epochs, examples), shuffled for each epoch by the framework's own generator."""

    def loss_and_gradients(self, x: Any, y: Any) -> tuple[float, Weights]:
        """The loss of a batch and the gradient of every parameter, zero where it is not used; changes nothing."""

    def step(self, x: Any, y: Any) -> Any:
        """Train on one batch; returns the native loss before the update."""

    def train_epoch(self, x: Any, y: Any, order: Any) -> Any:
        """Train on the batches ``x[row], y[row]`` for each row of ``order``, native indices (steps, batch).

        Returns the native losses (steps,), each before its update.
        """

    def predict(self, x: Any) -> Any:
        """The net's native outputs for a batch of any size."""

    def inner(self, x: Any) -> Weights:
        """What goes into and comes out of each sub-module in an uncompiled forward pass, canonical.

        By ``impls.inner``'s names; what comes out of the net itself is `` output``, under the empty name.
        """

    def export_onnx(self, path: Path) -> None:
        """Write the net as ONNX: input ``x``, output ``y``, a free first dimension."""
