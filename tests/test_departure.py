"""What the search for the first difference says, and the hints, on arrays made for it."""

from __future__ import annotations

import numpy as np
import pytest

from harness.catalogue import load_lesson
from harness.gates import hints, hints_images
from harness.gates.departure import find
from harness.gates.verify import Traced

LESSON = load_lesson("relu_mlp")
RNG = np.random.default_rng(0)


def sound() -> Traced:
    """An inspection of two steps, every array of the lesson's names but small."""
    rng = np.random.default_rng(1)
    names = [parameter.name for parameter in LESSON.parameters]
    keys = [f"initial/{name}" for name in names]
    for step in (1, 2):
        keys += [f"{step}/inner/{note}" for note in ("hidden input", "hidden output", "head input", "head output")]
        keys += [f"{step}/outputs", f"{step}/loss", *(f"{step}/gradient/{name}" for name in reversed(names))]
        keys += [f"{step}/{kind}/{name}" for name in names for kind in ("second", "after")]
    arrays = {key: rng.normal(size=(4, 3)) for key in keys}
    arrays["losses"] = 2 + rng.random(200)
    return Traced({"parameters": LESSON.shapes}, arrays)


def test_nothing_differs():
    assert find(LESSON, sound(), sound()) is None


@pytest.mark.parametrize("inside", [True, False])
def test_an_activation_inside_a_layer_is_no_difference_and_what_comes_after_it_is(inside):
    """Keras' users write ``Dense(512, activation="relu")``, others apply it to what comes out."""
    found, expected = sound(), sound()
    side = found if inside else expected
    side.arrays["1/inner/hidden output"] = np.maximum(side.arrays["1/inner/hidden output"], 0)
    assert find(LESSON, found, expected) is None
    found.arrays["1/inner/head input"] *= 1 + 1e-6
    departure = find(LESSON, found, expected)
    assert (departure.stage, departure.where) == ("input", "head")


@pytest.mark.parametrize("inside", [True, False])
def test_padding_before_a_convolution_is_no_difference_and_other_padding_is(inside):
    found, expected = sound(), sound()
    key, images = "1/inner/hidden input", RNG.normal(size=(3, 8, 8, 4))
    wide = np.pad(images, ((0, 0), (1, 1), (0, 2), (0, 0)))
    found.arrays[key], expected.arrays[key] = (images, wide) if inside else (wide, images)
    assert find(LESSON, found, expected) is None
    (expected if inside else found).arrays[key] = np.tanh(wide)
    departure = find(LESSON, found, expected)
    assert (departure.stage, departure.where, "shape" in departure.hint) == ("input", "hidden", False)
    (expected if inside else found).arrays[key] = wide + 1
    assert "shape" in find(LESSON, found, expected).hint


@pytest.mark.parametrize(
    ("key", "stage", "where", "step"),
    [
        ("initial/hidden.bias", "initial value", "hidden.bias", 1),
        ("1/inner/hidden output", "output", "hidden", 1),
        ("1/inner/head input", "input", "head", 1),
        ("1/outputs", "output", "the net's outputs", 1),
        ("1/loss", "loss", "", 1),
        ("2/inner/hidden output", "output", "hidden", 2),
        ("1/gradient/head.kernel", "gradient", "head.kernel", 1),
        ("2/gradient/hidden.bias", "gradient", "hidden.bias", 2),
        ("1/second/hidden.kernel", "slot", "second/hidden.kernel", 1),
        ("2/after/head.bias", "update", "head.bias", 2),
        ("losses", "trajectory", "loss", 8),
    ],
)
def test_the_first_difference_is_found(key, stage, where, step):
    """What lies behind it in time differs as well, and is not named."""
    found, expected = sound(), sound()
    keys = list(expected.arrays)
    for later in keys[keys.index(key) :]:
        found.arrays[later][7 if later == "losses" else 0 :] *= 1 + 1e-6
    departure = find(LESSON, found, expected)
    assert (departure.stage, departure.where, departure.step) == (stage, where, step)
    assert departure.gap == pytest.approx(1e-6, rel=0.1)
    assert where in departure.sentence()


def test_what_only_the_learners_own_call_gets_wrong_is_said_to_be():
    """The net's output in the uncompiled call that is listened to is noted under the empty name."""
    found, expected = sound(), sound()
    for traced in (found, expected):
        traced.arrays["1/inner/ output"] = traced.arrays["1/outputs"].copy()
    found.arrays["1/outputs"] *= 1 + 1e-6
    departure = find(LESSON, found, expected)
    assert (departure.stage, departure.where, departure.hint) == ("output", "the net's outputs", hints.OF_COMPILED)
    found.arrays["1/inner/ output"] *= 1 + 1e-6
    assert find(LESSON, found, expected).hint != hints.OF_COMPILED


def test_growth_is_told_from_the_step_on():
    found, expected = sound(), sound()
    found.arrays["losses"][7:] *= 1 + 1e-6 * 2.0 ** np.arange(193)
    growth = find(LESSON, found, expected).growth
    assert growth.startswith("4e-06 at step 10, ")
    assert "at step 200" in growth


def test_a_parameter_of_another_shape_is_named_before_all():
    found = sound()
    found.figures["parameters"] = {"hidden.kernel": [512, 784], "hidden.bias": [512], "head.kernel": [512, 10]}
    departure = find(LESSON, Traced(found.figures, {}), sound())
    assert (departure.stage, departure.where) == ("parameter", "hidden.kernel")
    assert "transposed" in departure.hint
    found.figures["parameters"]["hidden.kernel"] = [784, 512]
    assert "without a bias" in find(LESSON, Traced(found.figures, {}), sound()).hint
    found.figures["untrained"] = ["head.bias"]
    assert "not trained" in find(LESSON, Traced(found.figures, {}), sound()).hint


