"""Images of smooth random hills, and angles to see them from."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

Floats = npt.NDArray[np.floating[Any]]

DEGREES = np.arange(0.0, 180.0, 1.0)
ANGLES = np.deg2rad(DEGREES)


def smooth_image(height: int, width: int, seed: int = 0) -> Floats:
    """Random hills within the circle."""
    noise = np.random.default_rng(seed).normal(size=(height, width))
    y, x = np.mgrid[:height, :width]
    n = min(height, width)
    radius = np.hypot(y - height // 2, x - width // 2)
    hills = gaussian_filter(noise, n / 20) * np.clip((n // 2 - 3 - radius) / 4, 0, 1)
    image: Floats = (hills / np.abs(hills).max()).astype(np.float32)
    return image
