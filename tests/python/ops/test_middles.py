"""What images turn about: the same place in rasterise, radon, tilt_series and back-projection."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import nanotilt as nt
from nanotilt.ops.tomography import Centre
from shapes import S_SHAPE
from smooth_images import ANGLES, smooth_image

Floats = npt.NDArray[np.floating[Any]]

BOTH: tuple[Centre, ...] = ("pixel", "middle")


def centres_of_mass(sinogram: Floats) -> Floats:
    """In bins, from the middle of the detectors."""
    places = np.arange(sinogram.shape[1]) - (sinogram.shape[1] - 1) / 2
    centres: Floats = sinogram.astype(np.float64) @ places / sinogram.sum(axis=1, dtype=np.float64)
    return centres


@pytest.mark.parametrize("circle", [True, False])
@pytest.mark.parametrize("n", [64, 65, 96, 97])
def test_an_image_is_seen_where_its_polygon_is(n: int, circle: bool) -> None:
    """Within 0.01 pixels at every angle, with the middle that rasterise and tilt_series share."""
    half = (n - 1) / 2
    ring = (np.asarray(S_SHAPE) * 0.3 + (0.13, -0.08)) * n  # off the axis, in pixels
    angles = np.linspace(0, 2 * np.pi, 181)
    exact = nt.tilt_series([ring], angles_rad=angles, n_bins=n, lower=-half, upper=half)
    image = nt.rasterise([ring], n_pixels=n, field_of_view=n)
    found = nt.radon(image, angles, circle, centre="middle")
    apart = centres_of_mass(found) - centres_of_mass(exact)
    assert np.abs(apart).max() < 0.01  # mere pixels: 0.003 to 0.005, without any on average
    assert abs(apart.mean()) < 1e-5
    if circle:
        # At right angles detectors look along rows and columns of pixels: the same numbers.
        right = slice(0, None, 45)
        np.testing.assert_allclose(found[right], exact[right], atol=2e-3 * exact.max())
        by_pixel = np.abs(centres_of_mass(nt.radon(image, angles)) - centres_of_mass(exact))
        assert by_pixel.max() < 0.01 if n % 2 else 1.1 < by_pixel.max() < 1.3


def test_both_middles_are_one_for_odd_sizes() -> None:
    image = smooth_image(33, 33)
    pixel, middle = (nt.radon(image, ANGLES, centre=centre) for centre in BOTH)
    np.testing.assert_allclose(middle, pixel, atol=1e-5)
    pixel, middle = (
        nt.filtered_back_projection(pixel, ANGLES, output_size=31, centre=centre) for centre in BOTH
    )
    inside = np.hypot(*(np.mgrid[:31, :31] - 15)) < 15  # the rims of the two circles differ
    np.testing.assert_allclose(middle[inside], pixel[inside], atol=1e-5)


@pytest.mark.parametrize("n", [64, 65])
def test_a_polygon_comes_back_where_it_was(n: int) -> None:
    """From its tilt series to its image, by the middle that both have; halves of a pixel tell."""
    half = (n - 1) / 2
    ring = np.asarray(S_SHAPE) * 0.3 * n + (2.3, 1.1)
    image = nt.rasterise([ring], n_pixels=n, field_of_view=n)
    series = nt.tilt_series([ring], angles_rad=ANGLES, n_bins=n, lower=-half, upper=half)

    def error(centre: Any) -> float:
        back = nt.filtered_back_projection(series, ANGLES, "shepp-logan", centre=centre)
        assert back.shape == image.shape
        return float(np.sqrt(np.mean((back - image) ** 2)))

    assert error("middle") < 0.09
    assert error("pixel") > (1.3 * error("middle") if n == 64 else 0)
    smaller = nt.filtered_back_projection(series, ANGLES, output_size=n - 9, centre="middle")
    whole = nt.filtered_back_projection(series, ANGLES, output_size=n + 11, centre="middle")
    middle = whole[10:-10, 10:-10]
    inside = np.hypot(*(np.mgrid[: n - 9, : n - 9] - (n - 10) / 2)) < (n - 9) / 2 - 1
    np.testing.assert_allclose(middle[inside], smaller[inside], atol=1e-4)


@pytest.mark.parametrize("shape", [(20, 24), (20, 25), (25, 20), (21, 24)])
def test_a_longer_side_is_cut_about_the_middle(shape: tuple[int, int]) -> None:
    """Half a turn mirrors what is seen, wherever the cut falls."""
    image = np.random.default_rng(2).uniform(size=shape)
    y, x = np.mgrid[: shape[0], : shape[1]]
    image *= np.hypot(y - (shape[0] - 1) / 2, x - (shape[1] - 1) / 2) < min(shape) / 2 - 1
    found = nt.radon(image, [0.4, 0.4 + np.pi], centre="middle")
    np.testing.assert_allclose(found[1], found[0, ::-1], atol=1e-4)
    widest = nt.radon(image, [0.4], circle=False, centre="middle")
    assert centres_of_mass(widest)[0] == pytest.approx(centres_of_mass(found)[0], abs=0.02)
