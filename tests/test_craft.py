"""What the lessons of the craft teach: dropout, freezing, clipping of gradients and weight decay."""

from __future__ import annotations

import importlib
from itertools import product

import numpy as np
import pytest
from test_function_lessons import inputs, module_of, reference, results

from harness.catalogue import REFERENCE, default_mode, frameworks, lessons

EVERY = [(framework, dtype) for framework in frameworks() for dtype in ("float64", "float32")]


def found(name, framework, dtype="float64"):
    return results(name, framework, default_mode(framework), dtype)


def called(name, framework, function, *arrays):
    """What a function gives of other arrays than the lesson's, in float64."""
    implementation = module_of(name, framework)
    learner = importlib.import_module(f"impls.learners.{framework}_learner")
    native = learner.Arrays(mode=default_mode(framework), device="cpu", dtype="float64")
    call = native.prepared(getattr(implementation, function), native.ways()[0])
    return native.get(call(*(native.put(array) for array in arrays)))


# --- dropout -----------------------------------------------------------------------------------------------------


def net(name):
    return [inputs(name)[key] for key in ("w1", "b1", "w2", "b2")]


def split(row):
    """A row of all gradients as four arrays."""
    shapes = [array.shape for array in net("dropout")]
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(row, ends), shapes, strict=True)]


@pytest.mark.parametrize("framework", frameworks())
def test_all_masks_together_give_a_linear_layers_evaluation(framework):
    """Each of the 2⁴ masks weighted by its probability: their mean is the layer's, to rounding, whatever p is."""
    rng, p = np.random.default_rng(0), 0.3
    x, w1 = rng.standard_normal((5, 3)), 1e-4 * rng.standard_normal((3, 4))  # where tanh is linear
    w2, b1, b2 = rng.standard_normal((4, 1)), np.zeros(4), rng.standard_normal(1)
    kept = np.array(list(product([False, True], repeat=4)))  # (masks, hidden)
    masks, many = np.repeat(kept, len(x), axis=0), np.tile(x, (len(kept), 1))  # each mask with each example
    passed = called("dropout", framework, "training_pass", many, w1, b1, w2, b2, np.array(p), masks)
    mean = (p ** np.sum(~kept, axis=1) * (1 - p) ** np.sum(kept, axis=1)) @ passed.reshape(len(kept), len(x))
    evaluation = called("dropout", framework, "evaluation_pass", x, w1, b1, w2, b2)
    np.testing.assert_allclose(mean, evaluation[:, 0], rtol=1e-13)


