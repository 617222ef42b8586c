"""What the paper scored on its recipes, to stand beside what is scored here."""

from __future__ import annotations

from dataclasses import dataclass

from nanotilt import recipes
from nanotilt.recipes.recipe import Recipe


@dataclass(frozen=True)
class Published:
    """A published accuracy.

    Attributes:
        accuracy: Share of samples classified rightly; chance where the paper says that nothing was
            learned.
        source: Where it is printed.
        remark: What else there is to say, or empty.
        same_view_accuracy: The same network's accuracy when it was fed the first view twice, or
            None.
    """

    accuracy: float
    source: str
    remark: str = ""
    same_view_accuracy: float | None = None


_CHANCE = "no training succeeded"

PUBLISHED = {
    "hole": Published(0.811, "Sullivan 2020, section 4.1"),
    "hole-stereo": Published(0.870, "Sullivan 2020, section 4.2", same_view_accuracy=0.780),
    "small-hole": Published(0.5, "Sullivan 2020, section 4.1", _CHANCE),
    "small-hole-stereo": Published(0.5, "Sullivan 2020, section 4.2", _CHANCE),
    "chirality": Published(0.907, "Sullivan 2020, section 4.3"),
}
"""By the names of recipes: what the paper asked of them plainly."""


def known_name(recipe: Recipe) -> str | None:
    """The name under which nanotilt knows this recipe, if any."""
    for name in recipes.names():
        if recipes.by_name(name) == recipe:
            return name
    return None


def published_score(recipe: Recipe) -> Published | None:
    """What the paper scored on this recipe, or None for recipes that are not the paper's."""
    name = known_name(recipe)
    return PUBLISHED.get(name) if name else None
