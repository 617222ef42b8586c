"""Scattering images small enough for tests, with what networks and runs ask of a stream of them.

Rings, halos, spots and a background on a detector whose centre is off its middle, counted. No
physics beyond that: the scene's own tests have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.scenes.scattering_terms import TAGS

Array = npt.NDArray[Any]

SMALL_NETWORKS: dict[str, Any] = {
    "scattering-cnn": {"view_shape": (32, 32), "size": "small"},
    "vgg": {"size": "small"},
    "coefficient-cnn": {"coefficient_shape": (6, 4), "size": "small"},
    "joint": {"view_shape": (32, 32), "coefficient_shape": (6, 4), "size": "small"},
    "polar-net": {
        "polar_shape": (2, 16, 8), "filters": (8, 12), "profile_filters": (12, 16), "units": 32,
    },
}  # fmt: skip
"""Arguments of networks, by name, that take what `ToyScattering` gives."""


@dataclass(frozen=True)
class ToyScattering:
    """A stream of such images.

    Attributes:
        side: Pixels on a side.
        n_radii: Of the polar cells.
        n_azimuths: Of the polar cells, in half a turn.
        orders: (radial, azimuthal) orders of the coefficients.
        per_run: Images that share a centre.
    """

    side: int = 32
    n_radii: int = 16
    n_azimuths: int = 8
    orders: tuple[int, int] = (6, 4)
    per_run: int = 5

    def sample(self, seed: int, start: int, count: int, **_: Any) -> dict[str, Array]:
        """Everything that a stream has of samples start ... start + count - 1."""
        each = [self._one(seed, i) for i in range(start, start + count)]
        return {name: np.stack([one[name] for one in each]) for name in each[0]}

    def _one(self, seed: int, i: int) -> dict[str, Array]:
        run = i // self.per_run
        centre = self.side * np.random.default_rng([seed, run]).uniform(0.4, 0.6, 2)
        rng = np.random.default_rng([seed, run, i])
        y, x = np.mgrid[: self.side, : self.side] + 0.5
        r = np.hypot(x - centre[0], y - centre[1])
        azimuth = np.arctan2(x - centre[0], y - centre[1])
        tags = np.zeros(len(TAGS), np.uint8)
        rate = np.full(r.shape, 2.0)
        if rng.random() < 0.3:
            tags[TAGS.index("low-q")] = 1
            rate += 400 / (1 + r**2)
        if rng.random() < 0.3:
            tags[TAGS.index("high-q")] = 1
            rate += 20 * (r / self.side) ** 2
        fold = int(rng.choice([0, 2, 4, 6]))
        wide = rng.random() < 0.5
        spread = 0.15 if wide else 0.05
        shape = np.exp(-((r / self.side - rng.uniform(0.2, 0.35)) ** 2) / (2 * spread**2))
        names = ["halo", "symmetry halo"] if wide else ["ring", "symmetry ring"]
        if rng.random() < 0.8:
            tags[TAGS.index(names[0])] = 1
            rate += 60 * shape * (1 + (fold > 0) * np.cos(fold * (azimuth - rng.uniform(0, 6))))
            if fold:
                tags[[TAGS.index(names[1]), TAGS.index(f"{fold}-fold")]] = 1
            if not wide and rng.random() < 0.3:
                tags[TAGS.index("higher orders")] = 1
                rate += 40 * np.roll(shape, 3, axis=0)
        counts = rng.poisson(rate).astype(np.float32)
        polar = self._polar(counts, r, azimuth)
        snr = tags * np.float32(3 + 5 * rng.random())
        return {
            "views": counts[None], "polar": polar, "coefficients": self._coefficients(polar),
            "tags": tags, "snr": snr.astype(np.float32), "run": np.array(run),
        }  # fmt: skip

    def _polar(self, counts: Array, r: Array, azimuth: Array) -> Array:
        """Mean counts and pixels of cells; 9 where no pixel is, which nothing may look at."""
        low, high = np.log(1.0), np.log(0.7 * self.side)
        row = ((np.log(np.maximum(r, 0.1)) - low) / (high - low) * self.n_radii).astype(int)
        column = (azimuth % np.pi / np.pi * self.n_azimuths).astype(int) % self.n_azimuths
        inside = (r >= 1) & (row < self.n_radii)
        shape = (self.n_radii, self.n_azimuths)
        total, pixels = np.zeros(shape), np.zeros(shape)
        np.add.at(total, (row[inside], column[inside]), counts[inside])
        np.add.at(pixels, (row[inside], column[inside]), 1)
        mean = np.where(pixels > 0, total / np.maximum(pixels, 1), 9.0)
        return np.stack([mean, pixels]).astype(np.float32)

    def _coefficients(self, polar: Array) -> Array:
        """Fourier coefficients along the azimuth, sums with cosines along the radius."""
        n, m = self.orders
        levels = np.where(polar[1] > 0, np.log1p(polar[0]), 0)
        along = np.fft.fft(levels, axis=1)[:, :m]
        waves = np.cos(np.outer(np.arange(n), np.arange(self.n_radii) + 0.5) * np.pi / self.n_radii)
        found = waves @ along / levels.size
        return np.stack([found.real, found.imag], axis=-1).astype(np.float32)
