"""Recipes that ask which patches of a lattice are perfect."""

from __future__ import annotations

from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.lattices import Lattice


def shows_lattices(recipe: Recipe) -> bool:
    """Whether a recipe's first class is a perfect lattice, and others have defects."""
    scenes = list(recipe.classes.values())
    if not all(isinstance(scene, Lattice) for scene in scenes):
        return False
    first, *others = (scene.fewest_and_most for scene in scenes if isinstance(scene, Lattice))
    return first == (0, 0) and any(most > 0 for _, most in others)
