"""Can a network told true angles see from its projection how a T is turned?

Views are 64 sums along columns. A T at theta and at 180 degrees - theta projects alike, so that
only orientations from -90 to 90 degrees are shown: among these no two do.

    nanotilt run t-projection-ground-truth --budget full

Expected: fast network std 0.11 deg, 100.0 % within 1 deg in 16 s, quick budget; paper's network std
4.21 deg, 18.7 % within 1 deg in 9.6 s, quick budget.
"""

from __future__ import annotations

import dataclasses

from nanotilt.orientation.experiment import Antialias, OrientationExperiment
from nanotilt.recipes.laurie_2024 import t_projection
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.shapes import TShape


def half_turned_t(stereo_deg: float = 10.0, *, antialias: Antialias = "exact") -> Recipe:
    """Projections of a T, both views at orientations within -90 to 90 degrees.

    Args:
        stereo_deg: Tilt of the second view against the first, degrees, within +-180.
        antialias: "exact" or "binary".
    """
    first_deg = (-90.0 - min(stereo_deg, 0.0), 90.0 - max(stereo_deg, 0.0))
    recipe = t_projection(stereo_deg, antialias=antialias)
    classes = {}
    for name, particle in recipe.classes.items():
        assert isinstance(particle.outline, TShape)
        outline = dataclasses.replace(particle.outline, orientation_deg=first_deg)
        classes[name] = dataclasses.replace(particle, outline=outline)
    return dataclasses.replace(recipe, classes=classes)


EXPERIMENT = OrientationExperiment(
    name="t-projection-ground-truth",
    question="Can a network told true angles see from its projection how a T is turned?",
    recipe_factory=half_turned_t,
    symmetry=1,
    method="ground_truth",
    paper_text="not treated",
)
