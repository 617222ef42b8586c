"""Every random step of the detector follows its distribution.

Shift, tilt, noise, counts (Sullivan 2020, table 2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

import nanotilt as nt
from distribution_checks import assert_follows, assert_uncorrelated, largest_correlation
from nanotilt._core import _testing
from oracle_random import COUNTING, philox4x32, poisson

Floats = npt.NDArray[np.float64]

FIXED = nt.Outline(radius_std=0.0, roughness=0.0, centre_std=(0.0, 0.0))
EMPTY = nt.Outline(centre=(1000.0, 1000.0))  # far from the detector


def batch_of(outline: nt.Outline, count: int, seed: int = 5, **changes: Any) -> nt.Batch:
    fields: dict[str, Any] = {
        "background": 0.0,
        "blur_sigma_px": 0.0,
        "noise": 0.0,
        "shift_std": 0.0,
    }
    detector = nt.Detector(**{**fields, "angles_deg": (0.0, 90.0), **changes})
    recipe = nt.Recipe({"a": nt.Particle(outline)}, detector, normalise="none")
    return recipe.sample(seed, 0, count)


def test_shift() -> None:
    """Where the same disc is seen, view by view, in fine bins."""
    detector: dict[str, Any] = {"n_bins": 601, "lower": -2.0, "upper": 2.0, "sampling": "bin"}
    views = batch_of(FIXED, 5000, shift_std=0.05, **detector).views.astype(np.float64)
    places = views @ np.linspace(-2, 2, 601) / views.sum(axis=-1)
    shift = -places
    assert_follows(shift[:, 0], stats.norm(0, 0.05))
    assert_follows(shift[:, 1], stats.norm(0, 0.05))
    assert_uncorrelated(shift[:, 0], shift[:, 1])
    assert_uncorrelated(shift[1:], shift[:-1])


def test_tilt() -> None:
    """As reported; that views are taken at the reported tilt is shown with the detector."""
    batch = batch_of(FIXED, 20_000, angle_std_deg=3.0)
    tilt = np.degrees(batch.angle_rad.astype(np.float64))
    assert_follows(tilt[:, 0], stats.norm(0, 3))
    assert_follows(tilt[:, 1], stats.norm(90, 3))
    assert_uncorrelated(tilt[:, 0], tilt[:, 1])
    assert_uncorrelated(tilt[1:, 0], tilt[:-1, 0])
    assert_uncorrelated(tilt[1:, 0], tilt[:-1, 1])


def test_tilt_and_shift_are_independent() -> None:
    detector: dict[str, Any] = {"n_bins": 601, "lower": -2.0, "upper": 2.0, "sampling": "bin"}
    batch = batch_of(FIXED, 4000, shift_std=0.05, angle_std_deg=3.0, **detector)
    places = batch.views @ np.linspace(-2, 2, 601).astype(np.float32) / batch.views.sum(axis=-1)
    assert_uncorrelated(batch.angle_rad[:, 0], places[:, 0])
    assert_uncorrelated(batch.angle_rad[:, 0], places[:, 1])


@pytest.fixture(scope="module")
def noise() -> Floats:
    """Relative noise (sample, view, bin), which should be standard normal: 4 million values."""
    views = batch_of(EMPTY, 50_000, background=20.0, noise=0.05, n_bins=40).views
    return (views.astype(np.float64) / 20 - 1) / 0.05


def test_noise_is_normal(noise: Floats) -> None:
    assert_follows(noise[:, 0, ::5], stats.norm())
    assert_follows(noise[:, 1, ::5], stats.norm())
    assert abs(noise.mean()) < 4.5 / np.sqrt(noise.size)
    assert abs(noise.var() - 1) < 4.5 * np.sqrt(2 / noise.size)


@pytest.mark.parametrize("bound", [3.0, 4.0])
def test_tails_of_the_noise(noise: Floats, bound: float) -> None:
    expected = noise.size * stats.norm.sf(bound)
    for beyond in (np.count_nonzero(noise > bound), np.count_nonzero(noise < -bound)):
        assert 1e-5 < stats.poisson.cdf(beyond, expected) < 1 - 1e-5


def test_noise_is_independent(noise: Floats) -> None:
    """From bin to bin, from view to view, from sample to sample."""
    assert largest_correlation(noise.reshape(len(noise), -1)) < 6 / np.sqrt(len(noise))
    for power in (1, 2):
        assert_uncorrelated(noise[1:, 0, 0] ** power, noise[:-1, 0, 0] ** power)
        assert_uncorrelated(noise[1:, 0, 0] ** power, noise[:-1, 1, 39] ** power)


def test_noise_is_independent_of_particle_and_shift() -> None:
    disc = batch_of(nt.Outline(roughness=0.0), 20_000, background=20.0, shift_std=0.1, n_bins=33)
    noisy = batch_of(
        nt.Outline(roughness=0.0), 20_000, background=20.0, shift_std=0.1, n_bins=33, noise=0.05
    )
    noise = (noisy.views / disc.views - 1).astype(np.float64)
    assert_follows(noise, stats.norm(0, 0.05))
    for bin_number in (0, 8, 16, 24, 32):
        assert_uncorrelated(noise[:, 0, 0], disc.views[:, 0, bin_number])
    assert_uncorrelated(noise, disc.views)


MEANS = [0.01, 0.3, 1.0, 3.7, 9.99, 10.0, 12.5, 30.0, 137.0, 1000.0, 20_000.0, 3e6]


@pytest.mark.parametrize("mean", MEANS)
def test_counts_follow_poisson(mean: float) -> None:
    """Chi-square against the exact probabilities, in some 100 classes of counts at most."""
    n = 100_000
    counts = _testing.poisson_counts(mean, 99, n)
    assert (counts == np.floor(counts)).all()
    edges = np.unique(stats.poisson.ppf(np.linspace(0, 1, 101)[1:-1], mean))
    probabilities = np.diff(stats.poisson.cdf(edges, mean), prepend=0, append=1)
    observed = np.bincount(np.searchsorted(edges, counts), minlength=len(probabilities))
    enough = probabilities * n > 5
    assert probabilities[enough].sum() > 0.999
    expected = probabilities[enough] / probabilities[enough].sum() * observed[enough].sum()
    if enough.sum() > 1:
        assert stats.chisquare(observed[enough], expected).pvalue > 1e-4
    assert abs(counts.mean() - mean) < 4.5 * np.sqrt(mean / n)
    variance_error = np.sqrt((mean + 2 * mean**2) / n)  # fourth central moment: mean + 3 mean^2
    assert abs(counts.var() - mean) < 4.5 * variance_error


@pytest.mark.parametrize("mean", [0.2, 6.0, 9.99, 10.0, 17.0, 250.0, 1e5])
def test_documented_way_of_counting(mean: float) -> None:
    """Two hundred thousand counts, one by one."""
    n = 200_000

    def words(step: int) -> npt.NDArray[np.uint32]:
        sample = np.arange(n, dtype=np.uint64)
        zero = np.zeros_like(sample)
        counter = np.stack(
            [zero + np.uint64(step), zero + np.uint64(COUNTING), sample, zero], axis=-1
        )
        return philox4x32(counter, (12, 0))

    expected = poisson(np.full(n, mean), words)
    np.testing.assert_array_equal(_testing.poisson_counts(mean, 12, n), expected)


@pytest.mark.parametrize("mean", [3.0, 9.5, 40.0])
def test_tails_of_counts(mean: float) -> None:
    """Counts that come once in 10,000 draws and once in 100,000, on both sides."""
    n = 1_000_000
    counts = _testing.poisson_counts(mean, 3, n)
    for tail in (1e-4, 1e-5):
        high = stats.poisson.isf(tail, mean)
        beyond = np.count_nonzero(counts > high)
        assert 1e-5 < stats.poisson.cdf(beyond, n * stats.poisson.sf(high, mean)) < 1 - 1e-5
        low = stats.poisson.ppf(tail, mean)
        below = np.count_nonzero(counts <= low)
        assert 1e-5 < stats.poisson.cdf(below, n * stats.poisson.cdf(low, mean)) < 1 - 1e-5


@pytest.mark.parametrize("mean", [0.0, -0.0, -1.0, -1e30])
def test_nothing_is_counted_at_no_mean(mean: float) -> None:
    assert not _testing.poisson_counts(mean, 1, 1000).any()


@pytest.mark.parametrize("mean", [1e9, 1e12, 1e15])
def test_huge_means(mean: float) -> None:
    counts = _testing.poisson_counts(mean, 8, 20_000)
    assert_follows((counts - mean) / np.sqrt(mean), stats.norm())


@pytest.mark.parametrize(("background", "dose"), [(20.0, 0.1), (20.0, 30.0)])
def test_counts_of_a_view(background: float, dose: float) -> None:
    """Mean and variance of each bin, and independence from bin to bin and view to view."""
    views = batch_of(EMPTY, 30_000, background=background, dose=dose, n_bins=16).views.astype(
        np.float64
    )
    counts = np.round(views * dose).reshape(len(views), -1)
    mean = background * dose
    assert np.abs(counts.mean(axis=0) - mean).max() < 5 * np.sqrt(mean / len(views))
    assert np.abs(counts.var(axis=0) - mean).max() < 5 * np.sqrt((mean + 2 * mean**2) / len(views))
    assert largest_correlation(counts) < 6 / np.sqrt(len(views))
