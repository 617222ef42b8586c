"""Poisson counts drawn fast (kernels/counting.hpp): their distribution, independence and edges."""

from __future__ import annotations

import json
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

import nanotilt as nt
from distribution_checks import assert_follows, assert_uncorrelated
from oracle_random import Position, fast_poisson
from stream_cases import CASES

Floats = npt.NDArray[np.float64]

EMPTY = nt.Particle(nt.Outline(centre=(1e4, 1e4)))  # far from what is seen
EMPTY_SQUARE = nt.Particle(nt.Square(centre=(100.0, 100.0), centre_std=(0.0, 0.0)))
SWITCH = 16.0
"""Means from here on are drawn in another way."""

MEANS = [
    *(0.01, 0.1, 0.5, 1.0, 3.7, 10.0, 14.0, 15.5, 15.99),
    *(16.0, 16.01, 17.3, 20.0, 25.0, 50.0, 137.0, 1000.0, 10_000.0),
]


def counts_of(
    mean: float,
    count: int,
    *,
    n_bins: int = 50_000,
    dose: float = 1.0,
    seed: int = 99,
    counting: Literal["exact", "fast"] = "fast",
) -> Floats:
    """Counts (count, n_bins) of one mean, as a detector shows them."""
    detector = nt.Detector(
        n_bins=n_bins, background=mean / dose, dose=dose, counting=counting, noise=0.0,
        blur_sigma_px=0.0, shift_std=0.0,
    )  # fmt: skip
    views = nt.Recipe({"a": EMPTY}, detector, normalise="none").sample(seed, 0, count).views
    return views[:, 0].astype(np.float64) * dose


def assert_poisson(counts: Floats, mean: float) -> None:
    """Chi-square over all counts that are expected ten times or more; mean and variance."""
    n = counts.size
    assert (counts == np.floor(counts)).all()
    mean = float(np.float32(mean))
    observed = np.bincount(counts.astype(np.int64).ravel())
    probabilities = stats.poisson.pmf(np.arange(len(observed)), mean)
    often = probabilities * n > 10
    expected = np.append(probabilities[often], 1 - probabilities[often].sum()) * n
    found = np.append(observed[often], n - observed[often].sum())
    enough = expected > 5
    expected, found = expected[enough], found[enough]
    chi_square = ((found - expected) ** 2 / expected).sum()
    assert stats.chi2(max(len(found) - 1, 1)).sf(chi_square) > 1e-4
    assert abs(counts.mean() - mean) < 4.5 * np.sqrt(mean / n)
    assert abs(counts.var() - mean) < 4.5 * np.sqrt((mean + 2 * mean**2) / n)


@pytest.mark.parametrize("mean", MEANS)
def test_counts_follow_poisson(mean: float) -> None:
    assert_poisson(counts_of(mean, 20), mean)


@pytest.mark.slow
@pytest.mark.parametrize("mean", MEANS)
def test_ten_million_counts_follow_poisson(mean: float) -> None:
    assert_poisson(counts_of(mean, 200, seed=7), mean)


@pytest.mark.parametrize("mean", [0.3, 3.0, 15.9, 16.0, 40.0, 1000.0])
def test_tails_of_counts(mean: float) -> None:
    """Counts that come once in 10,000 draws and once in 100,000, on both sides."""
    counts = counts_of(mean, 20, seed=3)
    n = counts.size
    for tail in (1e-4, 1e-5):
        high = stats.poisson.isf(tail, mean)
        beyond = np.count_nonzero(counts > high)
        assert 1e-5 < stats.poisson.cdf(beyond, n * stats.poisson.sf(high, mean)) < 1 - 1e-5
        low = stats.poisson.ppf(tail, mean)
        below = np.count_nonzero(counts <= low)
        assert 1e-5 < stats.poisson.cdf(below, n * stats.poisson.cdf(low, mean)) < 1 - 1e-5


@pytest.mark.parametrize("mean", [0.2, 6.0, 15.99, 16.0, 17.0, 250.0, 1e5])
def test_documented_way_of_counting(mean: float) -> None:
    """Fifty thousand counts, one by one; floats beside a whole number decide a few otherwise."""
    expected = fast_poisson(np.full(50_000, float(np.float32(mean))), Position(12, 0), 0)
    difference = np.abs(counts_of(mean, 1, seed=12)[0] - expected)
    assert difference.max() <= 1
    assert np.count_nonzero(difference) <= (0 if mean < SWITCH else 5)


