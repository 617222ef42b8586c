"""How well the angle of a shape can be told from one view of a recipe, as far as that is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanotilt._base.checks import received
from nanotilt.instruments.camera import Camera
from nanotilt.pose.bounds import cramer_rao_bound
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.particles import Particle
from nanotilt.scenes.shapes import PolygonOutline

_ANGLES = 720
"""Spread evenly over the orientations that a recipe draws."""


@dataclass(frozen=True)
class AngleLimit:
    """What no estimate of the angle can be better than.

    Attributes:
        std_deg: A bound from below of the standard deviation of the error, degrees, > 0; None where
            it is not known, or says nothing.
        words: A sentence that tells it, or why there is none.
    """

    std_deg: float | None
    words: str


def angle_limit(recipe: Recipe) -> AngleLimit:
    """How well an angle can be read from one view, on average over a recipe's orientations.

    It is known for projections of one shape of fixed size and place under normal noise, where
    pixels are valued by the area that is covered: 1 / sqrt(mean of 1 / b^2), with b the Cramer-Rao
    bound at each orientation (`nanotilt.pose.cramer_rao_bound`). This is van Trees's inequality
    (Detection, Estimation, and Modulation Theory I, 1968, section 2.4) for an angle that is uniform
    over whole turns of the shape, so it holds for biased estimates, too; errors near half a turn
    left aside. The root mean square of b would not: where a view hardly depends on the angle, b
    grows beyond all bounds, and the error of a good estimate does not. It takes some milliseconds.

    Args:
        recipe: Views of one shape.

    Raises:
        TypeError: it is no Recipe.
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be a nanotilt.Recipe. {received('recipe', recipe)}")
    why = _why_not(recipe)
    if why:
        return AngleLimit(None, why)
    (scene,) = recipe.particles.values()
    outline, camera = scene.outline, recipe.detector
    assert isinstance(outline, PolygonOutline)
    assert isinstance(camera, Camera)
    per_length = camera.n_pixels / camera.field_of_view
    low, high = np.deg2rad(outline.orientation_deg)
    middle = (camera.n_pixels - 1) / 2
    # The outline turns about the point that is placed, which need not be seen in the middle.
    shift = per_length * outline.centre[0]
    bound = cramer_rao_bound(
        [per_length * outline.size * np.asarray(outline.corners)],
        stereo_deg=None,
        noise_sigma=camera.noise_level,
        n_bins=camera.n_pixels,
        lower=-middle - shift,
        upper=middle - shift,
        angles_rad=low + (np.arange(_ANGLES) + 0.5) * (high - low) / _ANGLES,
    )
    information = float(np.mean(bound**-2.0))
    if information == 0:
        return AngleLimit(None, "There is no limit: no view depends on the angle.")
    std_deg = float(np.rad2deg(1 / np.sqrt(information)))
    return AngleLimit(
        std_deg,
        f"The noise allows a standard deviation of {std_deg:.3f} degrees at best (Cramér-Rao bound "
        "of one view, averaged over the orientations, the shape known).",
    )


def _why_not(recipe: Recipe) -> str:
    """Why there is no bound, in a sentence; empty if there is one."""
    scenes, camera = tuple(recipe.classes.values()), recipe.detector
    scene = scenes[0]
    if len(scenes) > 1 or not isinstance(scene, Particle):
        return "The best that is possible is known for views of one shape alone."
    if not isinstance(scene.outline, PolygonOutline) or scene.features:
        return "The best that is possible is known for outlines of fixed shape alone."
    if not isinstance(camera, Camera):
        return "The best that is possible is known for a camera alone."
    if camera.noise == "none":
        return "Without noise there is no limit: every error is the network's own."
    if not camera.projected or camera.noise != "gaussian" or recipe.normalise != "none":
        return (
            "The best that is possible is not known here: the Cramér-Rao bound is of projections "
            "under normal noise."
        )
    if camera.antialias != "exact" or camera.blur_sigma_px or camera.centring:
        return (
            "The best that is possible is not known here: the Cramér-Rao bound is of pixels that "
            "are valued by the covered area, neither blurred nor centred."
        )
    if scene.outline.size_std or any(scene.outline.centre_std):
        return (
            "The best that is possible is not known here: the Cramér-Rao bound is of a shape whose "
            "size and place are fixed."
        )
    low, high = scene.outline.orientation_deg
    if high == low or (high - low) * scene.outline.symmetry % 360 != 0:
        return (
            "The best that is possible is not known here: the Cramér-Rao bound is averaged over "
            "whole turns of the shape."
        )
    return ""
