"""Segmentation without networks: thresholds, forests, and how results are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage
from skimage.filters import threshold_otsu

from conftest import refused
from nanotilt.segmentation import Forest, forest, otsu_watershed, overlay, scores
from nanotilt.segmentation.baselines import otsu_threshold, pixel_features
from particle_cases import Floats, Labels, apart, random_discs


def noisy(rng: np.random.Generator, labels: Labels, contrast: float = 3.0) -> Floats:
    """Particles on a support that becomes brighter along x, with noise of deviation 1."""
    ramp = np.linspace(-4, 4, labels.shape[1])
    return np.asarray(contrast * (labels > 0) + ramp + rng.normal(0, 1, labels.shape))


def test_otsu_watershed_finds_particles_on_a_ramp() -> None:
    rng = np.random.default_rng(0)
    labels, _ = apart(128)
    found = otsu_watershed(noisy(rng, labels))
    assert found.dtype == np.int32
    assert scores(labels, found, ignore_rim=True).f1 > 0.97
    without = otsu_watershed(noisy(rng, labels), background_sigma=None)
    assert scores(labels, without, ignore_rim=True).f1 < 0.8
    stack = np.stack([noisy(rng, labels), -noisy(rng, labels)])
    both = otsu_watershed(stack)
    np.testing.assert_array_equal(both[0], otsu_watershed(stack[0]))
    np.testing.assert_array_equal(both[1], otsu_watershed(stack[1]))


def test_touching_discs_are_split() -> None:
    rows, columns = np.indices((40, 60)) + 0.5
    one, other = (np.hypot(columns - x, rows - 20) / r for x, r in ((22, 8.0), (37, 8.5)))
    true = np.where(np.minimum(one, other) < 1, 1 + (other < one), 0)
    found = otsu_watershed(1.0 * (true > 0), sigma=0)
    assert scores(true, found).ap75 == 1
    assert otsu_watershed(1.0 * (true > 0), sigma=0, min_distance_px=20).max() == 1
    assert otsu_watershed(1.0 * (true > 0), sigma=0, min_area_px=400).max() == 0


def test_nothing_to_see() -> None:
    assert otsu_watershed(np.full((20, 20), 3.0)).max() == 0
    assert otsu_watershed(np.zeros((0, 20, 20))).shape == (0, 20, 20)


def test_threshold_is_otsus() -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        values = np.where(rng.random((60, 60)) < 0.3, rng.normal(4, 1, (60, 60)), 0)
        values += rng.normal(0, 1, values.shape)
        width = np.ptp(values) / 256
        # scikit-image gives the middle of the last bin below, here it is the edge above.
        assert otsu_threshold(values) == pytest.approx(threshold_otsu(values), abs=0.51 * width)


def test_features_are_those_of_scipy() -> None:
    image = np.random.default_rng(2).normal(size=(24, 20))
    found = pixel_features(image)
    assert found.shape == (24, 20, 25)
    for i, scale in enumerate((0.7, 1.0, 1.6, 3.5, 5.0)):
        five = found[..., 5 * i : 5 * i + 5]
        np.testing.assert_allclose(five[..., 0], ndimage.gaussian_filter(image, scale))
        gradient = ndimage.gaussian_gradient_magnitude(image, scale)
        np.testing.assert_allclose(five[..., 1], gradient)
        np.testing.assert_allclose(five[..., 2], ndimage.gaussian_laplace(image, scale))
        np.testing.assert_allclose(five[..., 3] + five[..., 4], five[..., 2])
        assert (five[..., 3] >= five[..., 4]).all()


def test_forest_is_better_than_a_threshold_at_low_contrast() -> None:
    rng = np.random.default_rng(3)
    labels = np.stack([random_discs(rng, 12, 64, (4, 8))[0] for _ in range(4)])
    images = np.stack([noisy(rng, one, 1.5) for one in labels])
    trained = forest(images[:3], labels[:3], n_pixels=4000, n_trees=20)
    found = trained.instances(images[3])
    of_forest = scores(labels[3] > 0, found > 0)
    assert of_forest.dice > 0.8
    assert of_forest.dice > scores(labels[3] > 0, otsu_watershed(images[3]) > 0).dice
    likely = trained.foreground(images[2:])
    assert likely.shape == (2, 64, 64)
    np.testing.assert_array_equal(trained.instances(images[2:])[1], found)
    again = forest(images[:3], labels[:3], n_pixels=4000, n_trees=20)
    np.testing.assert_array_equal(again.foreground(images[3]), likely[1])


def test_forest_that_has_seen_one_class_alone() -> None:
    image = np.random.default_rng(4).normal(size=(16, 16))
    for label in (0, 1):
        trained = forest(image, np.full((16, 16), label), n_trees=2)
        assert isinstance(trained, Forest)
        assert (trained.foreground(image) == label).all()


def test_overlay() -> None:
    labels, _ = apart(32, 5)
    image = np.where(labels > 0, 1.0, 0.0)
    picture = overlay(image, labels, contrast=(0, 100))
    assert picture.shape == (32, 32, 3)
    assert picture.dtype == np.uint8
    coloured = np.ptp(picture.astype(int), axis=2) > 0
    inner = labels * np.asarray(ndimage.binary_erosion(labels > 0))
    np.testing.assert_array_equal(coloured, (labels > 0) & (inner == 0))
    assert (picture[inner > 0] == 255).all()
    assert (picture[labels == 0] == 0).all()
    assert len({tuple(picture[labels == k][0]) for k in range(1, 5)}) == 4
    thick = np.ptp(overlay(image, labels, thickness_px=2).astype(int), axis=2) > 0
    assert coloured.sum() < thick.sum() < (labels > 0).sum()
    touching = np.zeros((4, 8), int)
    touching[:, :4], touching[:, 4:] = 1, 2
    between = np.ptp(overlay(np.zeros((4, 8)), touching).astype(int), axis=2) > 0
    np.testing.assert_array_equal(np.flatnonzero(between[0]), [3, 4])
    assert (overlay(np.full((4, 4), 7.0), np.zeros((4, 4))) == 0).all()


IMAGE = np.zeros((8, 8))


@pytest.mark.parametrize(
    ("error", "field", "value", "call"),
    [
        (ValueError, "sigma", -1, lambda: otsu_watershed(IMAGE, sigma=-1)),
        (ValueError, "background_sigma", 0, lambda: otsu_watershed(IMAGE, background_sigma=0)),
        (ValueError, "min_distance_px", 0, lambda: otsu_watershed(IMAGE, min_distance_px=0)),
        (ValueError, "contrast", (5, 5), lambda: overlay(IMAGE, IMAGE, contrast=(5, 5))),
        (ValueError, "contrast", (5, 101), lambda: overlay(IMAGE, IMAGE, contrast=(5, 101))),
        (ValueError, "thickness_px", 0, lambda: overlay(IMAGE, IMAGE, thickness_px=0)),
        (ValueError, "instances.shape", (8, 7), lambda: overlay(IMAGE, IMAGE[:, 1:])),
        (ValueError, "n_trees", 0, lambda: forest(IMAGE, IMAGE, n_trees=0)),
        (ValueError, "seed", -1, lambda: forest(IMAGE, IMAGE, seed=-1)),
        (ValueError, "instances.shape", (8, 7), lambda: forest(IMAGE, IMAGE[:, 1:])),
    ],
)
def test_wrong_arguments(error: type[Exception], field: str, value: Any, call: Any) -> None:
    refused(error, field, value, call)