IMAGES = RNG.normal(size=(3, 8, 8, 4))
ROWS = RNG.normal(size=(16, 12))


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (hints.of_values(ROWS.astype(np.float32).astype(float), ROWS), "float32"),
        (hints.of_values(0 * ROWS, ROWS), "zero"),
        (hints.of_values(np.where(ROWS > 0, np.nan, ROWS), ROWS), "finite"),
        (hints.of_output(np.arange(1, 13))(ROWS, ROWS + np.arange(1, 13)), "bias is not added"),
        (hints.of_output()(IMAGES[:, 1:], IMAGES), "padding or stride"),
        (hints.between(ROWS)(np.tanh(ROWS), np.maximum(ROWS, 0)), "tanh, where the reference has ReLU"),
        (hints.between(ROWS)(np.where(RNG.random(ROWS.shape) < 0.3, 0, ROWS / 0.7), ROWS), "dropout"),
        (hints.between(None)(IMAGES.transpose(0, 3, 1, 2).reshape(3, -1), IMAGES.reshape(3, -1)), "another order"),
        (hints.of_loss(np.array(64 * 0.7), np.array(0.7)), "reduction"),
        (hints.of_loss(np.array(0.35), np.array(0.7)), "factor ½"),
        (hints.of_loss(np.array(0.75), np.array(0.7)), "smoothing"),
        (hints.of_gradient(None)(0 * ROWS, ROWS), "frozen"),
        (hints.of_gradient(ROWS)(ROWS**2 + 0.001 * ROWS, ROWS**2), "weight decay: 0.001 times the weight"),
        (hints.of_slot(0.5 * ROWS, ROWS), "0.5 times"),
        (hints.of_update(ROWS)(ROWS - 1.02 * ROWS**2, ROWS - ROWS**2), "1.02 times"),
        (hints.of_update(ROWS)(ROWS - ROWS**2 - 1e-4 * ROWS, ROWS - ROWS**2), "weight decay: 0.0001"),
        (hints.of_update(ROWS)(ROWS, ROWS - ROWS**2), "does not change"),
        (hints.of_update(ROWS)(ROWS - ROWS**2 / (1 + 0.1 * ROWS**2), ROWS - ROWS**2), "epsilon"),
    ],
)
def test_hints_name_the_pattern(hint, words):
    assert words in hint


def test_pools_are_told_apart():
    windows = IMAGES.reshape(3, 4, 2, 4, 2, 4)
    highest, mean = windows.max(axis=(2, 4)), windows.mean(axis=(2, 4))
    hint = hints.between(IMAGES)(np.maximum(mean, 0), np.maximum(highest, 0))
    assert "average-pool 2 of stride 2 and ReLU, where the reference has max-pool 2 of stride 2 and ReLU" in hint


def test_pooling_before_an_activation_is_told_from_pooling_after_it_whatever_the_layout_of_the_flatten():
    windows = IMAGES.reshape(3, 4, 2, 4, 2, 4)
    before, after = np.maximum(windows.mean(axis=(2, 4)), 0), np.maximum(windows, 0).mean(axis=(2, 4))
    hint = hints.between(IMAGES)(*(array.transpose(0, 3, 1, 2).reshape(3, -1) for array in (before, after)))
    words = "average-pool 2 of stride 2 and ReLU, where the reference has ReLU and average-pool 2 of stride 2"
    assert words in hint


@pytest.mark.parametrize("bias", [None, np.arange(1.0, 6)])
@pytest.mark.parametrize(
    ("found", "expected", "words"),
    [
        ((0, 1, 2), (1, 1, 2), "stride 2 and a padding of 0 before and 1 after, where the reference has stride 2 and"),
        ((0, 0, 1), (1, 1, 1), "padding of 0 before and 0 after, where the reference has stride 1 and a padding of 1"),
        ((1, 1, 1), (1, 1, 2), "stride 1 and a padding of 1 before and 1 after, where the reference has stride 2"),
    ],
)
def test_how_a_convolution_pads_is_told(found, expected, words, bias):
    kernel = RNG.normal(size=(3, 3, 4, 5))

    def convolved(before, after, stride):
        wide = np.pad(IMAGES, ((0, 0), (before, after), (before, after), (0, 0)))
        places = range(0, wide.shape[1] - 2, stride)
        rows = [[np.tensordot(wide[:, i : i + 3, j : j + 3], kernel, 3) for j in places] for i in places]
        return np.stack([np.stack(row, axis=1) for row in rows], axis=1) + (0 if bias is None else bias)

    hint = hints_images.of_convolution(IMAGES, kernel, bias)
    assert words in hint(convolved(*found), convolved(*expected))
    assert not hint(convolved(*found), convolved(*found))
    assert not hint(RNG.normal(size=convolved(*found).shape), convolved(*expected))


def test_what_relu_cuts_off_is_not_dropout():
    assert "dropout" not in hints.of_output()(np.maximum(ROWS, 0), ROWS)


def test_a_border_is_told_from_the_rest():
    other = IMAGES.copy()
    other[:, 0] += RNG.normal(size=other[:, 0].shape)
    assert "borders" in hints.of_output()(other, IMAGES)
