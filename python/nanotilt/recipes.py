"""The papers' recipes by name."""

from __future__ import annotations

from collections.abc import Callable

from nanotilt import _validation as check
from nanotilt.detectors import Detector
from nanotilt.particles import Hole, Outline, Particle, Spiral
from nanotilt.recipe import Recipe


def hole(radius: float = 0.1, n_views: int = 1) -> Recipe:
    """Has the particle a hole? Sullivan 2020, sections 4.1 and 4.2, table 5.

    Classes "solid" and "hole", 32 bins, particles off-centre by 0.3.

    Args:
        radius: Mean hole radius in particle radii, > 0; its standard deviation is a tenth of it.
            The paper used 0.1 and 0.05.
        n_views: Number of views, >= 1, at tilts spread evenly over half a turn: 0 degrees; 0 and 90
            degrees (both as in the paper); 0, 60 and 120 degrees; ...

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    radius = check.real("radius", radius, above=0)
    n_views = check.integer("n_views", n_views, at_least=1, below=1025)
    outline = Outline()
    return Recipe(
        classes={
            "solid": Particle(outline),
            "hole": Particle(outline, (Hole(radius=radius, radius_std=radius / 10),)),
        },
        detector=Detector(angles_deg=tuple(180.0 * i / n_views for i in range(n_views))),
    )


def chirality() -> Recipe:
    """Which way does the spiral turn? Sullivan 2020, section 4.3, tables 5 and 6.

    Classes "clockwise" and "anticlockwise", two views of 64 bins at 0 and 90 degrees, centred
    particles.
    """
    outline = Outline(centre_std=(0.0, 0.0))
    return Recipe(
        classes={
            "clockwise": Particle(outline, (Spiral("clockwise"),)),
            "anticlockwise": Particle(outline, (Spiral("anticlockwise"),)),
        },
        detector=Detector(n_bins=64, angles_deg=(0.0, 90.0)),
    )


_RECIPES: dict[str, tuple[str, Callable[[], Recipe]]] = {
    "chirality": ("Which way does the spiral turn?", chirality),
    "hole": ("Has it a hole of radius 0.1?", hole),
    "hole-stereo": ("Has it a hole of radius 0.1?", lambda: hole(n_views=2)),
    "small-hole": ("Has it a hole of radius 0.05?", lambda: hole(0.05)),
    "small-hole-stereo": (
        "Has it a hole of radius 0.05?",
        lambda: hole(0.05, n_views=2),
    ),
}


def names() -> tuple[str, ...]:
    """Names that `by_name` knows."""
    return tuple(_RECIPES)


def question(name: str) -> str:
    """What a recipe asks, in one line.

    Raises:
        ValueError: there is no such recipe.
    """
    return _entry(name)[0]


def by_name(name: str) -> Recipe:
    """One of the papers' recipes.

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
