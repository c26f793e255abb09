"""The contract that every learner keeps in every mode, with every lesson in its first mode.

Each framework runs in this process: for equality that is safe, and four times faster than a process for each. For modes
that need another environment, as Keras' backends do, this file is run again in one.
"""

from __future__ import annotations

import importlib
import inspect
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from workbench import TESTS, make, modes_here, small

from harness.catalogue import frameworks, lessons, load_lesson, missing_packages
from harness.children.structure import flop_per_example
from harness.children.trace import FORM_STEPS, _finite_difference_gap, trace
from harness.gates.verify import DIFFERENCE_BOUND
from harness.parity import scaled_gap
from impls.spec import (
    NATIVE,
    SGD,
    Adam,
    Arrays,
    Dataset,
    DeviceMissingError,
    Learner,
    NetLesson,
    Normal,
    Parameter,
    RMSprop,
    batch_order,
    check_fit,
    in_batches,
    initial_weights,
    slot_names,
    update,
)

# Variants have the nets of their lessons; those of a useful size take minutes to compile.
NETS = [name for name, found in lessons().items() if not found.variant and isinstance(load_lesson(name), NetLesson)]
EVERY = [(name, mode) for name in frameworks() for mode in modes_here(name)]
MODES = [(name, mode) for name, mode in EVERY if mode != NATIVE]  # whose optimisers are not the lesson's
FIRST_MODES = [(name, modes_here(name)[0]) for name in frameworks()]
# Every learner's modes with one lesson of each optimiser; compiling others takes up to half a minute each, and the
# gates of a whole run look at those.
EVERY_MODE = ("linear_regression", "relu_mlp", "rnn")
ELSEWHERE = [(name, mode) for name, its in frameworks().items() for mode in its.modes if mode not in modes_here(name)]
LESSONS_AND_MODES = [(name, *way) for name in NETS for way in (MODES if name in EVERY_MODE else FIRST_MODES)]


@pytest.fixture(params=MODES, ids="-".join)
def way(request):
    return request.param


def first_batches(lesson: NetLesson, data: Dataset, steps: int) -> np.ndarray:
    return batch_order(len(data.x_train), lesson.batch, steps, seed=1).reshape(-1, lesson.batch)[:steps]


@pytest.mark.parametrize("framework", frameworks())
def test_members_are_the_contracts_in_its_order(framework):
    if missing := missing_packages(framework):
        pytest.skip(f"not installed: {missing}")
    module = importlib.import_module(f"impls.learners.{framework}_learner")
    assert issubclass(module.Learner, module.Arrays)
    for found, contract in ((module.Arrays, Arrays), (module.Learner, Learner)):
        public = [name for name in vars(found) if not name.startswith("_")]
        assert public == [name for name in vars(contract) if not name.startswith("_")]
        assert list(inspect.signature(found.__init__).parameters) == list(
            inspect.signature(contract.__init__).parameters
        )


