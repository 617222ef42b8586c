"""How well can the angle of a noisy square be known? A bound for orientation_experiments.md.

    python docs/measure_orientation_limit.py

Squares of `nanotilt.recipes.square`, noise and removal of the background included, but of known
size and place: a network is told neither. Each pixel's likelihood is exact: what it holds before
its background is removed is its coverage plus a number uniform in [0, 1). The mean of the posterior
distribution over a grid of angles has the least squared error of all estimates.

Last, the Cramer-Rao bound for an estimate that only uses *which* pixels lie above the noise, not
how far. With uniform noise that happens with a probability equal to the covered share c, so that a
pixel tells (dc)^2 / (c (1 - c)) about what c depends on.
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


def which_pixels_bound_rad2(rng: np.random.Generator) -> tuple[float, float]:
    """Variance bounds of the angle: size and place known; unknown."""
    side, centre = rng.normal(1.2, 0.1), rng.normal(0.0, 0.1, 2)
    angle_rad = rng.uniform(0, np.pi / 2)
    h = 1e-3

    def slope(up: Image, down: Image) -> Image:
        return (up - down) / (2 * h)

    def image(side: float, centre: Image, angle_rad: float) -> Image:
        return drawn(side, centre, angle_rad, "exact")

    coverage = image(side, centre, angle_rad)
    edge = (coverage > 1e-3) & (coverage < 1 - 1e-3)
    right, up = np.array([h, 0.0]), np.array([0.0, h])
    slopes = [
        slope(image(side, centre, angle_rad + h), image(side, centre, angle_rad - h)),
        slope(image(side + h, centre, angle_rad), image(side - h, centre, angle_rad)),
        slope(image(side, centre + right, angle_rad), image(side, centre - right, angle_rad)),
        slope(image(side, centre + up, angle_rad), image(side, centre - up, angle_rad)),
    ]
    told = np.array([each[edge] for each in slopes])
    information = (told / (coverage[edge] * (1 - coverage[edge]))) @ told.T
    return 1 / information[0, 0], np.linalg.inv(information)[0, 0]


def main() -> None:
    """Prints the bounds."""
    rng = np.random.default_rng(0)
    kinds: tuple[Literal["exact", "binary"], ...] = ("exact", "binary")
    for antialias in kinds:
        found = np.rad2deg([posterior_error_rad(rng, antialias) for _ in range(N_IMAGES)])
        print(
            f"{antialias}: std of the posterior mean's error {found[:, 0].std():.3f} deg, "
            f"posterior's own {np.sqrt((found[:, 1] ** 2).mean()):.3f} deg"
        )
    bounds = [which_pixels_bound_rad2(rng) for _ in range(N_IMAGES)]
    known, unknown = np.rad2deg(np.sqrt(np.mean(bounds, axis=0)))
    print(
        f"from which pixels are above the noise: Cramer-Rao bound {known:.3f} deg with size and "
        f"place known, {unknown:.3f} deg with both unknown"
    )


if __name__ == "__main__":
    main()
