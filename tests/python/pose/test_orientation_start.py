"""nanotilt.pose.start: orientations of stereo pairs without labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from conftest import RunPython, refused
from nanotilt.pose import start as orientation_start
from nanotilt.pose.scores import orientation_scores
from nanotilt.pose.start import provisional_angles
from orientation_cases import stereo_pairs


@pytest.mark.parametrize(("antialias", "std_deg"), [("binary", 1.5), ("exact", 1.5)])
def test_squares_get_their_angles(antialias: str, std_deg: float) -> None:
    pairs, angles = stereo_pairs(1000, 10, antialias=antialias)
    found = provisional_angles(pairs[:, 0], pairs[:, 1], stereo_deg=10, symmetry=4)
    assert found.resultant_length > 0.99
    assert found.first_rad.shape == found.second_rad.shape == (1000,)
    both = np.concatenate([found.first_rad, found.second_rad])
    assert both.dtype == np.float64
    assert (both >= 0).all()
    assert (both < np.pi / 2).all()
    # One offset for first and second images.
    true = np.concatenate([angles, angles + np.deg2rad(10)])
    assert orientation_scores(both, true, 4).std_deg < std_deg


@pytest.mark.parametrize(("n_corners", "stereo_deg"), [(3, 15.0), (4, -10.0), (6, 8.0)])
def test_other_polygons_and_the_sense_of_turning(n_corners: int, stereo_deg: float) -> None:
    pairs, angles = stereo_pairs(400, stereo_deg, n_corners=n_corners)
    found = provisional_angles(pairs[:, 0], pairs[:, 1], stereo_deg=stereo_deg, symmetry=n_corners)
    assert found.resultant_length > 0.97
    assert orientation_scores(found.first_rad, angles, n_corners).std_deg < 3
    # Told the opposite, it turns the angles round.
    found = provisional_angles(pairs[:, 0], pairs[:, 1], stereo_deg=-stereo_deg, symmetry=n_corners)
    assert orientation_scores(found.first_rad, -angles, n_corners).std_deg < 3


def test_brightness_does_not_matter() -> None:
    pairs, _ = stereo_pairs(60, 10)
    factors = np.random.default_rng(1).uniform(0.1, 10, (60, 1, 1)).astype(np.float32)
    plain = orientation_start._polar(pairs[:, 0], 4)
    np.testing.assert_allclose(orientation_start._polar(pairs[:, 0] * factors, 4), plain, atol=1e-4)


def test_polar_images_of_a_turned_square_are_shifted() -> None:
    """By 10 of the 45 directions of a period: 20 degrees."""
    pairs, _ = stereo_pairs(20, 20)
    first = orientation_start._polar(pairs[:, 0], 4).reshape(20, -1, 45)
    second = orientation_start._polar(pairs[:, 1], 4).reshape(20, -1, 45)
    shifted = np.roll(first, 10, axis=2)
    assert np.abs(second - shifted).mean() < 0.1 * np.abs(second - first).mean()


def test_leading_eigenvectors_are_numpys() -> None:
    rng = np.random.default_rng(1)
    basis = np.linalg.qr(rng.normal(size=(300, 300)))[0]
    values = np.concatenate([[1, 0.99, 0.97, 0.96, 0.9], rng.uniform(-0.3, 0.6, 295)])
    found = orientation_start._leading_eigenvectors((basis * values) @ basis.T, 5)
    np.testing.assert_allclose(np.abs(np.sum(found * basis[:, :5], axis=0)), 1, atol=1e-8)


def test_works_with_numpy_alone(run_python: RunPython) -> None:
    code = """
import sys
import nanotilt.pose.scores, nanotilt.pose.start
print([name for name in ("tensorflow", "keras", "scipy") if name in sys.modules])
"""
    assert run_python(code) == "[]"


IMAGES = np.ones((40, 8, 8), np.float32)
EMPTY = IMAGES.copy()
EMPTY[3] = -1


@pytest.mark.parametrize(
    ("error", "field", "value", "changes"),
    [
        (ValueError, "stereo_deg", 90, {"stereo_deg": 90}),
        (ValueError, "stereo_deg", 0, {"stereo_deg": 0}),
        (TypeError, "stereo_deg", "10", {"stereo_deg": "10"}),
        (ValueError, "symmetry", 0, {"symmetry": 0}),
        (ValueError, "first", (40, 8, 8), {"second": IMAGES[:39]}),
        (ValueError, "first", (8, 8), {"first": IMAGES[0], "second": IMAGES[0]}),
        (ValueError, "first", (31, 8, 8), {"first": IMAGES[:31], "second": IMAGES[:31]}),
        (ValueError, "first[3]", 1, {"first": EMPTY}),
        (ValueError, "second[3]", 1, {"second": EMPTY}),
    ],
)
def test_wrong_arguments_are_named(error: Any, field: str, value: Any, changes: Any) -> None:
    arguments = {"first": IMAGES, "second": IMAGES, "stereo_deg": 10, "symmetry": 4, **changes}
    first, second = arguments.pop("first"), arguments.pop("second")
    refused(error, field, value, lambda: provisional_angles(first, second, **arguments))
