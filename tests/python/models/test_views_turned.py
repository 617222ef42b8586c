"""Images of one particle from several sides, turned back onto the first."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import nanotilt as nt
from nanotilt.models._views import as_channels

SCENE = nt.Discs(number=(3, 3), radius=0.3, radius_std=0.0, spread=1.0)


def seen(angles_deg: tuple[float, ...], blur_px: float = 2.0) -> np.ndarray:
    """A noise-free sample, turned back: (n, n, n_views)."""
    camera = nt.Camera(
        33, 3.0, blur_sigma_px=blur_px, noise="none", stereo_deg=angles_deg[1:], centring=False
    )
    views = nt.Recipe({"discs": SCENE}, camera, normalise="none").sample(3, 0, 1).views
    made = as_channels(keras.ops.convert_to_tensor(views), angles_deg)
    turned: np.ndarray = np.asarray(keras.ops.convert_to_numpy(made))[0]
    return turned


def test_quarter_turns_come_back_exactly() -> None:
    turned = seen((0.0, 90.0, 180.0, 270.0, -90.0, 450.0), blur_px=0.0)
    for view in range(1, 6):
        np.testing.assert_allclose(turned[..., view], turned[..., 0], atol=1e-5)


@pytest.mark.parametrize("angle_deg", [10.0, 45.0, 120.0, -33.3])
def test_any_other_turn_comes_back_as_far_as_pixels_can_tell(angle_deg: float) -> None:
    first, second = np.moveaxis(seen((0.0, angle_deg)), -1, 0)
    rows, columns = np.mgrid[:33, :33] - 16
    inside = rows**2 + columns**2 < 14**2  # the corners of the first are not in the second
    assert np.abs(first).max() > 0.5
    assert np.abs(second - first)[inside].max() < 0.05


def test_without_angles_views_stay_as_they_are() -> None:
    views = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)
    made = as_channels(keras.ops.convert_to_tensor(views), None)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(made), np.moveaxis(views, 1, -1))