@pytest.mark.parametrize(("name", "framework", "mode"), LESSONS_AND_MODES)
def test_a_learner_does_all_that_the_contract_says(name, framework, mode):
    """One learner through everything: weights in and out, gradients, steps, an epoch, predictions, forgetting."""
    lesson, learner = load_lesson(name), make(name, framework, mode)
    data, weights = small(lesson, "float64"), initial_weights(lesson, 1, "float64")
    rows = first_batches(lesson, data, 4)
    x, y = learner.put(data.x_train), learner.put(data.y_train)

    learner.load(weights)
    for parameter, array in learner.weights().items():
        np.testing.assert_array_equal(array, weights[parameter])
    assert list(learner.weights()) == [parameter.name for parameter in lesson.parameters]

    batches = [(learner.put(data.x_train[r]), learner.put(data.y_train[r])) for r in rows]
    before, gradients = learner.loss_and_gradients(*batches[0])
    again, _ = learner.loss_and_gradients(*batches[0])
    assert before == again, "loss_and_gradients changes something"
    assert {n: g.shape for n, g in gradients.items()} == {n: w.shape for n, w in weights.items()}

    stepped = [float(learner.get(learner.step(*batch))) for batch in batches]
    assert stepped[0] == pytest.approx(before, rel=1e-12), "a step's loss is the one before its update"
    after = learner.weights()
    assert all(not np.array_equal(after[n], weights[n]) for n in weights), "a parameter did not learn"

    learner.load(weights)  # and with the weights the optimiser's memory goes
    losses = learner.get(learner.train_epoch(x, y, learner.put(rows)))
    learner.wait()
    np.testing.assert_allclose(losses, stepped, rtol=1e-12)
    for parameter, array in learner.weights().items():
        np.testing.assert_allclose(array, after[parameter], rtol=1e-10, atol=1e-12)

    learner.load(weights)
    for batch in batches[:2]:
        learner.step(*batch)
    half, memory = learner.weights(), learner.slots()
    expected = {f"{slot}/{n}": w.shape for slot in slot_names(lesson.optimizer) for n, w in weights.items()}
    expected |= {"step": ()} if isinstance(lesson.optimizer, Adam) else {}
    assert {n: array.shape for n, array in memory.items()} == expected
    reference = make(name, "numpy", "eager")
    for other in (learner, reference):  # taken up by itself and by NumPy, training goes on as if nothing had been
        other.load(weights)
        other.load(half, memory)
        for r in rows[2:]:
            other.step(other.put(data.x_train[r]), other.put(data.y_train[r]))
        for parameter, array in other.weights().items():
            np.testing.assert_allclose(array, after[parameter], rtol=1e-9, atol=1e-11)

    found = learner.inner(learner.put(data.x_test))
    assert flop_per_example(lesson, found, len(data.x_test)) == lesson.flop_per_example
    noted = reference.inner(data.x_test)
    for note in found.keys() & noted.keys():
        np.testing.assert_allclose(found[note], noted[note], rtol=1e-9, atol=1e-11)
    for parameter in weights:
        owner = parameter.rpartition(".")[0]
        owners = [owner[:end] for end, letter in enumerate(f"{owner}.") if letter == "."]
        assert any(f"{owner} output" in found.keys() & noted.keys() for owner in owners), parameter

    outputs = learner.get(learner.predict(learner.put(data.x_test)))
    assert outputs.shape[0] == TESTS
    one = learner.get(learner.predict(learner.put(data.x_test[:1])))
    np.testing.assert_allclose(one, outputs[:1], rtol=1e-10)
    assert learner.versions()


@pytest.mark.parametrize(("framework", "mode"), ELSEWHERE)
def test_modes_of_another_environment_keep_the_contract(framework, mode):
    """By the tests of this file, with a net of each kind of layer; a run's gates look at the others."""
    if missing := missing_packages(framework, mode):
        pytest.skip(f"not installed: {missing}")
    other_nets = set(NETS) - {"linear_regression", "relu_mlp", "cnn", "rnn"}
    left_out = " or ".join(["gradients_are", *(f"{name}-" for name in other_nets)])
    chosen = f"{framework}-{mode} and not ({left_out})"
    child = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, "-k", chosen],
        env={**os.environ, **frameworks()[framework].modes[mode]},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stdout


def spare_layer(framework: str):
    """A layer whose one parameter is a kernel (2, 3)."""
    match framework:
        case "numpy":
            from impls.learners.numpy_layers import Dense

            return Dense(2, 3, bias=False)
        case "torch":
            from torch import nn

            return nn.Linear(2, 3, bias=False)
        case "keras":
            from keras import layers

            layer = layers.Dense(3, use_bias=False)
            layer.build((None, 2))
            return layer
        case "jax":
            from flax import nnx

            return nnx.Linear(2, 3, use_bias=False, rngs=nnx.Rngs(0))
    pytest.skip(f"no layer of {framework} is known here")


