"""Networks for patches of lattices: sizes, what they see and answer, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nanotilt as nt

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from nanotilt import models  # noqa: E402  (only where Keras is)

CLASSIFIERS = (models.DefectCNNA, models.DefectCNNB, models.DefectNet)
AUTOENCODERS = (
    models.DenseAutoencoder,
    models.ConvolutionalAutoencoder,
    models.VariationalAutoencoder,
    models.LatticeDenoiser,
)
EACH_CLASSIFIER = pytest.mark.parametrize("kind", CLASSIFIERS)
EACH_AUTOENCODER = pytest.mark.parametrize("kind", AUTOENCODERS)


def patches(*shape: int) -> Any:
    return np.random.default_rng(1).random(shape, dtype=np.float32)


@pytest.mark.parametrize(
    ("kind", "n_weights"),
    [
        (models.DenseAutoencoder, 1_198_880),
        (models.ConvolutionalAutoencoder, 49_377),
        (models.VariationalAutoencoder, 195_873),
        (models.LatticeDenoiser, 195_489),
    ],
)
def test_autoencoders_are_as_large_as_they_say(kind: Any, n_weights: int) -> None:
    assert kind((48, 48)).count_params() == n_weights


@pytest.mark.parametrize(
    ("kind", "n_weights"),
    [
        (models.DefectCNNA, 310_145),
        (models.DefectCNNB, 635_021),
        (models.DefectNet, 116_137),
    ],
)
def test_classifiers_are_as_large_as_they_say(kind: Any, n_weights: int) -> None:
    assert kind(1, (48, 48), 2).count_params() == n_weights


@EACH_CLASSIFIER
def test_classifiers_answer_with_probabilities(kind: Any) -> None:
    found = kind(2, (16, 18), 4).predict(patches(5, 2, 16, 18), verbose=0)
    assert found.shape == (5, 4)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("kind", [*CLASSIFIERS, *AUTOENCODERS])
def test_neither_scale_nor_offset_of_patches_matters(kind: Any) -> None:
    model = kind((16, 16)) if kind in AUTOENCODERS else kind(1, (16, 16), 2)
    views = patches(3, 1, 16, 16)
    once, again = (model.predict(x, verbose=0) for x in (views, 100 * views + 7))
    np.testing.assert_allclose(again, once, atol=1e-4)


def test_a_defect_counts_wherever_it_is_seen() -> None:
    """The answer is the mean over places of what each says of the odds."""
    model = models.DefectNet(1, (20, 24), 3)
    views = patches(4, 1, 20, 24)
    places = model.places(views)
    assert places.shape == (4, 5, 6, 2)
    odds = np.exp(places.astype(float)).mean(axis=(1, 2))
    expected = np.concatenate([np.ones((4, 1)), odds], axis=1)
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict(views, verbose=0), expected, rtol=1e-4)


def test_places_follow_what_they_see() -> None:
    """A bright spot changes the places around it the most: nothing is turned or mirrored."""
    model = models.DefectNet(1, (48, 48), 2)
    views = patches(1, 1, 48, 48)
    spot = views.copy()
    spot[0, 0, 9:12, 37:40] += 2
    changed = np.abs(model.places(spot) - model.places(views))[0, ..., 0]
    row, column = np.unravel_index(changed.argmax(), changed.shape)
    assert abs(row - 10 / 4) <= 2
    assert abs(column - 38 / 4) <= 2


@EACH_AUTOENCODER
def test_what_they_learn_to_draw_has_mean_0_and_deviation_1(kind: Any) -> None:
    views = 5 + patches(4, 1, 16, 16)
    truth = keras.ops.convert_to_numpy(kind.truth({"views": views, "clean": views}))
    assert truth.shape == (4, 16, 16)
    np.testing.assert_allclose(truth.mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(truth.std(axis=(1, 2)), 1, atol=1e-4)
    assert kind((16, 16)).redrawn(views).shape == (4, 16, 16)


def test_the_denoiser_draws_what_has_no_noise() -> None:
    clean = 30 * patches(2, 8, 8)
    expected = clean - clean.mean(axis=(1, 2), keepdims=True)
    expected /= expected.std(axis=(1, 2), keepdims=True)
    truth = models.LatticeDenoiser.truth({"views": patches(2, 1, 8, 8), "clean": clean[:, None]})
    np.testing.assert_allclose(keras.ops.convert_to_numpy(truth), expected, atol=1e-4)


def test_codes_are_drawn_in_training_alone() -> None:
    model = models.VariationalAutoencoder((16, 16))
    views = patches(3, 1, 16, 16)
    once, again = (model.redrawn(views) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    trained = [keras.ops.convert_to_numpy(model(views, training=True)) for _ in range(2)]
    assert np.abs(trained[0] - trained[1]).max() > 1e-3


def test_the_loss_of_codes_is_their_divergence() -> None:
    model = models.VariationalAutoencoder((16, 16))
    views = patches(3, 1, 16, 16)
    mean, log_variance = model.latent(views)
    assert mean.shape == log_variance.shape == (3, 32)
    each = 0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance).sum(axis=1)
    model(views, training=False)
    (loss,) = model.losses
    assert float(loss) == pytest.approx(2 / 16**2 * each.mean(), rel=1e-4)


@EACH_AUTOENCODER
def test_autoencoders_learn_from_a_stream(kind: Any) -> None:
    recipe = nt.recipes.chirality_images(1, n_pixels=16)
    if kind.learns_from:  # a target that lattices alone have
        lattice = nt.Lattice(margin_angstrom=1.0)
        recipe = nt.Recipe(
            {"perfect": lattice}, nt.DarkField(16), normalise="view", targets=kind.learns_from
        )
    model = kind.for_recipe(recipe, total_steps=4)
    history = model.fit(model.data(recipe, 3, 8), steps_per_epoch=2, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert model.recipe == recipe


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: models.DefectCNNA(1, (7, 20), 2), r"view_shape\[0\] must be >= 8"),
        (lambda: models.DefectCNNB(1, (13, 20), 2), "view_shape"),
        (lambda: models.DefectNet(1, (20,), 2), r"view_shape must be \(rows, columns\)"),
        (lambda: models.DefectNet(1, (20, 20), 1), "n_classes must be >= 2"),
        (lambda: models.DefectNet(0, (20, 20), 2), "n_views must be >= 1"),
        (lambda: models.ConvolutionalAutoencoder((16, 20)), "multiples of 8"),
        (lambda: models.VariationalAutoencoder((24, 16)), "multiples of 16"),
        (lambda: models.LatticeDenoiser((20, 16)), "multiples of 8"),
        (lambda: models.DenseAutoencoder.for_recipe(nt.recipes.hole_images()), "one view each"),
        (
            lambda: models.LatticeDenoiser.for_recipe(nt.recipes.chirality_images(1, n_pixels=16)),
            'targets must hold "clean", which a LatticeDenoiser learns from',
        ),
        (lambda: models.DefectNet.for_recipe(nt.recipes.hole()), "view_shape must be"),
        (lambda: models.for_views("defect-net", (64,)), "name must be one of"),
    ],
)
def test_refused(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@EACH_AUTOENCODER
def test_only_recipes(kind: Any) -> None:
    with pytest.raises(TypeError, match="recipe must be a nanotilt"):
        kind.for_recipe("graphene")
