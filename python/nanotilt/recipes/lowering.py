"""Recipes as the core compiles them: every value under its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nanotilt import _core

if TYPE_CHECKING:
    from nanotilt.recipes.recipe import Recipe


def lowered_recipe(recipe: Recipe, bounds: tuple[float, float]) -> dict[str, Any]:
    """The recipe's values by name, angles in radians; (low, high) normalise its views."""
    return {
        "stream_version": _core.stream_version,
        "instrument": recipe.detector.lowered(),
        "bounds": bounds,
        "weights": recipe.weights or (1.0,) * len(recipe.classes),
        "scenes": [scene.lowered() for scene in recipe.classes.values()],
    }
