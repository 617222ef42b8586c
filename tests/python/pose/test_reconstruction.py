"""Shapes put together from projections at angles that are known or found."""

from __future__ import annotations

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.pose import reconstruction

RECIPE = nt.recipes.s_projection(10)


def projections(count: int) -> tuple[np.ndarray, np.ndarray]:
    batch = RECIPE.sample(seed=4, count=count)
    return batch.views[:, 0], batch.angle_rad[:, 0].astype(np.float64)


def decibels(angles_rad: np.ndarray, views: np.ndarray) -> float:
    return reconstruction.reconstruct(views, angles_rad, reconstruction.true_image(RECIPE)).decibels


def test_true_angles_give_the_shape() -> None:
    views, angles = projections(600)
    truth = reconstruction.true_image(RECIPE)
    made = reconstruction.reconstruct(views, angles, truth)
    assert made.image.shape == truth.shape == (64, 64)
    assert made.decibels > 30  # 31.1 measured; a picture of nothing has some 10
    assert made.decibels == pytest.approx(-10 * np.log10(((made.image - truth) ** 2).mean()))
    # Their sum is the area, whatever the angles.
    assert made.image.sum() == pytest.approx(truth.sum(), rel=0.03)


def test_worse_angles_give_a_worse_shape() -> None:
    views, angles = projections(600)
    errors = np.random.default_rng(1).standard_normal(600)
    found = [decibels(angles + np.deg2rad(std) * errors, views) for std in (0, 1, 5, 20)]
    assert found[0] - found[1] < 0.8  # 0.5 measured
    assert found[1] - found[2] > 1
    assert found[2] - found[3] > 3
    assert decibels(-angles, views) < 13


def test_scattered_angles_count_by_their_distance() -> None:
    views, angles = projections(900)
    angles = np.mod(angles, 2 * np.pi)
    few = (angles > 1) & (np.arange(900) % 3 > 0)  # thinned out but for a sixth of the turn
    assert decibels(angles[~few], views[~few]) > 28


def test_the_offset_that_nothing_tells_is_removed() -> None:
    views, angles = projections(600)
    found = np.mod(angles + 2.5, 2 * np.pi)
    aligned = reconstruction.with_offset_removed(found, angles, 1)
    np.testing.assert_allclose(np.angle(np.exp(1j * (aligned - angles))), 0, atol=1e-9)
    tested = (views, angles, found)
    made = reconstruction.reconstructions(reconstruction.true_image(RECIPE), 1, tested, tested)
    assert list(made) == ["true", "predicted", "recovered"]
    assert made["predicted"].decibels == pytest.approx(made["true"].decibels, abs=1e-6)
    assert made["recovered"].decibels == pytest.approx(made["true"].decibels, abs=1e-6)


def test_a_sinogram_has_the_nearest_projection_in_each_row() -> None:
    views, angles = projections(600)
    made = reconstruction.reconstruct(views, angles, reconstruction.true_image(RECIPE))
    assert made.sinogram.shape == (180, 64)
    row = np.argmin(np.abs(np.angle(np.exp(1j * (angles - np.pi / 2)))))
    np.testing.assert_array_equal(made.sinogram[45], views[row])
