"""Networks that tag scattering images: sizes, turns, scales, the joint start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.scenes.scattering_terms import TAGS

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from nanotilt import models  # noqa: E402  (only where Keras is)
from nanotilt.models.scattering.polar_layers import Harmonics, PolarChannels  # noqa: E402
from toy_scattering import SMALL_NETWORKS, ToyScattering  # noqa: E402

TOY = ToyScattering()
EACH = pytest.mark.parametrize("name", list(SMALL_NETWORKS))


def small(name: str, **more: Any) -> Any:
    keras.utils.set_random_seed(1)
    return models.by_name(name)(**SMALL_NETWORKS[name], **more)


def batch(count: int, start: int = 0) -> Any:
    return TOY.sample(3, start, count)


@pytest.mark.parametrize(
    ("kind", "options", "n_weights"),
    [
        (models.ScatteringCNN, {}, 44_259_722),
        (models.ScatteringCNN, {"size": "small"}, 872_794),
        (models.CoefficientCNN, {}, 6_009_674),
        (models.CoefficientCNN, {"size": "small"}, 744_594),
        (models.JointNetwork, {"size": "small"}, 1_615_266),
        (models.ScatteringVGG, {}, 14_713_536 + 5_130),
        (models.ScatteringVGG, {"size": "small"}, 52_454),
        (models.PolarNet, {}, 333_642),
    ],
)
def test_networks_are_as_large_as_the_papers(kind: Any, options: Any, n_weights: int) -> None:
    assert kind(**options).count_params() == n_weights


@pytest.mark.slow
def test_the_joint_network_is_as_large_as_the_papers() -> None:
    assert models.JointNetwork().count_params() == 123_044_042


def test_the_joint_network_is_the_sum_of_its_parts() -> None:
    """Without its dense layers, which fit no test that is run often."""
    parts = [models.ScatteringCNN(), models.CoefficientCNN()]
    convolutions = sum(
        layer.count_params()
        for part in parts
        for layer in part.layers
        if isinstance(layer, keras.layers.Conv2D)
    )
    places = sum(layer.output.shape[1] for p in parts for layer in p.layers
                 if isinstance(layer, keras.layers.Flatten))  # fmt: skip
    assert places == 6_400 + 19_456
    dense = places * 4000 + 4000 + 4000 * 4000 + 4000 + 4000 * 10 + 10
    assert convolutions + dense == 123_044_042


@EACH
def test_answers_are_log_odds_of_named_tags(name: str) -> None:
    model = small(name)
    seen = model.seen(batch(5))
    odds = keras.ops.convert_to_numpy(model(seen))
    assert odds.shape == (5, 10)
    assert model.class_names == TAGS
    found = model.probabilities(seen)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-odds)), rtol=1e-4)
    assert small(name, tag_names=("ring", "halo"))(seen).shape == (5, 2)


@EACH
def test_a_network_learns_the_toys_tags(name: str, tmp_path: Path) -> None:
    model = small(name)
    model.compile(keras.optimizers.Adam(3e-3), model.new_loss(), jit_compile=False)
    known = batch(160)
    seen, truth = model.seen(known), model.truth(known)
    history = model.fit(seen, truth, epochs=8, batch_size=32, verbose=0).history["loss"]
    assert history[-1] < 0.75 * history[0]
    model.save(tmp_path / "model.keras")
    loaded = nt.load(tmp_path / "model.keras")
    assert type(loaded) is type(model)
    assert loaded.class_names == TAGS
    np.testing.assert_allclose(
        loaded.probabilities(seen), model.probabilities(seen), rtol=1e-5, atol=1e-6
    )


# Polar cells


@pytest.mark.parametrize("shift", [1, 3, 7])
def test_turning_changes_no_answer_of_cells(shift: int) -> None:
    model = small("polar-net")
    polar = batch(6)["polar"]
    model.compile("adam", model.new_loss(), jit_compile=False)
    model.fit(polar, model.truth(batch(6)), verbose=0)
    answers = model.predict(polar, verbose=0)
    np.testing.assert_allclose(
        model.predict(np.roll(polar, shift, axis=3), verbose=0), answers, rtol=1e-4, atol=1e-4
    )
    moved = model.predict(np.roll(polar, 1, axis=2), verbose=0)
    assert np.abs(moved - answers).max() > 1e-2


def test_what_no_pixel_sees_is_not_looked_at() -> None:
    model = small("polar-net")
    polar = batch(4)["polar"]
    polar[:, 1, 3:5, :2] = 0
    other = polar.copy()
    other[:, 0][other[:, 1] == 0] = 1e6
    np.testing.assert_array_equal(model.predict(other, verbose=0), model.predict(polar, verbose=0))


def test_channels_are_logarithms_and_significances() -> None:
    """Against loops over cells."""
    polar = batch(2)["polar"]
    polar[:, 1, 5, :3] = 0
    found = keras.ops.convert_to_numpy(PolarChannels()(polar))
    window = (1, 2, 3, 4, 3, 2, 1)
    for (mean, count), channels in zip(polar.astype(float), found, strict=True):
        pixels = count.sum(axis=1)
        total = (mean * count).sum(axis=1)
        ring = total / np.maximum(pixels, 1)
        for i in range(len(mean)):
            near = [(w, i + s) for w, s in zip(window, range(-3, 4), strict=True)
                    if 0 <= i + s < len(mean)]  # fmt: skip
            around = sum(w * total[j] for w, j in near) / sum(w * pixels[j] for w, j in near)
            along = (ring[i] - around) * np.sqrt(pixels[i] / (around + 0.02))
            for k in range(len(mean[0])):
                across = (mean[i, k] - ring[i]) * np.sqrt(count[i, k] / (ring[i] + 0.02))
                expected = [
                    np.log1p(mean[i, k]), np.sign(across) * np.log1p(abs(across)),
                    np.sign(along) * np.log1p(abs(along)), 1.0,
                ]  # fmt: skip
                seen = count[i, k] > 0
                np.testing.assert_allclose(
                    channels[i, k], np.array(expected) * seen, rtol=2e-4, atol=2e-4
                )


@pytest.mark.parametrize("n_azimuths", [8, 32])
def test_harmonics_are_those_of_an_fft(n_azimuths: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, n_azimuths, 4)).astype(np.float32)
    found = keras.ops.convert_to_numpy(Harmonics(4)(x)).reshape(2, 3, 4, 4)
    expected = np.abs(np.fft.rfft(x, axis=2))[:, :, :4] / np.sqrt(n_azimuths)
    np.testing.assert_allclose(found, np.log(0.02 + np.sqrt(expected**2 + 1e-6)), atol=1e-4)


# What is done to counts


def test_the_paper_sees_the_middle_in_logarithms() -> None:
    model = models.ScatteringCNN((256, 240))
    crop = model.get_layer("image_convolution_0").input
    seen = keras.Model(model.input, crop)
    counts = np.random.default_rng(0).integers(0, 65536, (1, 1, 256, 240)).astype(np.float32)
    expected = np.log1p(counts[:, 0, 14:241, 6:233]) / np.log(65536)
    np.testing.assert_allclose(seen.predict(counts, verbose=0)[..., 0], expected, rtol=1e-5)


@pytest.mark.parametrize("name", ["coefficient-cnn"])
def test_the_scale_of_coefficients_does_not_matter(name: str) -> None:
    model = small(name)
    coefficients = batch(4)["coefficients"]
    np.testing.assert_allclose(
        model.predict(1000 * coefficients, verbose=0),
        model.predict(coefficients, verbose=0), rtol=1e-4, atol=1e-5,
    )  # fmt: skip


@pytest.mark.parametrize("shape", [(32, 32), (45, 61)])
def test_vgg_takes_images_of_any_size(shape: Any) -> None:
    assert small("vgg").predict(np.ones((2, 1, *shape), "f4"), verbose=0).shape == (2, 10)


# The joint network


def test_the_joint_network_starts_from_two_trained_ones() -> None:
    joint = small("joint")
    keras.utils.set_random_seed(9)
    images, coefficients = (
        models.by_name(name)(**SMALL_NETWORKS[name])
        for name in ("scattering-cnn", "coefficient-cnn")
    )
    dense = joint.get_layer("dense_0").get_weights()
    joint.start_from(images, coefficients)
    known = batch(3)
    for part, where, seen in (
        (images, "image_places", known["views"]),
        (coefficients, "coefficient_places", known["coefficients"]),
    ):
        alone = keras.Model(part.input, part.get_layer(where).output)
        within = keras.Model(joint.inputs, joint.get_layer(where).output)
        np.testing.assert_allclose(
            within.predict([known["views"], known["coefficients"]], verbose=0),
            alone.predict(seen, verbose=0), rtol=1e-5, atol=1e-6,
        )  # fmt: skip
    for one, other in zip(joint.get_layer("dense_0").get_weights(), dense, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_joint_network_starts_from_no_others() -> None:
    joint = small("joint")
    images, coefficients = small("scattering-cnn"), small("coefficient-cnn")
    with pytest.raises(
        TypeError, match=r"images must be a ScatteringCNN\. Received: CoefficientCNN"
    ):
        joint.start_from(coefficients, coefficients)
    with pytest.raises(
        ValueError, match='coefficients must have the size of this network, "small"'
    ):
        joint.start_from(images, models.CoefficientCNN((6, 6), size="paper"))


def test_the_joint_network_takes_its_inputs_by_name_or_in_order() -> None:
    joint = small("joint")
    known = batch(4)
    views, coefficients = known["views"], known["coefficients"]
    answers = joint.predict((views, coefficients), verbose=0)
    by_name = {"coefficients": coefficients, "views": views}
    for same in ([views, coefficients], by_name):
        np.testing.assert_array_equal(joint.predict(same, verbose=0), answers)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(joint(by_name)), answers, rtol=1e-4, atol=1e-5
    )
    with pytest.raises(ValueError, match=r"must be shown views, coefficients\. Received: one part"):
        joint.predict(views, verbose=0)
    with pytest.raises(ValueError, match=r"must be shown views, coefficients\. Received: views"):
        joint({"views": views})


# The loss


def test_the_loss_is_the_cross_entropy_of_each_tag() -> None:
    odds = np.array([[2.0, -1.0, 40.0], [0.0, 3.0, -80.0]], np.float32)
    tags = np.array([[1, 0, 1], [1, 0, 1]], np.float32)
    p = 1 / (1 + np.exp(-odds.astype(np.float64)))
    each = -np.log(np.where(tags == 1, p, 1 - p))
    found = models.TaggingLoss()(tags, odds)
    assert float(found) == pytest.approx(each.mean(), rel=1e-5)
    weighted = models.TaggingLoss((1.0, 2.0, 0.5))(tags, odds)
    assert float(weighted) == pytest.approx((each * [1, 2, 0.5]).mean(), rel=1e-5)
