"""Projection matching at one resolution: what the core is told, and what it is asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt.ops.tomography import ramp_kernel
from nanotilt.pose.starts import disc

Values = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_RELAXATION = 0.5
_MOMENTUM_ANNEALED = 0.7
_MOMENTUM_REFINED = 0.9
"""Of the image alone, at angles that stay."""


@dataclass(frozen=True)
class Matching:
    """Pairs at one resolution.

    Attributes:
        pairs: (n, 2, n_bins) float32.
        stereo_rad: Angle from the first projection to the second.
        symmetry: The shape's order.
        axis_bin: Where the rotation axis is seen.
        radius: The shape lies within so many bins of the axis.
        smoothing: Standard deviation in bins of the Gaussian that residuals are smoothed with.
        n_threads: Threads.
    """

    pairs: Values
    stereo_rad: float
    symmetry: int
    axis_bin: float
    radius: float
    smoothing: float
    n_threads: int
    _common: tuple[float, int, float, Values, Values, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        n = self.pairs.shape[2]
        support = disc(n, min(self.radius, n / 2))
        filtered = residual_filter(n, self.smoothing)
        common = (self.stereo_rad, self.symmetry, self.axis_bin, support, filtered, 1.0)
        object.__setattr__(self, "_common", common)

    def n_angles(self, per_bin: float) -> int:
        """Angles over one period, so many while a point on the rim moves by a bin."""
        whole_turn = 2 * math.pi * max(self.radius, 4.0) * per_bin
        return max(24, math.ceil(whole_turn / self.symmetry))

    def annealed(self, images: Values, sigma: Floats) -> tuple[Values, Floats, Floats]:
        """Images, cost (n_starts,) and angles (n_starts, n) after a round for each sigma."""
        images = images.copy()
        cost, angles = _core.anneal_starts(
            self.pairs,
            *self._common,
            images,
            self.n_angles(2.4),
            sigma.astype(np.float32),
            _RELAXATION,
            _MOMENTUM_ANNEALED,
            self.n_threads,
        )
        return images, cost, angles

    def imaged(self, angles: Floats, n_rounds: int) -> tuple[Values, float]:
        """The image that pairs at these angles make, and its cost."""
        n = self.pairs.shape[2]
        images, angles = np.zeros((1, n, n), np.float32), angles[None].copy()
        n_angles, window, n_updates = self.n_angles(5.0), -1, 1
        cost = _core.refine_starts(
            self.pairs,
            *self._common,
            images,
            angles,
            n_angles,
            window,
            n_rounds,
            n_updates,
            _RELAXATION,
            _MOMENTUM_REFINED,
            self.n_threads,
        )
        return images[0], float(cost[0])


@in_ieee_mode
def residual_filter(n_bins: int, smoothing: float) -> Values:
    """The ramp of filtered back-projection, windowed (Hann) and smoothed: (2 n_bins - 1,)."""
    kernel = ramp_kernel("hann", n_bins).astype(np.float64)
    if smoothing == 0:
        return kernel.astype(np.float32)
    reach = math.ceil(4 * smoothing)
    gaussian = np.exp(-((np.arange(-reach, reach + 1) / smoothing) ** 2) / 2)
    smooth = np.convolve(kernel, gaussian / gaussian.sum())
    return smooth[reach : reach + len(kernel)].astype(np.float32)
