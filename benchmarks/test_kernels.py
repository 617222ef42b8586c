"""The bare kernels beside the same work in vectorised NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from numpy_reference import gaussian_blur, project, rough_circles

ANGLES = np.linspace(0, np.pi, 60, endpoint=False)
N_BINS = 128


@pytest.fixture
def ring(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    x, y = rough_circles(rng, np.ones(1, np.float32), 500)
    return np.stack([x[0], y[0]], axis=1)


def numpy_sinogram(ring: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    rays = np.linspace(-1.5, 1.5, N_BINS, dtype=np.float32)
    return np.stack([project(ring[:, 0], ring[:, 1], angle, rays) for angle in ANGLES])


@pytest.mark.parametrize("sampling", ["ray", "bin"])
def test_project(benchmark: Any, ring: np.ndarray[Any, Any], sampling: Any) -> None:
    benchmark.group = "project: 500 corners, 60 angles, 128 bins"
    result = benchmark(
        nt.project,
        [ring],
        angles_rad=ANGLES,
        n_bins=N_BINS,
        lower=-1.5,
        upper=1.5,
        sampling=sampling,
        n_threads=1,
    )
    # Rays within rounding of a corner may count an edge or not; bins differ by their width.
    difference = np.abs(result - numpy_sinogram(ring))
    assert np.quantile(difference, 0.99) < (1e-4 if sampling == "ray" else 0.2)


def test_numpy_project(benchmark: Any, ring: np.ndarray[Any, Any]) -> None:
    benchmark.group = "project: 500 corners, 60 angles, 128 bins"
    result = benchmark(numpy_sinogram, ring)
    assert result.shape == (60, N_BINS)


@pytest.fixture
def rows(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    return rng.standard_normal((4096, 64), np.float32)


def test_gaussian_blur(benchmark: Any, rows: np.ndarray[Any, Any]) -> None:
    benchmark.group = "gaussian_blur: 4096 x 64, sigma 0.5"
    result = benchmark(nt.gaussian_blur, rows, 0.5, n_threads=1)
    np.testing.assert_allclose(result, gaussian_blur(rows, 0.5), atol=1e-5)


def test_numpy_gaussian_blur(benchmark: Any, rows: np.ndarray[Any, Any]) -> None:
    benchmark.group = "gaussian_blur: 4096 x 64, sigma 0.5"
    result = benchmark(gaussian_blur, rows, 0.5)
    assert abs(result.sum() - rows.sum()) < 1