@pytest.mark.parametrize("framework", frameworks())
def test_a_mask_that_keeps_all_and_no_dropout_are_the_evaluation(framework):
    x, y = inputs("dropout")["x"], inputs("dropout")["y"]
    every = np.ones_like(inputs("dropout")["mask"]), np.array(0.0)
    for of_training, of_evaluation, data in (
        ("training_pass", "evaluation_pass", (x,)),
        ("training_gradients", "evaluation_gradients", (x, y)),
    ):
        trained = called("dropout", framework, of_training, *data, *net("dropout"), every[1], every[0])
        np.testing.assert_allclose(trained, found("dropout", framework)[of_evaluation], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("framework", frameworks())
def test_what_is_dropped_learns_nothing(framework):
    """A unit that is dropped for all examples has no gradient, neither before it nor behind it."""
    data, mask = inputs("dropout"), inputs("dropout")["mask"].copy()
    mask[:, 3] = False
    arrays = (data["x"], data["y"], *net("dropout"), data["p"], mask)
    w1, b1, w2, b2 = split(called("dropout", framework, "training_gradients", *arrays))
    assert not w1[:, 3].any()
    assert not b1[3]
    assert not w2[3].any()
    assert np.delete(w1, 3, axis=1).all()
    assert b2.all()


def test_gradients_by_hand_are_those_of_the_losses():
    """NumPy's, by a complex step."""
    by_hand, data = lessons()["dropout"].load(REFERENCE), inputs("dropout")

    def loss(parts, rest):
        passed = by_hand.training_pass if rest else by_hand.evaluation_pass
        error = passed(data["x"], *parts, *rest) - data["y"]
        return np.sum(error**2) / len(error)

    for function, rest in (("training_gradients", (data["p"], data["mask"])), ("evaluation_gradients", ())):
        for place, gradient in enumerate(split(reference("dropout")[function])):
            for index in list(np.ndindex(gradient.shape))[::7]:
                parts = [array.astype(complex) for array in net("dropout")]
                parts[place][index] += 1e-30j
                assert gradient[index] == pytest.approx(loss(parts, rest).imag / 1e-30, rel=1e-11, abs=1e-14)


def test_a_share_is_dropped_and_the_rest_is_scaled_up():
    data = inputs("dropout")
    assert data["mask"].mean() == pytest.approx(1 - data["p"], abs=0.05)
    assert data["masks"].mean() == pytest.approx(1 - data["p"], abs=0.002)
    h = np.tanh(data["x"] @ data["w1"] + data["b1"])
    expected = np.einsum("eh,eh,h->e", h, data["mask"] / (1 - data["p"]), data["w2"][:, 0]) + data["b2"]
    np.testing.assert_allclose(reference("dropout")["training_pass"][:, 0], expected, rtol=1e-12)


def test_the_mean_of_masked_passes_comes_near_by_the_root_of_their_number():
    distances = reference("dropout")["mean_distances"]
    for few, many in ((10, 1000), (5, 500)):
        assert 0.4 < distances[few - 1] / distances[many - 1] / np.sqrt(many / few) < 2.5


def test_dropout_keeps_a_net_from_learning_its_examples_by_heart():
    for seed in range(3):
        losses = reference("dropout", seed=seed)["losses"]
        assert losses[0, 0] == losses[0, 2]
        assert losses[0, 1] == losses[0, 3]
        train, test, train_dropout, test_dropout = losses[-50:].mean(axis=0)  # with dropout they go up and down
        assert train < 0.3 * train_dropout
        assert test > 1.3 * test_dropout


# --- freezing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("framework", "dtype"), EVERY)
def test_what_is_frozen_has_not_changed_at_all(framework, dtype):
    frozen = len(inputs("freezing")["frozen"])
    hidden, head = found("freezing", framework, dtype)["changes"].T
    assert not hidden[: frozen + 1].any()
    assert (np.diff(head[:3]) > 0).all()
    assert hidden[frozen + 1] > 0
    assert hidden[-1] > 0.1
    np.testing.assert_array_equal(found("freezing", framework, dtype)["kept"], inputs("freezing")["w1"])
    assert (found("freezing", framework, dtype)["learnt"] != inputs("freezing")["w1"]).all()


def test_over_frozen_features_least_squares_are_the_floor():
    for seed in range(3):
        data, losses = inputs("freezing", seed), reference("freezing", seed=seed)["losses"]
        features = np.tanh(data["x"] @ data["w1"] + data["b1"])
        design = np.column_stack([features, np.ones(len(features))])
        floor = np.linalg.lstsq(design, data["y"])[1][0] / len(design)
        frozen = len(data["frozen"])
        assert floor < losses[: frozen + 1].min()
        assert losses[frozen] < 0.75 * losses[0]
        assert losses[-1] < 0.5 * floor


def test_a_layer_that_only_the_head_learns_over_is_a_linear_regression():
    """The first epoch by hand: each update of the head is one on fixed features."""
    data = inputs("freezing")
    features = np.tanh(data["x"] @ data["w1"] + data["b1"])
    design = np.column_stack([features, np.ones(len(features))])
    head = np.append(data["w2"], data["b2"])[:, np.newaxis]
    for rows in data["frozen"][0]:
        error = design[rows] @ head - data["y"][rows]
        head = head - data["rate"] * 2 * design[rows].T @ error / len(rows)
    loss = np.mean((design @ head - data["y"]) ** 2)
    assert reference("freezing")["losses"][1] == pytest.approx(loss, rel=1e-12)


# --- clipping and decay ------------------------------------------------------------------------------------------


def test_one_example_outweighs_all_others():
    norms = np.sort(reference("gradient_clipping")["norms"])
    assert norms[-1] > 100 * norms[-2]


@pytest.mark.parametrize("framework", frameworks())
def test_clipping_bounds_what_one_example_can_do(framework):
    plain, by_value, by_norm = found("gradient_clipping", framework)["distances"].T
    late = slice(len(plain) // 2, None)
    assert plain[late].max() > 100 * max(by_value[late].max(), by_norm[late].max())
    assert max(by_value[-1], by_norm[-1]) < 0.2
    rate, limit = (inputs("gradient_clipping")[key] for key in ("rate", "limit"))
    for clipped in (by_value, by_norm):
        assert np.abs(np.diff(clipped)).max() <= rate * limit * (1 + 1e-12)
    assert np.abs(np.diff(plain)).max() > 10


@pytest.mark.parametrize("framework", frameworks())
def test_clipping_by_norm_keeps_the_direction_and_by_value_does_not(framework):
    """One update from w = 0, b = 0 by one example, whose gradient is -2y·(x, 1)."""
    x, rate, limit = np.array([[3.0, 0.01]]), np.array(0.1), np.array(2.0)
    ways = {}
    for place, axis in enumerate(np.eye(3)):  # the distances from three truths give away each parameter's change
        arrays = (x, np.array([5.0]), np.zeros(2), np.zeros(1), rate, limit, np.zeros((1, 1, 1), np.int32), -9 * axis)
        ways[place] = called("gradient_clipping", framework, "distances", *arrays)[-1] - 9
    plain, by_value, by_norm = np.array([ways[place] for place in range(3)]).T
    gradient = 10 * np.array([3.0, 0.01, 1.0])
    np.testing.assert_allclose(plain, 0.1 * gradient, rtol=1e-12)
    np.testing.assert_allclose(by_value, 0.1 * np.minimum(gradient, 2), rtol=1e-12)
    np.testing.assert_allclose(by_norm, 0.2 * gradient / np.linalg.norm(gradient), rtol=1e-10)


def test_pytorchs_own_clipping_by_norm_is_a_millionth_beside():
    """Which is why PyTorch's file multiplies by hand: the gate of float64 would see it."""
    torch = pytest.importorskip("torch")
    gradient = torch.tensor([3.0, 4.0], dtype=torch.float64)
    parameter = torch.zeros(2, dtype=torch.float64)
    parameter.grad = gradient.clone()
    assert torch.nn.utils.clip_grad_norm_([parameter], 1.0) == 5
    np.testing.assert_allclose(parameter.grad.norm(), 5 / (5 + 1e-6), rtol=1e-14)
    assert 1 - parameter.grad.norm() > 1e-7


@pytest.mark.parametrize(("framework", "dtype"), EVERY)
def test_for_sgd_a_penalty_and_weight_decay_are_one(framework, dtype):
    both = found("gradient_clipping", framework, dtype)
    bound = 1e-14 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(both["penalised"], both["decayed"], rtol=bound, atol=bound)


@pytest.mark.parametrize("framework", frameworks())
def test_the_penalty_holds_weights_small_and_leaves_the_intercept(framework):
    data = inputs("gradient_clipping")
    arrays = [data[key] for key in ("x", "y", "w", "b", "rate", "penalty", "order")]
    held = found("gradient_clipping", framework)["penalised"][-1]
    free = called("gradient_clipping", framework, "penalised", *arrays[:5], np.array(0.0), arrays[6])[-1]
    np.testing.assert_allclose(free, data["truth"], atol=0.1)
    np.testing.assert_allclose(held[:2] / free[:2], 1 / (1 + data["penalty"] / 2), atol=0.05)
    assert held[2] == pytest.approx(free[2], abs=0.2)


def test_for_adam_they_are_not():
    """PyTorch has both: Adam's weight_decay is the penalty, AdamW's is decay."""
    torch = pytest.importorskip("torch")
    ends = {}
    for kind in (torch.optim.Adam, torch.optim.AdamW):
        weight = torch.tensor([2.0, -3.0], dtype=torch.float64, requires_grad=True)
        optimizer = kind([weight], lr=0.05, weight_decay=0.2)
        for _ in range(50):
            optimizer.zero_grad()
            (weight[0] ** 2 + 10 * weight[1] ** 2).backward()
            optimizer.step()
        ends[kind] = weight.detach().numpy()
    assert np.abs(ends[torch.optim.Adam] - ends[torch.optim.AdamW]).max() > 0.1
