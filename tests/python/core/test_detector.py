"""The detector, step by step.

Shift and tilt, background, blur, counting, noise, centring, normalisation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import nanotilt as nt
import oracle_random
import oracles

Floats = npt.NDArray[np.float64]

SEED, START, COUNT = 17, 1000, 25
PLAIN = nt.Detector(
    n_bins=60, shift_std=0.0, angles_deg=(0, 65), background=0.0, blur_sigma_px=0.0, noise=0.0
)
PARTICLE = nt.Particle(nt.Outline(), (nt.Hole(0.2), nt.Spiral("clockwise")))
BEYOND = nt.Particle(nt.Outline(centre=(100.0, 100.0)))  # the detector sees its background alone


def recipe_of(
    detector: nt.Detector, particle: nt.Particle = PARTICLE, normalise: Any = "none"
) -> nt.Recipe:
    return nt.Recipe({"a": particle}, detector, normalise=normalise)


def views_of(particle: nt.Particle = PARTICLE, normalise: Any = "none", **changes: Any) -> Floats:
    recipe = recipe_of(replace(PLAIN, **changes), particle, normalise)
    return recipe.sample(SEED, START, COUNT).views.astype(np.float64)


def noise_normals() -> Floats:
    return np.array(
        [
            oracle_random.normals(
                oracle_random.Position(SEED, index), oracle_random.NOISE, 120
            ).reshape(2, 60)
            for index in range(START, START + COUNT)
        ]
    )


def test_thickness_is_the_projection_of_the_particles_rings() -> None:
    """`Recipe.particle`, `angle_rad` and `project` together make what `sample` gives."""
    detector = replace(PLAIN, angle_std_deg=10, about=(0.3, -0.4))
    batch = recipe_of(detector).sample(SEED, START, COUNT)
    assert batch.angle_rad.std(axis=0).min() > 0.05
    for i in range(COUNT):
        rings, densities = zip(*recipe_of(detector).particle(SEED, START + i), strict=True)
        grid: dict[str, Any] = {"n_bins": 60, "lower": -1.5, "upper": 1.5, "about": (0.3, -0.4)}
        seen = nt.project(rings, densities, angles_rad=batch.angle_rad[i], **grid)
        difference = np.abs(seen - batch.views[i])
        assert np.median(difference) < 1e-6
        assert difference.max() < 1e-2  # a ray along an edge


def test_shift_moves_both_limits_of_each_view() -> None:
    detector = replace(PLAIN, shift_std=0.1, sampling="bin")
    views = recipe_of(detector).sample(SEED, START, COUNT).views
    for i in range(COUNT):
        at = oracle_random.Position(SEED, START + i)
        (_, view_normals) = oracles.particle(recipe_of(detector), at, 0)
        rings, densities = zip(*recipe_of(detector).particle(SEED, START + i), strict=True)
        for view, angle in enumerate(np.radians(PLAIN.angles_deg)):
            shift = 0.1 * view_normals[view, 0]
            grid: dict[str, Any] = {"n_bins": 60, "lower": -1.5 + shift, "upper": 1.5 + shift}
            seen = nt.project(rings, densities, angles_rad=angle, sampling="bin", **grid)
            np.testing.assert_allclose(views[i, view], seen[0], atol=2e-5)
    assert np.abs(views - views_of(sampling="bin")).max() > 0.1


def test_background_is_added() -> None:
    np.testing.assert_allclose(views_of(background=20.0), 20 + views_of(), atol=3e-6)


def test_blur_is_the_kernels() -> None:
    blurred = views_of(blur_sigma_px=1.7, background=3.0)
    np.testing.assert_allclose(blurred, nt.gaussian_blur(3 + views_of(), 1.7), atol=1e-6)


@pytest.mark.parametrize("background", [20.0, 0.0, -20.0])
def test_noise_is_relative_to_the_magnitude(background: float) -> None:
    """Background and blur come first: the noise is white, and N(0, noise * |value|)."""
    clean = views_of(background=background, blur_sigma_px=1.0)
    noisy = views_of(background=background, blur_sigma_px=1.0, noise=0.1)
    np.testing.assert_allclose(noisy, clean + 0.1 * np.abs(clean) * noise_normals(), atol=1e-5)


def test_counts_are_whole_numbers_of_electrons() -> None:
    counts = views_of(background=2.0, dose=5.0) * 5
    np.testing.assert_allclose(counts, np.round(counts), atol=2e-5)
    assert counts.mean() == pytest.approx(5 * views_of(background=2.0).mean(), rel=0.02)


def test_noise_comes_after_counting() -> None:
    counted = views_of(background=20.0, dose=2.0)
    both = views_of(background=20.0, dose=2.0, noise=0.01)
    np.testing.assert_allclose(both, counted * (1 + 0.01 * noise_normals()), rtol=1e-6)


def test_nothing_is_counted_where_nothing_is() -> None:
    np.testing.assert_array_equal(views_of(BEYOND, dose=100.0), 0)
    np.testing.assert_array_equal(views_of(BEYOND, background=-5.0, dose=100.0), 0)


def test_large_dose_approaches_the_clean_view() -> None:
    clean = views_of(background=20.0)
    difference = views_of(background=20.0, dose=1e8) - clean
    assert 1e-4 < difference.std() < 1e-3  # sqrt(20 / 1e8) = 4.5e-4


def test_centring_by_the_oracle() -> None:
    """After the noise."""
    changes: dict[str, Any] = {"background": 20.0, "noise": 1e-3, "shift_std": 0.1}
    noise_std = oracles.noise_sum_std(replace(PLAIN, **changes))
    pairs = views_of(**changes)
    expected = [[oracles.centred(view, 20.0, noise_std) for view in pair] for pair in pairs]
    np.testing.assert_allclose(views_of(centring=True, **changes), expected, atol=2e-5)


def test_centring_puts_the_centre_of_mass_into_the_middle() -> None:
    wide: dict[str, Any] = {"lower": -6.0, "upper": 6.0, "background": 7.0, "shift_std": 0.5}
    signal = views_of(centring=True, **wide) - 7
    centres = signal @ np.arange(60) / signal.sum(axis=-1)
    np.testing.assert_allclose(centres, 29.5, atol=1e-4)
    uncentred = views_of(**wide) - 7
    assert (uncentred @ np.arange(60) / uncentred.sum(axis=-1)).std() > 1


def test_centring_removes_the_shift() -> None:
    """Up to interpolation between bins."""
    wide: dict[str, Any] = {"n_bins": 2000, "lower": -4.0, "upper": 4.0, "centring": True}
    difference = views_of(shift_std=0.3, sampling="bin", **wide)
    difference -= views_of(shift_std=0.0, sampling="bin", **wide)
    assert np.sqrt((difference**2).mean()) < 0.01


@pytest.mark.parametrize(
    "noise", [{}, {"noise": 1e-3}, {"noise": 0.1}, {"dose": 10.0}, {"noise": 0.02, "dose": 3.0}]
)
def test_views_without_signal_are_not_centred(noise: dict[str, float]) -> None:
    """The noise of background alone sums to four standard deviations once in 30,000 views."""
    changes: dict[str, Any] = {"background": 20.0, "blur_sigma_px": 0.7, **noise}
    empty = views_of(BEYOND, **changes)
    moved = views_of(BEYOND, centring=True, **changes)
    assert (moved != empty).any(axis=-1).mean() < 2e-3


def test_normalisation_comes_last() -> None:
    changes: dict[str, Any] = {"background": 20.0, "noise": 1e-3, "centring": True}
    raw = views_of(**changes)
    scaled = views_of(normalise=(18.0, 23.0), **changes)
    np.testing.assert_allclose(scaled, (raw - 18) / 5, atol=1e-6)


def test_values_outside_the_bounds_are_not_clipped() -> None:
    scaled = views_of(normalise=(0.5, 1.0))
    assert scaled.min() == pytest.approx(-1.0)
    assert scaled.max() > 2


def test_nominal_angles() -> None:
    batch = recipe_of(replace(PLAIN, angles_deg=(-90, 0, 33.3, 180))).sample(SEED, 0, 5)
    expected = np.broadcast_to(np.radians([-90, 0, 33.3, 180]), (5, 4))
    np.testing.assert_allclose(batch.angle_rad, expected, rtol=1e-6)


def test_views_differ_in_shift_and_noise() -> None:
    """Two views at the same angle are two observations."""
    views = views_of(angles_deg=(30, 30), shift_std=0.1)
    assert np.abs(views[:, 0] - views[:, 1]).max() > 0.1
    still = views_of(angles_deg=(30, 30), noise=0.1, background=1.0)
    ratio = still[:, 0] / still[:, 1] - 1
    assert ratio.std() == pytest.approx(0.1 * np.sqrt(2), rel=0.1)


def test_bins_are_the_mean_of_many_rays() -> None:
    coarse = views_of(n_bins=30, sampling="bin", lower=-1.45, upper=1.45)
    fine = views_of(n_bins=30 * 200, lower=-1.5 + 0.1 / 400, upper=1.5 - 0.1 / 400)
    np.testing.assert_allclose(fine.reshape(COUNT, 2, 30, 200).mean(axis=-1), coarse, atol=2e-3)