@pytest.mark.parametrize(("framework", "mode"), FIRST_MODES)
@pytest.mark.parametrize("optimizer", [SGD(0.1, 0.9), RMSprop(0.1, 0.9, 1e-8), Adam(0.1, 0.9, 0.99, 1e-8)])
def test_a_parameter_that_is_not_used_has_a_gradient_of_zero(framework, mode, optimizer):
    """It stays as it is, unless its optimiser remembers something from before: then as the definition has it."""
    if missing := missing_packages(framework, mode):
        pytest.skip(f"not installed: {missing}")

    class Net(lessons()["linear_regression"].load(framework).Net):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            self.spare = spare_layer(framework)

    sound = load_lesson("linear_regression")
    spare = Parameter("spare.kernel", (2, 3), Normal(1.0))
    lesson = replace(sound, optimizer=optimizer, parameters=(*sound.parameters, spare))
    module = importlib.import_module(f"impls.learners.{framework}_learner")
    learner = module.Learner(lesson, Net, mode=mode, device="cpu", dtype="float64")
    data, weights = small(lesson, "float64"), initial_weights(lesson, 1, "float64")
    x, y = learner.put(data.x_train[:10]), learner.put(data.y_train[:10])
    order, places = learner.put(np.arange(10, dtype=np.int32).reshape(2, 5)), slot_names(optimizer)
    for slot in (0.0, 0.5):
        memory = {f"{place}/{name}": np.full(w.shape, slot) for place in places for name, w in weights.items()}
        learner.load(weights, memory | ({"step": np.array(0)} if isinstance(optimizer, Adam) else {}))
        slots, weight = np.full((2, 2, 3), slot), weights["spare.kernel"]
        assert not learner.loss_and_gradients(x, y)[1]["spare.kernel"].any()
        learner.step(x, y)
        learner.get(learner.train_epoch(x, y, order))
        for step in (1, 2, 3):
            slots, weight = update(optimizer, step, slots, weight, np.zeros((2, 3)))
        assert np.array_equal(weight, weights["spare.kernel"]) == (not slot or isinstance(optimizer, RMSprop))
        np.testing.assert_allclose(learner.weights()["spare.kernel"], weight, rtol=1e-12)
        for place in places:
            expected = slots[("first", "second").index(place)]
            np.testing.assert_allclose(learner.slots()[f"{place}/spare.kernel"], expected, rtol=1e-12)


def test_put_copies(way):
    """What is written into an array after ``put`` does not reach the device."""
    learner = make("linear_regression", *way)
    array = np.ones((64, 2))
    native = learner.put(array)
    array[:] = 7
    np.testing.assert_array_equal(learner.get(native), 1)
    labels = learner.put(np.array([0, 9], np.int32))
    np.testing.assert_array_equal(learner.get(labels), [0, 9])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda weights: weights.pop("head.bias"), "head.bias is in the net alone"),
        (lambda weights: weights.update(extra=np.zeros(3)), "extra is missing"),
        (lambda weights: weights.update({"head.bias": np.zeros(2)}), r"head.bias has shape \(1,\)"),
    ],
)
def test_weights_that_do_not_fit_are_refused(way, change, sentence):
    learner = make("linear_regression", *way)
    weights = initial_weights(load_lesson("linear_regression"), 0, "float64")
    change(weights)
    with pytest.raises(ValueError, match=sentence):
        learner.load(weights)


def test_what_is_there_but_not_trained_is_not_said_to_be_missing():
    with pytest.raises(ValueError, match=r"kernel is not trained; bias is missing$"):
        check_fit({"kernel": np.zeros(2), "bias": np.zeros(2)}, {}, ["kernel", "running_mean"])


def test_float32_is_float32(way):
    lesson, learner = load_lesson("linear_regression"), make("linear_regression", *way, dtype="float32")
    data = small(lesson, "float32")
    learner.load(initial_weights(lesson, 0, "float32"))
    assert learner.get(learner.predict(learner.put(data.x_test))).dtype == np.float32
    assert all(array.dtype == np.float32 for array in learner.weights().values())
    wide = make("linear_regression", *way, dtype="float64")
    assert wide.get(wide.predict(wide.put(data.x_test))).dtype == np.float64


# One lesson of each kind of layer and each optimiser; NumPy's own gradients are looked at in all.
EVERY_FRAMEWORK = ("linear_regression", "relu_mlp", "cnn", "rnn")
SLOPES = [(name, *way) for name in NETS for way in (FIRST_MODES if name in EVERY_FRAMEWORK else FIRST_MODES[:1])]


@pytest.mark.parametrize(("name", "framework", "mode"), SLOPES)
def test_gradients_are_the_losss_slopes_and_updates_the_optimisers(name, framework, mode, monkeypatch):
    """Against finite differences and against the optimiser's definition, neither of them any framework's."""
    monkeypatch.setattr("harness.children.trace.STEPS", FORM_STEPS)
    lesson, learner = load_lesson(name), make(name, framework, mode)
    figures, _ = trace(learner, lesson, small(lesson, "float64"), seed=2, dtype="float64", differences=True)
    for parameter in lesson.parameters:
        assert figures["finite_difference_gap"][parameter.name] < 1e-6
        assert figures["optimiser_gap"][parameter.name] < 1e-9


