"""Normal variates: their mapping from random words, their distribution, their independence."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

import oracle_random
from distribution_checks import largest_correlation
from nanotilt._core import _testing

LARGEST = np.sqrt(2 * np.log(2.0**32))  # the smallest uniform is 2**-32


@pytest.mark.parametrize("purpose", range(5))
@pytest.mark.parametrize("seed", [0, 7, 2**32, 2**64 - 1])
@pytest.mark.parametrize("index", [0, 12345, 2**32 + 5, 2**63 - 1])
def test_documented_mapping(seed: int, index: int, purpose: int) -> None:
    """Seed and index enter with all 64 bits."""
    expected = oracle_random.normals(oracle_random.Position(seed, index), purpose, 192)
    np.testing.assert_allclose(
        _testing.standard_normals(seed, index, purpose, 3), expected, atol=2e-6
    )


def test_mapping_over_many_values() -> None:
    """Logarithm, sine and cosine over their whole ranges: errors below 1.5e-6, typically 1e-7."""
    drawn = _testing.standard_normals(3, 0, 2, 20_000)
    error = np.abs(drawn - oracle_random.normals(oracle_random.Position(3, 0), 2, drawn.size))
    assert error.max() < 1.5e-6
    assert np.median(error) < 1e-7


@pytest.fixture(scope="module")
def many() -> np.typing.NDArray[np.float32]:
    """20 million normals."""
    return _testing.standard_normals(20_261_121, 5, 3, 312_500)


def test_moments(many: np.typing.NDArray[np.float32]) -> None:
    """Each within 4.5 standard errors."""
    n, z = many.size, many.astype(np.float64)
    squared = z * z
    assert abs(z.mean()) < 4.5 * np.sqrt(1 / n)
    assert abs(squared.mean() - 1) < 4.5 * np.sqrt(2 / n)
    assert abs((squared * z).mean()) < 4.5 * np.sqrt(15 / n)
    assert abs((squared * squared).mean() - 3) < 4.5 * np.sqrt(96 / n)


def test_shape(many: np.typing.NDArray[np.float32]) -> None:
    """Chi-square over 1,000 bins of equal probability."""
    edges = stats.norm.ppf(np.linspace(0, 1, 1001))
    counts, _ = np.histogram(many, bins=np.nan_to_num(edges, posinf=9, neginf=-9))
    assert counts.sum() == many.size
    assert stats.chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("bound", [3.0, 4.0, 4.5, 5.0])
def test_tails(many: np.typing.NDArray[np.float32], bound: float, sign: int) -> None:
    expected = many.size * stats.norm.sf(bound)
    beyond = np.count_nonzero(sign * many > bound)
    assert 1e-5 < stats.poisson.cdf(beyond, expected) < 1 - 1e-5


def test_extremes(many: np.typing.NDArray[np.float32]) -> None:
    assert np.isfinite(many).all()
    assert 5.0 < np.abs(many).max() <= LARGEST * (1 + 1e-6)


def test_neighbours_are_independent(many: np.typing.NDArray[np.float32]) -> None:
    """Correlation of values and of squares, at every distance within a group of 64 and beyond."""
    z = many[:2_000_000].astype(np.float64)
    squares = z * z - 1
    for lag in range(1, 130):
        assert abs((z[lag:] * z[:-lag]).mean()) < 5 / np.sqrt(z.size)
        assert abs((squares[lag:] * squares[:-lag]).mean()) < 5 * 2 / np.sqrt(z.size)


def test_directions_are_uniform(many: np.typing.NDArray[np.float32]) -> None:
    """The two normals of a pair stand for a point whose direction is uniform."""
    pairs = many[:3_200_000].reshape(-1, 2, 2, 16)
    angle = np.arctan2(pairs[:, :, 1], pairs[:, :, 0]).ravel()
    counts, _ = np.histogram(angle, bins=360, range=(-np.pi, np.pi))
    assert stats.chisquare(counts).pvalue > 1e-4


def test_no_two_places_share_normals() -> None:
    """Over seeds, indices and purposes, with values that differ in one high or low bit only."""
    powers = [0, *(2**bit for bit in range(0, 63, 3))]
    rows = [
        _testing.standard_normals(seed, index, purpose, 1)
        for seed, index, purpose in product(powers, powers, range(5))
    ]
    assert len(np.unique(np.array(rows), axis=0)) == len(rows)


def test_neighbouring_seeds_and_indices_are_unrelated() -> None:
    by_seed = np.array([_testing.standard_normals(seed, 0, 2, 1) for seed in range(4000)])
    by_index = np.array([_testing.standard_normals(0, index, 2, 1) for index in range(4000)])
    for rows in (by_seed, by_index):
        assert stats.kstest(rows.ravel(), "norm").pvalue > 1e-4
        assert largest_correlation(np.hstack([rows[1:], rows[:-1]])) < 6 / np.sqrt(len(rows))
