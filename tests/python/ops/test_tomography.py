"""Sinograms and back-projection: against scikit-image, polygons, their definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.ndimage import gaussian_filter
from skimage import transform

import nanotilt as nt
from conftest import RunPython
from nanotilt.ops.tomography import FILTERS
from shapes import S_SHAPE
from smooth_images import ANGLES, DEGREES, smooth_image

Floats = npt.NDArray[np.floating[Any]]

WRONG: Any = [1, "rampe"]


def slow_radon(image: Floats, angles: Floats, n_detectors: int) -> Floats:
    """The definition in words of one line each, in double precision."""
    out = np.zeros((len(angles), n_detectors))
    for a, angle in enumerate(angles):
        sin, cos = np.sin(angle), np.cos(angle)
        by_rows = abs(cos) >= abs(sin)
        rows, scale, slope = (image, cos, sin / cos) if by_rows else (image.T, -sin, cos / sin)

        def line(u: float, rows: Floats = rows, slope: float = slope) -> float:
            """The line that meets the middle row u from its middle, row by row."""
            total = 0.0
            for r, row in enumerate(rows):
                at = len(row) // 2 + u + (r - len(rows) // 2) * slope
                total += np.interp(at, np.arange(-1, len(row) + 1), [0, *row, 0])
            return total

        for d in range(n_detectors):
            at = (d - n_detectors // 2) / scale
            four = [line(np.floor(at) + i) for i in (-1, 0, 1, 2)]
            weights = np.poly1d(np.polyfit([-1, 0, 1, 2], four, 3))
            out[a, d] = weights(at - np.floor(at)) / abs(scale)
    return out


@pytest.mark.parametrize(("shape", "circle"), [((11, 11), True), ((8, 12), False), ((9, 6), True)])
def test_radon_is_what_its_definition_says(shape: Any, circle: bool) -> None:
    image = np.random.default_rng(1).normal(size=shape)
    angles = np.array([0.0, 0.3, np.pi / 4, 1.2, np.pi / 2, 2.2, 3.0, 4.5, -0.7])
    found = nt.radon(image, angles, circle)
    n = min(shape)
    if circle:
        first = [-(-(side - n) // 2) for side in shape]
        image = image[first[0] : first[0] + n, first[1] : first[1] + n]
    expected = slow_radon(image, angles, found.shape[1])
    np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize("circle", [True, False])
@pytest.mark.parametrize("shape", [(64, 64), (65, 65), (48, 70)])
def test_radon_is_scikit_images(shape: tuple[int, int], circle: bool) -> None:
    image = smooth_image(*shape)
    expected = transform.radon(image, DEGREES, circle=circle).T
    found = nt.radon(image, ANGLES, circle)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 0.01 * np.abs(expected).max()


def test_radon_of_a_gaussian_is_a_gaussian() -> None:
    y, x = np.mgrid[:81, :81] - 40.0
    image = np.exp(-((x - 5) ** 2 + (y + 8) ** 2) / (2 * 4.0**2))
    found = nt.radon(image, ANGLES)
    middle = 5 * np.cos(ANGLES) + 8 * np.sin(ANGLES)
    t = np.arange(81) - 40
    expected = np.sqrt(2 * np.pi) * 4 * np.exp(-((t - middle[:, None]) ** 2) / (2 * 4.0**2))
    np.testing.assert_allclose(found, expected, atol=0.01 * expected.max())


def test_every_projection_has_the_images_mass() -> None:
    image = smooth_image(63, 63) ** 2
    masses = nt.radon(image, ANGLES).sum(axis=1)
    np.testing.assert_allclose(masses, image.sum(), rtol=5e-3)


def test_half_a_turn_mirrors_a_projection() -> None:
    image = smooth_image(33, 33)
    here, there = nt.radon(image, ANGLES), nt.radon(image, ANGLES + np.pi)
    np.testing.assert_allclose(there, here[:, ::-1], atol=1e-4)


def test_radon_is_linear() -> None:
    a, b = smooth_image(32, 32, 1), smooth_image(32, 32, 2)
    together = nt.radon(2 * a - 3 * b, ANGLES)
    apart = 2 * nt.radon(a, ANGLES) - 3 * nt.radon(b, ANGLES)
    np.testing.assert_allclose(together, apart, atol=1e-4)


@pytest.mark.parametrize("n_images", [1, 3, 40])
def test_stacks_and_threads_give_the_same_bits(n_images: int) -> None:
    images = np.stack([smooth_image(24, 20, seed) for seed in range(n_images)])
    sinograms = nt.radon(images, ANGLES[::7], False, n_threads=1)
    back = nt.filtered_back_projection(sinograms, ANGLES[::7], circle=False, n_threads=1)
    for n_threads in (2, 5):
        again = nt.radon(images, ANGLES[::7], False, n_threads=n_threads)
        np.testing.assert_array_equal(again, sinograms)
        again = nt.filtered_back_projection(
            sinograms, ANGLES[::7], circle=False, n_threads=n_threads
        )
        np.testing.assert_array_equal(again, back)
    for i in range(n_images):
        np.testing.assert_array_equal(nt.radon(images[i], ANGLES[::7], False), sinograms[i])
        alone = nt.filtered_back_projection(sinograms[i], ANGLES[::7], circle=False)
        np.testing.assert_array_equal(alone, back[i])


FINGERPRINT = """
import hashlib
import numpy as np
import nanotilt as nt

