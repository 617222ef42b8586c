"""Recipes of shapes at unknown orientation, after Laurie 2024; `nanotilt.recipes` names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from nanotilt._base import checks as check
from nanotilt.instruments.camera import Camera
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.particles import Particle
from nanotilt.scenes.shapes import PolygonOutline, RegularPolygon, Square, SShape, TShape


def square(
    stereo_deg: float | Sequence[float] | None = 10.0,
    *,
    antialias: Literal["exact", "binary"] | int = "exact",
    n_pixels: int = 64,
) -> Recipe:
    """At which angle lies the square? Laurie 2024, section 2.1.

    Stereo pairs of images of 64 x 64 pixels: a square of random size, place and orientation, under
    noise uniform in [0, 1); the noise is removed, and the image rolled to its centre of mass.

    Args:
        stereo_deg: Tilt of the second view against the first, degrees; several angles for several
            further views; None: single images.
        antialias: "exact", "binary" (as in the paper), or s for s x s points in a pixel.
        n_pixels: Pixels on each side.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    return _of_shape("square", Square(), stereo_deg, antialias, n_pixels)


def polygon(
    n: int,
    stereo_deg: float | Sequence[float] | None = 10.0,
    *,
    antialias: Literal["exact", "binary"] | int = "exact",
    n_pixels: int = 64,
) -> Recipe:
    """At which angle lies the regular polygon? As `square`, with n sides. Laurie 2024, section 2.1.

    Args:
        n: Number of sides, 3 ... 1024.
        stereo_deg: Tilt of the second view against the first, degrees; several angles for several
            further views; None: single images.
        antialias: "exact", "binary" (as in the paper), or s for s x s points in a pixel.
        n_pixels: Pixels on each side.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    shape = RegularPolygon(n, size=1.6)
    return _of_shape(f"{shape.n_sides}-gon", shape, stereo_deg, antialias, n_pixels)


def s_projection(
    stereo_deg: float | Sequence[float] | None = 10.0,
    *,
    antialias: Literal["exact", "binary"] | int = "exact",
    noise_std: float = 0.0,
    n_pixels: int = 64,
) -> Recipe:
    """At which angle is the S seen from the side? Laurie 2024, section 2.1, figure 2.7.

    Stereo pairs of projections, 64 values each, in units of pixels: images of a letter S of fixed
    size in the middle and of any orientation, summed along y.

    Args:
        stereo_deg: Tilt of the second view against the first, degrees; several angles for several
            further views; None: single projections.
        antialias: "exact", "binary" (as in the paper), or s for s x s points in a pixel.
        noise_std: Standard deviation of normal noise on each value, in pixels, >= 0.
        n_pixels: Pixels on each side of the image, and values of a view.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    return _of_projected_letter("S", SShape, stereo_deg, antialias, noise_std, n_pixels)


def t_projection(
    stereo_deg: float | Sequence[float] | None = 10.0,
    *,
    antialias: Literal["exact", "binary"] | int = "exact",
    noise_std: float = 0.0,
    n_pixels: int = 64,
) -> Recipe:
    """At which angle is the T seen from the side? As `s_projection`. Laurie 2024, figure 2.6.

    Args:
        stereo_deg: Tilt of the second view against the first, degrees; several angles for several
            further views; None: single projections.
        antialias: "exact", "binary" (as in the paper), or s for s x s points in a pixel.
        noise_std: Standard deviation of normal noise on each value, in pixels, >= 0.
        n_pixels: Pixels on each side of the image, and values of a view.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    return _of_projected_letter("T", TShape, stereo_deg, antialias, noise_std, n_pixels)


def _of_shape(
    label: str,
    shape: PolygonOutline,
    stereo_deg: float | Sequence[float] | None,
    antialias: Literal["exact", "binary"] | int,
    n_pixels: int,
) -> Recipe:
    """Images as the paper prepares them. Angles are told apart up to the shape's symmetry."""
    camera = Camera(
        n_pixels=n_pixels,
        antialias=antialias,
        remove_background=True,
        centring=True,
        stereo_deg=stereo_deg,
    )
    return Recipe(classes={label: Particle(shape)}, detector=camera, normalise="none")


def _of_projected_letter(
    label: str,
    letter: type[SShape] | type[TShape],
    stereo_deg: float | Sequence[float] | None,
    antialias: Literal["exact", "binary"] | int,
    noise_std: float,
    n_pixels: int,
) -> Recipe:
    noise_std = check.real("noise_std", noise_std, at_least=0)
    camera = Camera(
        n_pixels=n_pixels,
        antialias=antialias,
        projected=True,
        noise="gaussian" if noise_std > 0 else "none",
        noise_level=noise_std or 1.0,
        stereo_deg=stereo_deg,
    )
    # 36 pixels high, so that a projection has 36 counts at most: the paper's have some 33 to 40.
    outline = letter(size=36 * 3 / 64, size_std=0.0, centre_std=(0.0, 0.0))
    return Recipe(classes={label: Particle(outline)}, detector=camera, normalise="none")
