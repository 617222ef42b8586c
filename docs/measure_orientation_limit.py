"""How well can the angle of a noisy square be known? A bound for orientation_experiments.md.

    python docs/measure_orientation_limit.py

Squares of `nanotilt.recipes.square`, noise and removal of the background included, but of known
size and place: a network is told neither. Each pixel's likelihood is exact: what it holds before
its background is removed is its coverage plus a number uniform in [0, 1). The mean of the posterior
distribution over a grid of angles has the least squared error of all estimates.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

import nanotilt as nt

N_IMAGES = 120
GRID_RAD = np.deg2rad(np.arange(-2.5, 2.5001, 0.05))
IMPOSSIBLE = -30.0
"""Log-likelihood of a pixel that an angle can't have: finite, as coverages are rounded."""

Image = npt.NDArray[np.float64]


def drawn(
    side: float, centre: Image, angle_rad: float, antialias: Literal["exact", "binary"]
) -> Image:
    """(64, 64) coverages of a square of the recipe's camera, its centre fixed."""
    corners = side * np.array([(-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.5, -0.5)])
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    ring = corners @ np.array([[c, -s], [s, c]]) + centre
    image = nt.rasterise([ring], n_pixels=64, field_of_view=3.0, antialias=antialias)
    return image.astype(np.float64)


def posterior_error_rad(
    rng: np.random.Generator, antialias: Literal["exact", "binary"]
) -> tuple[float, float]:
    """Error of the posterior mean and the posterior's standard deviation, radians."""
    side, centre = rng.normal(1.2, 0.1), rng.normal(0.0, 0.1, 2)
    angle_rad = rng.uniform(0, np.pi / 2)
    raw = drawn(side, centre, angle_rad, antialias) + rng.random((64, 64))
    background = max(raw[0].max(), raw[-1].max(), raw[:, 0].max(), raw[:, -1].max())
    value = np.maximum(raw - background, 0)
    nothing = value == 0
    likelihood = np.empty(len(GRID_RAD))
    for k, off in enumerate(GRID_RAD):
        coverage = drawn(side, centre, angle_rad + off, antialias)
        below = np.log(np.clip(background - coverage[nothing], 1e-9, 1)).sum()
        possible = value[~nothing] <= coverage[~nothing] + 1 - background + 1e-6
        likelihood[k] = below + IMPOSSIBLE * (~possible).sum()
    weight = np.exp(likelihood - likelihood.max())
    weight /= weight.sum()
    mean = float(weight @ GRID_RAD)
    return mean, float(np.sqrt(weight @ (GRID_RAD - mean) ** 2))


def main() -> None:
    """Prints the bound for both kinds of pixels."""
    rng = np.random.default_rng(0)
    kinds: tuple[Literal["exact", "binary"], ...] = ("exact", "binary")
    for antialias in kinds:
        found = np.rad2deg([posterior_error_rad(rng, antialias) for _ in range(N_IMAGES)])
        print(
            f"{antialias}: std of the posterior mean's error {found[:, 0].std():.3f} deg, "
            f"posterior's own {np.sqrt((found[:, 1] ** 2).mean()):.3f} deg"
        )


if __name__ == "__main__":
    main()
