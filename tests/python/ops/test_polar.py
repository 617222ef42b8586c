"""Means over polar cells and rings, against a NumPy oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nanotilt as nt
import oracle_polar as oracle

RNG = np.random.default_rng(3)
IMAGES = RNG.normal(10, 5, (4, 37, 45)).astype(np.float32)
MASK = RNG.random((37, 45)) < 0.8
CENTRE = (20.3, 15.6)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("half_turn", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("centre", [CENTRE, (-7.2, 3.4)])
def test_cells_are_those_of_the_oracle(
    log: bool, half_turn: bool, masked: bool, centre: tuple[float, float]
) -> None:
    radius = (1.7, 21.0)
    mask = MASK if masked else None
    cells = nt.polar_bins(
        IMAGES[0], centre, 7, 12, radius, spacing="log" if log else "linear",
        half_turn=half_turn, mask=mask,
    )  # fmt: skip
    mean, count = oracle.polar_means(
        IMAGES[0], centre, 7, 12, radius, log=log, half_turn=half_turn, mask=mask
    )
    np.testing.assert_array_equal(cells.n_pixels, count)
    np.testing.assert_allclose(cells.mean, mean, rtol=2e-7)
    assert count.any()


def test_the_whole_image_is_inside_by_default() -> None:
    cells = nt.polar_bins(IMAGES, CENTRE, 9, 5)
    assert (cells.n_pixels.sum(axis=(1, 2)) == IMAGES[0].size).all()
    total = (cells.mean.astype(np.float64) * cells.n_pixels).sum(axis=(1, 2))
    np.testing.assert_allclose(total, IMAGES.sum(axis=(1, 2), dtype=np.float64), rtol=1e-6)


def test_pixels_on_a_border_belong_to_the_cell_that_begins_there() -> None:
    image = np.zeros((3, 3), np.float32)
    image[1, 2], image[2, 1], image[1, 0], image[0, 1] = 1, 2, 3, 4  # right, below, left, above
    cells = nt.polar_bins(image, (1, 1), 1, 4, (0.9, 1.1))
    assert cells.mean.tolist() == [[1, 2, 3, 4]]
    half = nt.polar_bins(image, (1, 1), 1, 2, (0.9, 1.1), half_turn=True)
    assert half.mean.tolist() == [[2, 3]]
    diagonal = np.arange(9).reshape(3, 3)
    cells = nt.polar_bins(diagonal, (1, 1), 1, 8, (1.2, 2))
    assert cells.mean.tolist() == [[0, 8, 0, 6, 0, 0, 0, 2]]


def test_cells_tell_where_they_lie() -> None:
    cells = nt.polar_bins(IMAGES, CENTRE, 3, 4, 12, spacing="log", half_turn=True)
    assert cells[2:] == ((1.0, 12.0), "log", True)
    inner, outer = nt.polar_bins(IMAGES, CENTRE, 3, 4).radius
    assert inner == 0
    assert outer == pytest.approx(np.hypot(CENTRE[0] - 44, CENTRE[1] - 36), rel=1e-5)


def test_opposite_pixels_share_a_cell() -> None:
    full = nt.polar_bins(IMAGES[0], CENTRE, 4, 12)
    half = nt.polar_bins(IMAGES[0], CENTRE, 4, 6, half_turn=True)
    count = full.n_pixels[:, :6] + full.n_pixels[:, 6:]
    np.testing.assert_array_equal(half.n_pixels, count)
    sums = full.mean.astype(np.float64) * full.n_pixels
    np.testing.assert_allclose(half.mean * count, sums[:, :6] + sums[:, 6:], rtol=1e-5)


def test_masked_pixels_are_not_looked_at() -> None:
    spoiled = IMAGES.copy()
    spoiled[:, ~MASK] = np.nan
    kept = nt.polar_bins(spoiled, CENTRE, 5, 6, mask=MASK)
    _same(kept, nt.polar_bins(IMAGES, CENTRE, 5, 6, mask=MASK))
    with pytest.raises(ValueError, match="images must be finite"):
        nt.polar_bins(spoiled, CENTRE, 5, 6)
    spoiled[2, MASK] = np.inf
    with pytest.raises(ValueError, match="images must be finite"):
        nt.polar_bins(spoiled, CENTRE, 5, 6, mask=MASK)


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_a_batch_is_its_images_one_by_one(n_threads: int) -> None:
    centres = np.array([CENTRE, (3, 4), (22, 18), (44.5, 36)])
    masks = RNG.random(IMAGES.shape) < 0.7
    given: dict[str, Any] = {"n_radii": 5, "n_angles": 6, "radius": 18.0}
    alone = [nt.polar_bins(IMAGES[i], CENTRE, **given) for i in range(4)]
    _same(nt.polar_bins(IMAGES, CENTRE, **given, n_threads=n_threads), _stacked(alone))
    alone = [nt.polar_bins(IMAGES[i], centres[i], **given, mask=masks[i]) for i in range(4)]
    several = nt.polar_bins(IMAGES, centres, **given, mask=masks, n_threads=n_threads)
    _same(several, _stacked(alone))


def test_profiles_are_means_and_maxima_of_rings() -> None:
    radius, n_radii = (2.0, 16.0), 6
    profile = nt.azimuthal_profile(IMAGES, CENTRE, n_radii, radius, n_angles=9)
    for i, image in enumerate(IMAGES):
        mean, count = oracle.polar_means(image, CENTRE, n_radii, 1, radius)
        cells, _ = oracle.polar_means(image, CENTRE, n_radii, 9, radius)
        np.testing.assert_allclose(profile.mean[i], mean[:, 0], rtol=1e-6)
        np.testing.assert_array_equal(profile.n_pixels[i], count[:, 0])
        np.testing.assert_allclose(profile.maximum[i], cells.max(axis=1), rtol=1e-6)


def test_rings_without_pixels_are_zero() -> None:
    profile = nt.azimuthal_profile(-np.ones((4, 4)), (1.5, 1.5), 3, (50, 60))
    assert profile.mean.tolist() == profile.maximum.tolist() == profile.n_pixels.tolist() == [0] * 3


def test_cells_are_those_of_pyfai() -> None:
    integrators = pytest.importorskip("pyFAI.integrator.azimuthal")
    ai = integrators.AzimuthalIntegrator(
        dist=1.0, poni1=(CENTRE[1] + 0.5) * 1e-4, poni2=(CENTRE[0] + 0.5) * 1e-4, pixel1=1e-4,
        pixel2=1e-4, wavelength=1e-10,
    )  # fmt: skip
    found = ai.integrate2d(
        IMAGES[0], 8, 12, unit="r_mm", radial_range=(0, 1.41), azimuth_range=(-180, 180),
        method=("no", "histogram", "cython"), correctSolidAngle=False,
    )  # fmt: skip
    cells = nt.polar_bins(IMAGES[0], CENTRE, 8, 12, 14.1)
    shown = np.roll(np.asarray(found.intensity), -6, axis=0).T
    np.testing.assert_allclose(shown, cells.mean, rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"centre": (1, 2, 3)}, ValueError, "centre must be"),
        ({"centre": [(1, 2)] * 3}, ValueError, "centre must be"),
        ({"centre": (1e9, 2)}, ValueError, "centre must be within"),
        ({"centre": (np.nan, 2)}, ValueError, "centre must be finite"),
        ({"radius": 0}, ValueError, "radius must be > 0"),
        ({"radius": (3, 3)}, ValueError, "radius must be"),
        ({"radius": (-1, 3)}, ValueError, "radius must be"),
        ({"radius": (0, 3), "spacing": "log"}, ValueError, "radius must be"),
        ({"radius": "far"}, TypeError, "radius must be"),
        ({"n_radii": 0}, ValueError, "n_radii must be"),
        ({"n_angles": 2.0}, TypeError, "n_angles must be"),
        ({"n_radii": 2**14, "n_angles": 2**14, "images": np.ones((9, 2, 2))}, ValueError,
         "n_radii and n_angles"),
        ({"spacing": "square"}, ValueError, "spacing must be"),
        ({"half_turn": 1}, TypeError, "half_turn must be"),
        ({"mask": np.ones((3, 3))}, ValueError, "mask must have the shape"),
        ({"images": IMAGES[0, 0]}, ValueError, "images must have shape"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(change: dict[str, Any], kind: type, words: str) -> None:
    given = {"images": IMAGES, "centre": CENTRE, "n_radii": 5, "n_angles": 6}
    with pytest.raises(kind, match=words):
        nt.polar_bins(**{**given, **change})


def _stacked(cells: list[nt.ops.polar.PolarCells]) -> tuple[Any, Any]:
    return np.stack([c.mean for c in cells]), np.stack([c.n_pixels for c in cells])


def _same(one: Any, other: Any) -> None:
    for a, b in zip(one[:2], other[:2], strict=True):
        np.testing.assert_array_equal(a, b)
