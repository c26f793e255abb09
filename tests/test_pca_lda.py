"""Principal components and linear discriminants: equal to scikit-learn's, and what the two lessons teach."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from test_function_lessons import inputs, reference, results

from harness.catalogue import default_mode, frameworks, load_lesson

KEPT = ("few", "some", "many")


def found(name, framework):
    return results(name, framework, default_mode(framework), "float64")


def flat(pictures):
    return pictures.reshape(len(pictures), -1)


def up_to_sign(expected, given):
    """Rows with the signs of the given ones."""
    return expected * np.sign(np.sum(expected * given, axis=1, keepdims=True))


# --- principal components ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted():
    x, many = (inputs("pca")[name] for name in ("x", "many"))
    return PCA(len(many), svd_solver="full").fit(flat(x))


@pytest.mark.parametrize("framework", frameworks())
def test_principal_components_are_scikit_learns(framework, fitted):
    arrays, mine = inputs("pca"), found("pca", framework)
    leading = len(arrays["leading"])
    np.testing.assert_allclose(mine["mean"].ravel(), fitted.mean_, rtol=1e-12, atol=1e-15)
    components = flat(mine["components"])
    np.testing.assert_allclose(components, up_to_sign(fitted.components_[:leading], components), atol=1e-11)
    np.testing.assert_allclose(mine["explained"][:, 0], fitted.explained_variance_ratio_, rtol=1e-10)
    projected = fitted.transform(flat(arrays["x"]))[:, :leading]
    np.testing.assert_allclose(mine["projection"].T, up_to_sign(projected.T, mine["projection"].T), atol=1e-10)


@pytest.mark.parametrize("place", range(len(KEPT)), ids=KEPT)
@pytest.mark.parametrize("framework", frameworks())
def test_rebuilt_pictures_are_scikit_learns(framework, place):
    arrays = inputs("pca")
    fitted = PCA(len(arrays[KEPT[place]]), svd_solver="full").fit(flat(arrays["x"]))
    expected = fitted.inverse_transform(fitted.transform(flat(arrays["pictures"])))
    rebuilt = found("pca", framework)["reconstructions"][place]
    np.testing.assert_allclose(flat(rebuilt), expected, atol=1e-11)


def test_components_are_orthogonal_and_their_largest_pixel_is_positive():
    components = flat(reference("pca")["components"])
    np.testing.assert_allclose(components @ components.T, np.eye(len(components)), atol=1e-13)
    assert (components.max(axis=1) == np.abs(components).max(axis=1)).all()


def test_along_components_nothing_is_correlated_and_variance_falls():
    mine = reference("pca")
    covariance = np.cov(mine["projection"].T)
    total = np.sum(np.var(flat(inputs("pca")["x"]), axis=0, ddof=1))
    np.testing.assert_allclose(covariance, np.diag(mine["explained"][: len(covariance), 0] * total), atol=1e-12)
    assert (np.diff(np.diag(covariance)) < 0).all()


def test_a_few_components_do_for_most_of_it_and_each_more_helps():
    mine, arrays = reference("pca"), inputs("pca")
    assert mine["explained"][9, 1] > 0.7
    assert mine["explained"][-1, 1] > 0.95
    errors = np.mean((mine["reconstructions"] - arrays["pictures"]) ** 2, axis=(1, 2, 3))
    spread = np.mean((arrays["pictures"] - mine["mean"]) ** 2)
    assert (np.diff(errors) < 0).all()
    assert errors[0] < 0.5 * spread, "of pictures, too, that had no part in it"
    assert errors[-1] < 0.1 * spread


def test_what_is_compared_is_well_conditioned():
    """Eigenvalues far enough apart for float32, and no sign that hangs on rounding."""
    mine, leading = reference("pca"), len(inputs("pca")["leading"])
    shares = mine["explained"][: leading + 1, 0]
    assert (-np.diff(shares)).min() > 1e-3 * shares[0]
    highest = np.sort(np.abs(flat(mine["components"])), axis=1)[:, -2:]
    opposite = np.array([np.ptp(np.sign(row[np.argsort(np.abs(row))[-2:]])) > 0 for row in flat(mine["components"])])
    assert (np.diff(highest, axis=1)[opposite] > 1e-3).all()


# --- linear discriminants ----------------------------------------------------------------------------------------


def test_the_table_is_fishers():
    """As scikit-learn has it: with two rows as the paper has them, which other copies have wrongly."""
    theirs, mine = load_iris(), inputs("lda")
    np.testing.assert_array_equal(mine["x"], theirs.data)
    np.testing.assert_array_equal(mine["y"], theirs.target)
    assert load_lesson("lda").picture[-1].content.labels == tuple(theirs.target_names)


@pytest.mark.parametrize("framework", frameworks())
def test_discriminants_are_scikit_learns(framework):
    """Up to sign and length: some of its versions divide by the examples, as others do by their degrees of freedom."""
    arrays, mine = inputs("lda"), found("lda", framework)
    x, y = arrays["x"], arrays["y"]
    fitted = LinearDiscriminantAnalysis(solver="svd", store_covariance=True).fit(x, y)
    np.testing.assert_allclose(mine["class_means"], fitted.means_, rtol=1e-12)
    np.testing.assert_allclose(mine["within_scatter"] / len(x), fitted.covariance_, rtol=1e-11)
    longer = np.linalg.norm(mine["directions"]) / np.linalg.norm(fitted.scalings_)
    assert longer == pytest.approx(1) or longer**2 == pytest.approx((len(x) - len(arrays["classes"])) / len(x))
    projected = (longer * fitted.transform(x)).T
    np.testing.assert_allclose(mine["projection"].T, up_to_sign(projected, mine["projection"].T), atol=1e-10)
    directions = longer * fitted.scalings_.T
    np.testing.assert_allclose(mine["directions"].T, up_to_sign(directions, mine["directions"].T), atol=1e-11)
    assert mine["accuracy"] == pytest.approx(fitted.score(x, y))


def test_within_and_between_make_up_all_scatter():
    mine, x = reference("lda"), inputs("lda")["x"]
    np.testing.assert_allclose(mine["within_scatter"] + mine["between_scatter"], (len(x) - 1) * np.cov(x.T), rtol=1e-12)
    assert np.linalg.matrix_rank(mine["between_scatter"]) == 2, "one less than there are classes"


def test_directions_make_classes_round_and_part_them_in_order():
    """Along them the variance within classes is 1 and nothing correlated; the first does nearly all that parts them."""
    mine, arrays = reference("lda"), inputs("lda")
    w, freedom = mine["directions"], len(arrays["y"]) - len(arrays["classes"])
    np.testing.assert_allclose(w.T @ mine["within_scatter"] @ w, freedom * np.eye(2), atol=1e-10)
    between = w.T @ mine["between_scatter"] @ w
    np.testing.assert_allclose(between, np.diag(np.diag(between)), atol=1e-10)
    assert between[0, 0] > 0.99 * np.trace(between)
    assert (w.max(axis=0) == np.abs(w).max(axis=0)).all()


def test_the_nearest_mean_is_right_more_often_once_projected():
    mine, arrays = reference("lda"), inputs("lda")
    distances = np.linalg.norm(arrays["x"][:, np.newaxis] - mine["class_means"], axis=2)
    measured = np.mean(np.argmin(distances, axis=1) == arrays["y"])
    assert measured < 0.95 < mine["accuracy"]
