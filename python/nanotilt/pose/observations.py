"""What pairs tell before anything is matched: noise, contrast, extent; and pairs made coarser."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from nanotilt.pose.matching import Matching

Values = npt.NDArray[np.float32]

_COARSE_BINS = 16
_FINE_SMOOTHING = 1.25
"""Of the image that angles make: finer detail would be noise of a count."""


@dataclass(frozen=True)
class Observations:
    """Pairs as they were handed in, checked.

    Attributes:
        pairs: (n, 2, n_bins) float32, of standard deviation 1 or so.
        stereo_rad: Angle from the first projection to the second.
        axis_bin: Where the rotation axis is seen.
        n_threads: Threads.
    """

    pairs: Values
    stereo_rad: float
    axis_bin: float
    n_threads: int

    @property
    def n_bins(self) -> int:
        """Bins of a projection."""
        return int(self.pairs.shape[2])

    @property
    def coarseness(self) -> int:
        """Bins that are averaged where the right basin is looked for."""
        return max(1, round(self.n_bins / _COARSE_BINS))

    @cached_property
    def mass(self) -> float:
        """Mean sum of a projection."""
        return float(self.pairs.sum(axis=2, dtype=np.float64).mean())

    @cached_property
    def contrast(self) -> float:
        """Standard deviation of a bin over all projections, noise included."""
        mean = self.pairs.mean(axis=(0, 1), dtype=np.float64)
        return float(np.sqrt(np.mean((self.pairs - mean) ** 2)))

    @cached_property
    def noise(self) -> float:
        """Standard deviation of white noise: median of second differences, which few edges meet."""
        if self.n_bins < 3:
            return 0.0
        bend = np.diff(self.pairs.astype(np.float64), n=2, axis=2) / math.sqrt(6)
        return float(np.median(np.abs(bend))) / 0.6745

    @cached_property
    def radius(self) -> float:
        """Bins from the axis to the shape's rim, with a margin."""
        n = self.n_bins
        mean = self.pairs.mean(axis=(0, 1), dtype=np.float64)
        error = self.noise / math.sqrt(2 * len(self.pairs))
        seen = np.abs(np.arange(n) - self.axis_bin)[mean > max(0.01 * mean.max(), 4 * error)]
        return min(1.05 * float(seen.max(initial=1.0)) + 1.5, n / 2)

    def fine(self, symmetry: int) -> Matching:
        """Matching at full resolution."""
        return Matching(
            self.pairs,
            self.stereo_rad,
            symmetry,
            self.axis_bin,
            self.radius,
            _FINE_SMOOTHING,
            self.n_threads,
        )

    def coarse(self, symmetry: int) -> Matching:
        """Matching on 16 bins or so, each the mean of some of the original's."""
        factor = self.coarseness
        missing = -self.n_bins % factor
        padded = np.pad(self.pairs, ((0, 0), (0, 0), (0, missing)))
        means = padded.reshape(len(padded), 2, -1, factor).mean(axis=3)
        return Matching(
            np.ascontiguousarray(means, dtype=np.float32),
            self.stereo_rad,
            symmetry,
            (self.axis_bin + 0.5) / factor - 0.5,
            self.radius / factor + 1,
            0.0,
            self.n_threads,
        )
