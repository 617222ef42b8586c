"""Projection matching at one resolution: what the core is told, and what it is asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt.pose.starts import disc
from nanotilt.tomography import ramp_kernel

Values = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Matching:
    """Pairs at one resolution.

    Attributes:
        pairs: (n, 2, n_bins) float32.
        stereo_rad: Angle from the first projection to the second.
        symmetry: The shape's order.
        axis_bin: Where the rotation axis is seen.
        radius: The shape lies within so many bins of the axis.
        n_threads: Threads.
    """

    pairs: Values
    stereo_rad: float
    symmetry: int
    axis_bin: float
    radius: float
    n_threads: int
    _common: tuple[Any, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        n = self.pairs.shape[2]
        support = disc(n, min(self.radius, n / 2))
        common = (self.stereo_rad, self.symmetry, self.axis_bin, support, ramp_kernel("hann", n), 1.0)
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
            0.5,
            0.7,
            self.n_threads,
        )
        return images, cost, angles

    def refined(
        self, images: Values, angles: Floats, n_rounds: int, window_rad: float
    ) -> tuple[Values, Floats, Floats]:
        """Images, cost (n_starts,) and angles (n_starts, n) after so many rounds."""
        images, angles = images.copy(), angles.copy()
        n_angles = self.n_angles(5.0)
        window = math.ceil(window_rad / (2 * math.pi / self.symmetry / n_angles))
        cost = _core.refine_starts(
            self.pairs,
            *self._common,
            images,
            angles,
            n_angles,
            window,
            n_rounds,
            1,
            0.5,
            0.9,
            self.n_threads,
        )
        return images, cost, angles
