"""Recipes of x-ray scattering: tagging images (Lashley, Meister, Guan, Sun and Yu 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from nanotilt._base import checks as check
from nanotilt.instruments.area_detector import AreaDetector
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.scattering import Scattering
from nanotilt.scenes.scattering_terms import (
    FEWEST_AREA_PIXELS,
    MOST_AREA_PIXELS,
    REFERENCE_PIXEL_UM,
)

FIELDS = ("equal", "wide")
EQUAL_FIELD_PIXELS = 256
"""Pixels of 75 um on each side of the field that frames of any number of pixels show."""


def scattering(
    n_pixels: int = 256,
    field: Literal["equal", "wide"] = "equal",
    tags: Literal["visible", "legacy"] = "visible",
    *,
    targets: Sequence[str] = ("tags",),
    scene: Scattering | None = None,
    detector: AreaDetector | None = None,
) -> Recipe:
    """Which features does an x-ray scattering image show, out of ten?

    One class, "scattering". Views are log(1 + counts) / log(65536).

    Args:
        n_pixels: Pixels on each side, 32 ... 2048.
        field: "equal": frames of any n_pixels show the same field, 256 pixels of 75 um wide, with
            as much light; so sample i is the same scene for every n_pixels. "wide": pixels of 75
            um, so that more of them see further, as on the poster of 2017.
        tags: "visible" or "legacy"; see `nanotilt.Scattering`.
        targets: What is drawn beside the images; see `nanotilt.Scattering.truths`.
        scene: What is seen instead; ``tags`` then has no say.
        detector: What sees it instead; ``n_pixels`` and ``field`` then have no say.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    if detector is None:
        n_pixels = check.integer(
            "n_pixels", n_pixels, at_least=FEWEST_AREA_PIXELS, below=MOST_AREA_PIXELS + 1
        )
        equal = check.choice("field", field, FIELDS) == "equal"
        pixel_um = REFERENCE_PIXEL_UM * (EQUAL_FIELD_PIXELS / n_pixels if equal else 1.0)
        detector = AreaDetector(n_pixels, pixel_um)
    if scene is None:
        scene = Scattering(tags=tags)
    return Recipe({"scattering": scene}, detector, normalise="log", targets=targets)