@pytest.mark.parametrize("mean", [2.5, 30.0])
def test_counts_are_independent(mean: float) -> None:
    """From value to value, through a group of 64 and across it, and from sample to sample."""
    counts = counts_of(mean, 2000, n_bins=192)
    for step in (1, 16, 32, 48, 64):
        assert_uncorrelated(counts[:, :-step], counts[:, step:])
        assert_uncorrelated((counts[:, :-step] - mean) ** 2, (counts[:, step:] - mean) ** 2)
    assert_uncorrelated(counts[1:], counts[:-1])


def test_a_count_depends_on_its_own_mean_only() -> None:
    """Neighbours on the other side of the switch change nothing."""
    shape = nt.Particle(nt.Square(size=1.0, size_std=0.0, centre_std=(0.0, 0.0)))
    for dose in (7.0, 20.0):  # few beside the square and many within it; all many

        def views(particle: nt.Particle, dose: float = dose) -> Any:
            camera = nt.Camera(
                n_pixels=50, noise="poisson", noise_level=dose, background=1.5, stereo_deg=20
            )
            recipe = nt.Recipe({"a": particle}, camera, normalise="none")
            return recipe.sample(4, 0, 20).views

        clean = nt.Recipe(
            {"a": shape},
            nt.Camera(n_pixels=50, noise="none", background=1.5, stereo_deg=20),
            normalise="none",
        ).sample(4, 0, 20)
        beside = clean.views == 1.5
        assert 0.5 < beside.mean() < 0.95
        np.testing.assert_array_equal(views(shape)[beside], views(EMPTY_SQUARE)[beside])


@pytest.mark.parametrize("n_bins", [1, 17, 63, 64, 65, 200])
def test_views_share_groups_of_counts_without_a_gap(n_bins: int) -> None:
    """Value number i of a sample is the same count, however the values are split into views."""
    fields: dict[str, Any] = {"background": 5.0, "dose": 4.0, "noise": 0.0, "blur_sigma_px": 0.0}
    recipe = nt.Recipe(
        {"a": EMPTY},
        nt.Detector(n_bins=n_bins, angles_deg=(0, 30, 60), counting="fast", **fields),
        normalise="none",
    )
    whole = nt.Recipe(
        {"a": EMPTY},
        nt.Detector(n_bins=3 * n_bins, counting="fast", **fields),
        normalise="none",
    )
    np.testing.assert_array_equal(
        recipe.sample(1, 5, 10).views.reshape(10, -1), whole.sample(1, 5, 10).views.reshape(10, -1)
    )


@pytest.mark.parametrize("background", [0.0, -0.0, -5.0, -1e30])
def test_nothing_is_counted_where_nothing_is(background: float) -> None:
    assert not counts_of(background, 2).any()


@pytest.mark.parametrize("mean", [1e5, 1e6, 1.6e7])
def test_large_means(mean: float) -> None:
    """As far as float32 tells whole numbers apart."""
    counts = counts_of(mean, 1)
    assert_follows((counts - mean) / np.sqrt(mean), stats.norm())


@pytest.mark.parametrize("mean", [3e9, 1e15])
def test_huge_means(mean: float) -> None:
    """Where float32 has steps as large as the noise or larger, the mean is kept."""
    assert abs(counts_of(mean, 2).mean() / mean - 1) < 1e-6


@pytest.mark.parametrize("dose", [3e38, 1e30, 1e20])
def test_doses_at_which_noise_is_below_the_precision(dose: float) -> None:
    views = counts_of(20.0 * dose, 2, dose=dose) / dose
    np.testing.assert_array_equal(views, 20.0)


def test_exact_counting_keeps_its_digests() -> None:
    """The field is left out of JSON at its default; what is written is read."""
    recipe = CASES["high dose"]
    assert "counting" not in json.loads(recipe.to_json())["detector"]
    fast = CASES["fast counts"]
    assert json.loads(fast.to_json())["detector"]["counting"] == "fast"
    assert nt.Recipe.from_json(fast.to_json()) == fast
    assert fast.detector.counting == "fast"
    as_before = {**json.loads(fast.to_json()), "digest": None}
    del as_before["detector"]["counting"]
    assert nt.Recipe.from_json(json.dumps(as_before)).detector.counting == "exact"


@pytest.mark.parametrize("describe", [nt.Detector, nt.Camera])
def test_other_ways_of_counting_are_refused(describe: Any) -> None:
    with pytest.raises(ValueError, match=r"counting must be .*Received: counting='quick'"):
        describe(counting="quick")
