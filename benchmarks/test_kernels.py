"""The bare kernels beside the same work in NumPy and scikit-image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nanotilt as nt
from nanotilt.benchmarking.lines import sinogram_reference as reference
from nanotilt.benchmarking.lines.numpy_reference import gaussian_blur
from nanotilt.benchmarking.lines.projecting import (
    IMAGE_TOLERANCE,
    N_ANGLES,
    N_CORNERS,
    RAY_TOLERANCE,
    largest_difference,
    relative_mean_difference,
)

pytestmark = pytest.mark.benchmark(max_time=0.3)

RING = reference.polygon(N_CORNERS)
ANGLES = reference.half_turn(N_ANGLES)
PROJECT = f"kernels: project {N_CORNERS} corners, {N_ANGLES} angles, {reference.N_BINS} bins"
BLUR = "kernels: gaussian_blur, 4096 x 64, sigma 0.5"


def project(sampling: Any) -> np.ndarray[Any, Any]:
    return nt.project(
        [RING],
        angles_rad=ANGLES,
        n_bins=reference.N_BINS,
        lower=reference.LOWER,
        upper=reference.UPPER,
        sampling=sampling,
        n_threads=1,
    )


@pytest.mark.parametrize("sampling", ["ray", "bin"])
def test_project(benchmark: Any, sampling: str) -> None:
    """By either sampling, every view has the polygon's area."""
    benchmark.group = PROJECT
    views = benchmark(project, sampling)
    x, y = RING.T.astype(np.float64)
    area = abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2
    tolerance = 1e-5 if sampling == "bin" else 2e-3
    np.testing.assert_allclose(views.sum(axis=1) * reference.BIN, area, rtol=tolerance)


@pytest.mark.parametrize("way", [reference.broadcast_sinogram, reference.listed_sinogram])
def test_numpy_project(benchmark: Any, way: Callable[..., np.ndarray[Any, Any]]) -> None:
    benchmark.group = PROJECT
    assert largest_difference(project("ray"), benchmark(way, RING, ANGLES)) < RAY_TOLERANCE


def test_image_and_radon(benchmark: Any) -> None:
    pytest.importorskip("skimage")
    benchmark.group = PROJECT
    views = benchmark(reference.radon_sinogram, RING, ANGLES)
    assert relative_mean_difference(project("ray"), views) < IMAGE_TOLERANCE


@pytest.fixture
def rows(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    return rng.standard_normal((4096, 64), np.float32)


def test_gaussian_blur(benchmark: Any, rows: np.ndarray[Any, Any]) -> None:
    benchmark.group = BLUR
    result = benchmark(nt.gaussian_blur, rows, 0.5, n_threads=1)
    np.testing.assert_allclose(result, gaussian_blur(rows, 0.5), atol=1e-5)


def test_numpy_gaussian_blur(benchmark: Any, rows: np.ndarray[Any, Any]) -> None:
    benchmark.group = BLUR
    result = benchmark(gaussian_blur, rows, 0.5)
    assert abs(result.sum() - rows.sum()) < 1
