"""Recipes that differ from the one trained on in one thing, and whose views have its scale."""

from __future__ import annotations

from dataclasses import replace

from nanotilt.recipes.checks import Normalise
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.particles import Outline, Particle

_SPECK = Outline(radius=1e-9, radius_std=0.0, roughness=0.0, n_corners=3, centre_std=(0.0, 0.0))
"""A particle too small to be seen: far below the rounding of a float32 next to any background."""


def with_noise(recipe: Recipe, factor: float) -> Recipe:
    """The recipe with the detector's relative noise multiplied; same particles, same scale.

    The bounds of "dataset" normalisation would move with the noise, so those of `recipe` are
    kept: the network sees values as it was trained on, only noisier. Sample i has the same
    particle and the same random numbers, so its noise is the same but for the factor.

    Args:
        recipe: What the network was trained on.
        factor: >= 0.
    """
    noisier = replace(recipe.line_detector, noise=factor * recipe.line_detector.noise)
    return Recipe(recipe.classes, noisier, recipe.weights, _fixed_scale(recipe))


def empty_space(recipe: Recipe) -> Recipe:
    """What the detector sees where there is no particle: background, blur and noise.

    Args:
        recipe: What the network was trained on; detector and scale are its.
    """
    return Recipe({"empty": Particle(_SPECK)}, recipe.line_detector, normalise=_fixed_scale(recipe))


def _fixed_scale(recipe: Recipe) -> Normalise:
    return "none" if recipe.normalise == "none" else recipe.bounds
