"""The papers' recipes by name, as the command line and the experiments know them."""

from __future__ import annotations

from collections.abc import Callable

from nanotilt._base import checks as check
from nanotilt.recipes.ai4sd_2022 import (
    graphene_defects,
    graphene_hrtem,
    graphene_several_defects,
    graphene_vacancy,
    hbn_defects,
    mos2_defects,
)
from nanotilt.recipes.lashley_2017 import scattering
from nanotilt.recipes.laurie_2024 import s_projection, square, t_projection
from nanotilt.recipes.particle_images import chirality_images, hole_images
from nanotilt.recipes.pearson import particle_field, particle_video, scanned_field
from nanotilt.recipes.recipe import Recipe
from nanotilt.recipes.sullivan_2020 import chirality, hole, hole_and_spiral, small_spiral
from nanotilt.scenes.particles import Hole, Spiral

_RECIPES: dict[str, tuple[str, Callable[[], Recipe]]] = {
    "chirality": ("Which way does the spiral turn?", chirality),
    "chirality-off-centre": (
        "Which way does the spiral turn, wherever the particle sits?",
        lambda: chirality(centre_std=0.3),
    ),
    "hole": ("Has it a hole of radius 0.1?", hole),
    "hole-stereo": ("Has it a hole of radius 0.1?", lambda: hole(n_views=2)),
    "small-hole": ("Has it a hole of radius 0.05?", lambda: hole(0.05)),
    "small-hole-stereo": (
        "Has it a hole of radius 0.05?",
        lambda: hole(0.05, n_views=2),
    ),
    "hole-stereo-64": (
        "Has it a hole of radius 0.1? (64 bins)",
        lambda: hole(n_views=2, n_bins=64),
    ),
    "dense-hole-64": (
        "Has it a dense spot of radius 0.1? (64 bins)",
        lambda: hole(n_views=2, n_bins=64, density=1.0),
    ),
    "hole-and-spiral": ("Has it a hole, and which way does its spiral turn?", hole_and_spiral),
    "dense-hole-and-spiral": (
        "Has it a dense spot, and which way does its spiral turn?",
        lambda: hole_and_spiral(Hole(density=1.0)),
    ),
    "hole-and-carved-spiral": (
        "Has it a hole, and which way turns the spiral cut out?",
        lambda: hole_and_spiral(spiral=Spiral("clockwise", density=-1.0)),
    ),
    "carved-spiral": (
        "Which way turns the spiral cut out of the particle?",
        lambda: chirality(spiral=Spiral("clockwise", density=-1.0)),
    ),
    "small-spiral": ("Has it a small clockwise spiral?", small_spiral),
    "chirality-images": (
        "Which way does the spiral turn, in two noisy images?",
        chirality_images,
    ),
    "hole-images": ("Has it a hole of radius 0.1, in two noisy images?", hole_images),
    "square": ("At which angle lies the square?", square),
    "s-projection": ("At which angle is the S seen from the side?", s_projection),
    "t-projection": ("At which angle is the T seen from the side?", t_projection),
    "particle-field": ("Where are the particles, and how large is each?", particle_field),
    "particle-video": ("How do particles move from frame to frame?", particle_video),
    "graphene-defects": ("Is the patch of graphene perfect?", graphene_defects),
    "graphene-several-defects": (
        "Which defects has the graphene, and where?",
        graphene_several_defects,
    ),
    "graphene-vacancy": ("Is an atom missing in the graphene?", graphene_vacancy),
    "graphene-hrtem": ("Is the patch of graphene perfect, in a bright field?", graphene_hrtem),
    "hbn-defects": ("Is the patch of hexagonal boron nitride perfect?", hbn_defects),
    "mos2-defects": ("Is the patch of molybdenum disulphide perfect?", mos2_defects),
    "scattering": ("Which features does the x-ray scattering image show?", scattering),
    "scanned-field": (
        "Where are the particles, if a fifth of the pixels is scanned?",
        scanned_field,
    ),
}


def names() -> tuple[str, ...]:
    """Names that `by_name` knows."""
    return tuple(_RECIPES)


def question(name: str) -> str:
    """What a recipe asks, in one line.

    Args:
        name: One of `names()`.

    Raises:
        TypeError: `name` is not a string.
        ValueError: there is no such recipe.
    """
    return _entry(name)[0]


def by_name(name: str) -> Recipe:
    """The recipe of a name, as the papers or nanotilt's own experiments use it.

    Args:
        name: One of `names()`.

    Raises:
        TypeError: `name` is not a string.
        ValueError: there is no such recipe.
    """
    return _entry(name)[1]()


def _entry(name: str) -> tuple[str, Callable[[], Recipe]]:
    if not isinstance(name, str):
        raise TypeError(f"name must be a string. {check.received('name', name)}")
    if name not in _RECIPES:
        raise ValueError(
            f"name must be one of {', '.join(_RECIPES)}. {check.received('name', name)}"
        )
    return _RECIPES[name]
