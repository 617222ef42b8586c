"""How particles lie: points at random, lattices, clusters, and what can be worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from conftest import refused
from nanotilt.segmentation import Dispersion, dispersion

WIDTH, HEIGHT = 100.0, 60.0


def at_random(rng: np.random.Generator, n: int) -> Dispersion:
    return dispersion(
        rng.uniform(0, WIDTH, n), rng.uniform(0, HEIGHT, n), width=WIDTH, height=HEIGHT
    )


@pytest.mark.parametrize("n", [20, 60, 300])
def test_points_at_random(n: int) -> None:
    """R and g are 1, and z has deviation 1, within three standard errors."""
    rng = np.random.default_rng(n)
    found = [at_random(rng, n) for _ in range(300)]
    for values in (np.array([f.clark_evans for f in found]), np.array([f.g for f in found])):
        error = values.std(axis=0) / math.sqrt(len(values))
        within = np.abs(values.mean(axis=0) - 1) < 3 * error
        # Of twenty bins, one beyond three is rare enough, and two are not.
        assert np.count_nonzero(~within) <= (within.ndim > 0)
        assert (np.abs(values.mean(axis=0) - 1) < 4.5 * error).all()
    z = np.array([f.clark_evans_z for f in found])
    assert z.std() == pytest.approx(1, abs=0.13)
    assert abs(z.mean()) < 3 / math.sqrt(len(z))


def test_without_rim_terms_distances_seem_large() -> None:
    rng = np.random.default_rng(8)
    x, y = rng.uniform(0, 100, (2, 200, 20))
    plain = [dispersion(*xy, width=100, height=100, rim=False) for xy in zip(x, y, strict=True)]
    assert np.mean([f.clark_evans for f in plain]) > 1.05
    one = plain[0]
    assert one.clark_evans == pytest.approx(one.mean_nearest * 2 * math.sqrt(20 / 1e4))


def test_hexagonal_lattice() -> None:
    """2 sqrt(2 / sqrt(3)) = 2.149: the largest value that there is (Clark and Evans 1954)."""
    rows, columns = np.indices((40, 46))
    x, y = (columns + 0.5 * (rows % 2) + 0.25).ravel(), ((rows + 0.5) * math.sqrt(0.75)).ravel()
    sides: dict[str, Any] = {"width": 46.0, "height": 40 * math.sqrt(0.75)}
    found = dispersion(x, y, **sides, rim=False)
    assert found.mean_nearest == pytest.approx(1)
    assert found.clark_evans == pytest.approx(2.1491, abs=1e-4)
    assert 2.1 < dispersion(x, y, **sides).clark_evans < found.clark_evans
    assert found.clark_evans_z > 50
    steps = dispersion(x, y, **sides, r_max=1.2, n_bins=12)
    assert (steps.g[:9] == 0).all()
    # Six neighbours in the ring from 1.0 to 1.1.
    assert steps.g[9] + steps.g[10] == pytest.approx(
        6 / (math.sqrt(4 / 3) * np.pi * 0.21), rel=0.12
    )


def test_clusters() -> None:
    rng = np.random.default_rng(9)
    parents = rng.uniform(20, 80, (2, 15))
    x, y = np.repeat(parents, 8, axis=1) + rng.normal(0, 1, (2, 120))
    found = dispersion(x, y, width=100, height=100)
    assert found.clark_evans < 0.5
    assert found.clark_evans_z < -8
    assert found.g[0] > 5


def test_by_hand() -> None:
    found = dispersion([1, 4, 4], [1, 1, 5], [2, 3, 5], width=10, height=20)
    assert found.n == 3
    assert found.number_density == pytest.approx(3 / 200)
    assert found.covered_share == pytest.approx(10 / 200)
    assert found.mean_nearest == pytest.approx((3 + 3 + 4) / 3)
    expected = 0.5 * math.sqrt(200 / 3) + 0.0514 * 60 / 3 + 0.041 * 60 / 3**1.5
    assert found.clark_evans == pytest.approx(found.mean_nearest / expected)
    pair = dispersion([1, 4], [1, 1], width=10, height=20, r_max=5, n_bins=5)
    ring = math.pi * (16 - 9)
    np.testing.assert_allclose(pair.g, [0, 0, 0, 200 / ring * 200 / (7 * 20), 0])
    np.testing.assert_allclose(pair.r, [0.5, 1.5, 2.5, 3.5, 4.5])


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_to_tell(n: int) -> None:
    found = dispersion([3.0] * n, [2.0] * n, [1.5] * n, width=10, height=10)
    assert (found.n, found.number_density, found.covered_share) == (n, n / 100, n * 0.015)
    for value in (found.mean_nearest, found.clark_evans, found.clark_evans_z, *found.g):
        assert math.isnan(value)


def test_two_in_one_place() -> None:
    found = dispersion([3, 3], [2, 2], width=10, height=10)
    assert (found.mean_nearest, found.clark_evans) == (0, 0)


GOOD: dict[str, Any] = {"x": [1.0, 2.0], "y": [1.0, 2.0], "width": 3, "height": 4}


@pytest.mark.parametrize(
    ("error", "field", "value", "arguments"),
    [
        (ValueError, "x", 3.5, {"x": [1, 3.5]}),
        (ValueError, "y", -0.5, {"y": [-0.5, 1]}),
        (ValueError, "y.shape", (3,), {"y": [1, 2, 3]}),
        (ValueError, "area", -1.0, {"area": [2, -1]}),
        (ValueError, "area.shape", (1,), {"area": [2]}),
        (ValueError, "width", 0, {"width": 0}),
        (ValueError, "r_max", 2, {"r_max": 2}),
        (ValueError, "n_bins", 0, {"n_bins": 0}),
        (TypeError, "rim", None, {"rim": None}),
    ],
)
def test_wrong_arguments(
    error: type[Exception], field: str, value: Any, arguments: dict[str, Any]
) -> None:
    refused(error, field, value, lambda: dispersion(**{**GOOD, **arguments}))