image = np.random.default_rng(3).normal(size=(45, 37))
angles = np.linspace(-1, 3, 23)
sinogram = nt.radon(image, angles, False)
back = nt.filtered_back_projection(sinogram, angles, "hann", False)
print(hashlib.sha256(sinogram.tobytes() + back.tobytes()).hexdigest())
"""


def test_every_simd_level_gives_the_same_bits(run_python: RunPython) -> None:
    levels = nt.build_info()["simd_levels"]
    found = {run_python(FINGERPRINT, NANOTILT_SIMD=level) for level in levels}
    assert len(found) == 1


@pytest.mark.parametrize("circle", [True, False])
@pytest.mark.parametrize("filter_name", [*FILTERS, None])
@pytest.mark.parametrize("n", [64, 47])
def test_back_projection_is_scikit_images(n: int, filter_name: Any, circle: bool) -> None:
    sinogram = transform.radon(smooth_image(n, n), DEGREES, circle=circle)
    expected = transform.iradon(sinogram, DEGREES, filter_name=filter_name, circle=circle)
    found = nt.filtered_back_projection(sinogram.T, ANGLES, filter_name, circle)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 0.01 * np.abs(expected).max()


@pytest.mark.parametrize("output_size", [20, 41, 60])
@pytest.mark.parametrize("circle", [True, False])
def test_back_projection_of_another_size(output_size: int, circle: bool) -> None:
    sinogram = transform.radon(smooth_image(41, 41), DEGREES, circle=circle)
    expected = transform.iradon(sinogram, DEGREES, output_size=output_size, circle=circle)
    found = nt.filtered_back_projection(sinogram.T, ANGLES, "ramp", circle, output_size)
    assert np.abs(found - expected).max() < 0.01 * np.abs(expected).max()


def test_an_image_comes_back() -> None:
    image = smooth_image(64, 64)
    back = nt.filtered_back_projection(nt.radon(image, ANGLES), ANGLES)
    assert np.sqrt(np.mean((back - image) ** 2)) < 0.01


def test_a_polygons_sinogram_is_that_of_its_image() -> None:
    n, view = 129, 2.4
    pixel = view / n
    image = nt.rasterise([S_SHAPE], n_pixels=n, field_of_view=view)
    half = (n // 2) * pixel
    exact = nt.tilt_series([S_SHAPE], angles_rad=ANGLES, n_bins=n, lower=-half, upper=half)
    np.testing.assert_allclose(nt.radon(image, ANGLES) * pixel, exact, atol=0.08 * exact.max())
    from_image = gaussian_filter(nt.radon(image, ANGLES) * pixel, (0, 2))
    np.testing.assert_allclose(from_image, gaussian_filter(exact, (0, 2)), atol=0.01 * exact.max())


def test_a_squares_tilt_series() -> None:
    square = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
    series = nt.tilt_series([square], [2.0], angles_rad=[0, np.pi / 4], n_bins=5, lower=-1, upper=1)
    half = np.sqrt(0.5)  # of the diagonal; along it the square is 2 (half - |u|) thick
    middle, beside = 4 * (half - 0.125), 4 * (half - 0.25) ** 2
    expected = [[0, 1, 2, 1, 0], [0, beside, middle, beside, 0]]
    np.testing.assert_allclose(series, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: nt.radon(np.zeros(3), 0.0),
            ValueError,
            r"must have shape \(height, width\)",
        ),
        (lambda: nt.radon(np.zeros((0, 3)), 0.0), ValueError, "no side 0"),
        (lambda: nt.radon([["a"]], 0.0), TypeError, "image must hold real numbers"),
        (lambda: nt.radon([[np.nan]], 0.0), ValueError, "image must be finite"),
        (lambda: nt.radon(np.zeros((3, 3)), "x"), TypeError, "angles_rad must hold real numbers"),
        (
            lambda: nt.radon(np.zeros((3, 3)), 0.0, WRONG[0]),
            TypeError,
            "circle must be True or False",
        ),
        (lambda: nt.radon(np.zeros((1, 2**14 + 1)), 0.0), ValueError, "sides <= 16384"),
        (
            lambda: nt.radon(np.zeros((3, 3)), 0.0, centre=WRONG[1]),
            ValueError,
            'centre must be "pixel" or "middle". Received: centre=\'rampe\'',
        ),
        (
            lambda: nt.filtered_back_projection(np.zeros((1, 8)), 0.0, centre=WRONG[0]),
            TypeError,
            'centre must be "pixel" or "middle". Received: centre=1',
        ),
        (
            lambda: nt.filtered_back_projection(np.zeros((3, 8)), [0.0, 1.0]),
            ValueError,
            r"a row for each of the 2 angles. Received: sinogram of shape \(3, 8\)",
        ),
        (
            lambda: nt.filtered_back_projection(np.zeros((1, 8)), 0.0, WRONG[1]),
            ValueError,
            "filter must be .*Received: filter='rampe'",
        ),
        (
            lambda: nt.filtered_back_projection(np.zeros((1, 8)), 0.0, None, WRONG, 8),
            TypeError,
            "circle must be True or False",
        ),
        (
            lambda: nt.filtered_back_projection(np.zeros((1, 8)), 0.0, output_size=0),
            ValueError,
            "output_size must be >= 1",
        ),
    ],
)
def test_wrong_arguments_are_named(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()