@pytest.mark.parametrize(("framework", "mode"), [way for way in FIRST_MODES if way[0] == "keras"])
@pytest.mark.parametrize("name", ["cnn", "rnn"])
def test_what_keras_exports_answers_as_the_net_does(name, framework, mode, tmp_path):
    """Dense layers, pools and loops, for which each backend has an exporter of its own; other batches than exported."""
    import onnxruntime

    lesson, learner = load_lesson(name), make(name, framework, mode, dtype="float32")
    learner.load(initial_weights(lesson, 3, "float32"))
    learner.export_onnx(tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    x = small(lesson, "float32").x_test
    for some in (x[:1], x):
        (found,) = session.run(["y"], {"x": some})
        np.testing.assert_allclose(found, learner.get(learner.predict(learner.put(some))), rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(bool(missing_packages("keras", "on_jax")), reason="Keras on JAX is not installed")
@pytest.mark.parametrize("padding", ["VALID", "SAME"])
@pytest.mark.parametrize(("window", "strides"), [((1, 2, 2, 1), (1, 2, 2, 1)), ((1, 3, 2, 1), (1, 1, 3, 1))])
def test_a_pool_written_out_is_jaxs(window, strides, padding):
    import jax

    from impls.learners.keras_on_jax import reduce_window

    x = np.random.default_rng(0).normal(size=(2, 7, 8, 3)).astype(np.float32)
    for start, combine in ((-np.inf, jax.lax.max), (0.0, jax.lax.add)):
        expected = jax.lax.reduce_window(x, start, combine, window, strides, padding)
        found = reduce_window(jax.numpy.asarray(x), start, combine, window, strides, padding)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.skipif(bool(missing_packages("keras", "xla")), reason="Keras on TensorFlow is not installed")
@pytest.mark.parametrize(("name", "whole"), [("relu_mlp", True), ("cnn", False)])
def test_xla_compiles_an_epoch_unless_there_are_convolutions_in_it(name, whole):
    """Then it compiles the step, and TensorFlow's executor goes round; what is learnt is the same."""
    lesson, learner, numpys = load_lesson(name), make(name, "keras", "xla"), make(name, "numpy", "eager")
    data, order = small(lesson, "float64"), np.arange(12).reshape(3, 4)
    losses = []
    for each in (learner, numpys):
        each.load(initial_weights(lesson, 0, "float64"))
        batches = each.put(data.x_train), each.put(data.y_train), each.put(order)
        losses.append(each.get(each.train_epoch(*batches)))
    np.testing.assert_allclose(*losses, rtol=1e-10)
    epoch = learner._training.train_epoch.get_concrete_function(*map(learner.put, (data.x_train, data.y_train, order)))
    inside = [function.attr["_XlaMustCompile"].b for function in epoch.graph.as_graph_def().library.function]
    assert (epoch.function_def.attr["_XlaMustCompile"].b, any(inside)) == (whole, True)


AXES = {"relu_mlp": {"width": 8}, "rnn-useful": {"length": 4, "width": 8}, "rnn_cell-useful": {"length": 4, "width": 8}}


def resized(name):
    """A lesson with the sizes that ``AXES`` has."""
    lesson = load_lesson(name)
    for axis, size in AXES[name].items():
        assert lesson.axes[axis].size != size
        lesson = lesson.axes[axis].at(size)
        assert lesson.axes[axis].size == size
    return lesson


def test_every_lesson_that_has_sizes_is_tried_with_others():
    assert {name for name in lessons() if getattr(load_lesson(name), "axes", None)} == set(AXES)
    assert all(set(load_lesson(name).axes) == set(sizes) for name, sizes in AXES.items())


@pytest.mark.parametrize("name", AXES)
def test_a_net_of_another_size_is_the_lessons(way, name):
    """Its parameters, the operations of its products, and what NumPy's computes."""
    lesson, outputs = resized(name), {}
    data, weights = small(lesson, "float64"), initial_weights(lesson, 0, "float64")
    for framework, mode in (("numpy", "eager"), way):
        module = importlib.import_module(f"impls.learners.{framework}_learner")
        net = lessons()[name].load(framework).Net
        learner = module.Learner(lesson, net, mode=mode, device="cpu", dtype="float64")
        learner.load(weights)  # which refuses other parameters
        outputs[framework] = learner.get(learner.predict(learner.put(data.x_test)))
        assert flop_per_example(lesson, learner.inner(learner.put(data.x_test)), 7) == lesson.flop_per_example
    np.testing.assert_allclose(outputs[way[0]], outputs["numpy"], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["relu_mlp", "cnn"])
def test_bfloat16_is_the_nets_alone(way, name):
    """It is near float32 and not the same; what goes in, is kept and comes out has float32."""
    if "bfloat16" not in frameworks()[way[0]].dtypes:
        pytest.skip(f"{way[0]} does not compute in bfloat16")
    lesson = load_lesson(name)
    data, weights = small(lesson, "float32"), initial_weights(lesson, 0, "float32")
    rows = batch_order(len(data.x_train), lesson.batch, 1, 0)[0, :3]
    found = {}
    for dtype in ("float32", "bfloat16"):
        learner = make(name, *way, dtype)
        learner.load(weights)
        outputs = learner.get(learner.predict(learner.put(data.x_test)))
        x, y = learner.put(data.x_train), learner.put(data.y_train)
        losses = learner.get(learner.train_epoch(x, y, learner.put(rows)))
        found[dtype] = outputs, losses, *learner.weights().values(), *learner.slots().values()
    for alike, rounded in zip(*found.values(), strict=True):
        assert rounded.dtype == alike.dtype
    for alike, rounded in zip(found["float32"][:2], found["bfloat16"][:2], strict=True):
        assert 1e-6 < scaled_gap(rounded, alike) < 3e-2


def test_a_gpu_that_is_not_there_is_said_to_be_missing(way):
    from harness.machine import gpus

    if gpus():
        pytest.skip("this machine has a GPU")
    with pytest.raises(DeviceMissingError):
        make("linear_regression", *way, device="gpu")


@pytest.mark.skipif(bool(missing_packages("torch")), reason="PyTorch is not installed")
def test_pytorchs_memory_does_not_grow_with_the_steps():
    """A small array that outlives its step, lying where a gradient was, makes the next gradient go elsewhere."""
    lesson, learner = load_lesson("sigmoid_mlp-single"), make("sigmoid_mlp-single", "torch", "eager", "float32")
    data = small(lesson, "float32")
    x, y = learner.put(data.x_train), learner.put(data.y_train)
    learner.load(initial_weights(lesson, 0, "float32"))
    order = learner.put(batch_order(len(data.x_train), 1, 2, seed=0))
    learner.train_epoch(x, y, order[0, :20])
    before = psutil.Process().memory_info().rss
    learner.train_epoch(x, y, order[1])
    grown = psutil.Process().memory_info().rss - before
    assert grown / len(order[1]) < 20_000, "bytes for a step, whose gradient has 784,000"


@pytest.mark.skipif(bool(missing_packages("torch")), reason="PyTorch is not installed")
def test_pytorch_takes_subnormal_numbers_for_zero():
    """A processor may be slow at them, and a sigmoid of -88 is one."""
    import torch

    lesson, learner = load_lesson("sigmoid_mlp"), make("sigmoid_mlp", "torch", "eager", "float32")
    weights = initial_weights(lesson, 0, "float32")
    learner.load(weights | {"hidden.kernel": np.full((784, 250), -88 / 784, np.float32)})
    passed = learner.inner(learner.put(np.ones((2, 784), np.float32)))
    torch.set_flush_denormal(False)  # with it, even a comparison takes them for zero
    assert torch.sigmoid(torch.tensor(-88.0)) > 0
    assert not passed["head input"].any()


@pytest.mark.parametrize(("framework", "mode"), [("torch", "eager"), ("keras", "on_torch")])
def test_all_threads_of_pytorch_take_subnormal_numbers_for_zero(framework, mode):
    """They do as the thread does that starts them, in a process where none has started yet."""
    if missing := missing_packages(framework) + missing_packages("torch"):
        pytest.skip(f"not installed: {missing}")
    code = (
        "import numpy as np, torch\n"
        "from harness.catalogue import lessons, load_lesson\n"
        f"from impls.learners.{framework}_learner import Learner\n"
        "torch.set_num_threads(2)\n"
        f"net = lessons()['relu_mlp'].load('{framework}').Net\n"
        f"Learner(load_lesson('relu_mlp'), net, mode='{mode}', device='cpu', dtype='float32')\n"
        "least = torch.full((1 << 20,), 1e-30) * 1e-9\n"
        "print(np.count_nonzero(least.numpy().view(np.int32)))\n"
    )
    environment = os.environ | {"KERAS_BACKEND": "torch"}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert answer.stdout.split() == ["0"]


@pytest.mark.parametrize(("framework", "mode"), EVERY)
def test_a_framework_draws_by_itself(framework, mode):
    """Its own weights fit the net and have the lesson's distributions, or its layers'; its own order visits all."""
    lesson, learner = load_lesson("relu_mlp"), make("relu_mlp", framework, mode)
    drawn = learner.own_weights(3)
    learner.load(drawn)
    for name, array in learner.weights().items():
        np.testing.assert_array_equal(array, drawn[name])
    np.testing.assert_array_equal(learner.own_weights(3)["hidden.kernel"], drawn["hidden.kernel"])
    assert not np.array_equal(learner.own_weights(4)["hidden.kernel"], drawn["hidden.kernel"])
    assert not np.array_equal(drawn["hidden.kernel"][:512, :10], drawn["head.kernel"]), "the same numbers twice"
    # Uniform over ±√(6/1296): a bound and a deviation. PyTorch draws over ±784^-½, biases too; Flax truncates a normal.
    spread = {"torch": 784**-0.5 / 3**0.5, "jax": 784**-0.5}.get(framework if mode == NATIVE else "", (2 / 1296) ** 0.5)
    assert drawn["hidden.kernel"].std() == pytest.approx(spread, rel=0.01)
    assert drawn["hidden.kernel"].mean() == pytest.approx(0, abs=5 * spread / (784 * 512) ** 0.5)
    assert drawn["hidden.bias"].any() == (mode == NATIVE and framework == "torch")

    order = learner.own_order(100, 3, seed=5)
    assert [sorted(row) for row in order.tolist()] == [list(range(100))] * 3
    assert len({tuple(row) for row in order.tolist()}) == 3
    np.testing.assert_array_equal(learner.own_order(100, 3, seed=5), order)
    assert not np.array_equal(learner.own_order(100, 3, seed=6), order)
    assert in_batches(order, lesson.batch).shape == (3, 0, lesson.batch)
    assert in_batches(order, 30).tolist() == [[row[i : i + 30].tolist() for i in (0, 30, 60)] for row in order]


@pytest.mark.parametrize("framework", [name for name, mode in EVERY if mode == NATIVE])
@pytest.mark.parametrize("name", ["linear_regression", "relu_mlp", "rnn"])
def test_a_native_optimiser_has_its_own_constants(name, framework):
    """RMSprop and Adam go other ways than the lesson's where a gradient is small; SGD has nothing to differ in."""
    lesson = load_lesson(name)
    data, weights = small(lesson, "float64"), initial_weights(lesson, 1, "float64")
    rows, after = first_batches(lesson, data, 3), {}
    for mode in (modes_here(framework)[0], NATIVE):
        learner = make(name, framework, mode)
        learner.load(weights)
        learner.train_epoch(learner.put(data.x_train), learner.put(data.y_train), learner.put(rows))
        after[mode] = learner.weights()
    gaps = [np.abs(a - b).max() for a, b in zip(*(found.values() for found in after.values()), strict=True)]
    assert max(gaps) < 0.05, "another optimiser altogether"
    is_default = isinstance(lesson.optimizer, SGD) or (name == "rnn" and framework != "keras")  # Adam's are the usual
    assert (max(gaps) < 1e-7) == is_default


class TwoWeights:
    """A loss whose second parameter weighs next to nothing; of its gradient a share is claimed."""

    def __init__(self, weight, share):
        self._weight, self._share, self._at = weight, share, {}

    def load(self, weights):
        self._at = weights

    def loss_and_gradients(self, *_):
        loss = float(np.sum(self._at["first"] ** 2) + self._weight * np.sum(self._at["second"] ** 2))
        gradients = {"first": 2 * self._at["first"], "second": 2 * self._share * self._weight * self._at["second"]}
        return loss, gradients


@pytest.mark.parametrize(("weight", "share", "right"), [(1e-17, 2, True), (1e-3, 1, True), (1e-3, 1.001, False)])
def test_a_gradient_that_is_rounding_alone_is_no_fault_and_a_small_one_may_be(weight, share, right):
    """Of a bias before a normalisation the slope is zero, and what a framework finds is left over from rounding."""
    point = {name: np.full(4, 0.5) for name in ("first", "second")}
    gaps = _finite_difference_gap(TwoWeights(weight, share), [(point, None, None)] * 2)
    assert (gaps["second"] <= DIFFERENCE_BOUND) == right
