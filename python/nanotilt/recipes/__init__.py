"""Recipes: classes, what sees them and how views are normalised; and the papers' recipes.

nanotilt.recipes.chirality()            # one recipe, as a function with arguments
nanotilt.recipes.by_name("hole-stereo")  # the same by name; names() lists them
"""

from nanotilt.recipes.ai4sd_2022 import (
    graphene_defects,
    graphene_hrtem,
    graphene_several_defects,
    graphene_vacancy,
    hbn_defects,
    lattice_defects,
    mos2_defects,
)
from nanotilt.recipes.lashley_2017 import scattering
from nanotilt.recipes.laurie_2024 import polygon, s_projection, square, t_projection
from nanotilt.recipes.names import by_name, names, question
from nanotilt.recipes.particle_images import chirality_images, hole_images
from nanotilt.recipes.pearson import particle_field, particle_video, scanned_field
from nanotilt.recipes.sullivan_2020 import chirality, hole, hole_and_spiral, small_spiral

__all__ = [
    "by_name",
    "chirality",
    "chirality_images",
    "graphene_defects",
    "graphene_hrtem",
    "graphene_several_defects",
    "graphene_vacancy",
    "hbn_defects",
    "hole",
    "hole_and_spiral",
    "hole_images",
    "lattice_defects",
    "mos2_defects",
    "names",
    "particle_field",
    "particle_video",
    "polygon",
    "question",
    "s_projection",
    "scanned_field",
    "scattering",
    "small_spiral",
    "square",
    "t_projection",
]
