"""The papers' recipes by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from nanotilt import _validation as check
from nanotilt._arithmetic import in_ieee_mode
from nanotilt._orientation_recipes import polygon as polygon
from nanotilt._orientation_recipes import s_projection as s_projection
from nanotilt._orientation_recipes import square as square
from nanotilt._orientation_recipes import t_projection as t_projection
from nanotilt.detectors import Detector
from nanotilt.particles import Hole, Outline, Particle, Spiral
from nanotilt.recipe import Recipe


@in_ieee_mode
def hole(
    radius: float = 0.1, n_views: int = 1, *, n_bins: int = 32, density: float = -1.0
) -> Recipe:
    """Has the particle a hole? Sullivan 2020, sections 4.1 and 4.2, table 5.

    Classes "solid" and "hole", 32 bins, particles off-centre by 0.3.

    Args:
        radius: Mean hole radius in particle radii, > 0; its standard deviation is a tenth of it.
            The paper used 0.1 and 0.05.
        n_views: Number of views, >= 1, at tilts spread evenly over half a turn: 0 degrees; 0 and 90
            degrees (both as in the paper); 0, 60 and 120 degrees; ...
        n_bins: Bins of a view; 32 in the paper.
        density: Density added inside the hole: -1 cuts it out, as in the paper; a positive one
            makes it a dense spot.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    radius = check.real("radius", radius, above=0)
    n_views = check.integer("n_views", n_views, at_least=1, below=1025)
    outline = Outline()
    spot = Hole(radius=radius, radius_std=radius / 10, density=density)
    angles_deg = tuple(180.0 * i / n_views for i in range(n_views))
    return Recipe(
        classes={
            "solid": Particle(outline),
            "hole": Particle(outline, (spot,)),
        },
        detector=Detector(n_bins=n_bins, angles_deg=angles_deg),
    )


def chirality(centre_std: float = 0.0, spiral: Spiral | None = None) -> Recipe:
    """Which way does the spiral turn? Sullivan 2020, section 4.3, tables 5 and 6.

    Classes "clockwise" and "anticlockwise", two views of 64 bins at 0 and 90 degrees.

    Args:
        centre_std: Standard deviation of the particle's centre in x and y, particle radii, >= 0
            (``sig_c``). The paper's networks did not train with other values than 0.
        spiral: What the spirals are like; their turn is set here. None: as in the paper.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    outline = Outline(centre_std=(centre_std, centre_std))
    return Recipe(
        classes={turn: Particle(outline, (_turned(spiral, turn),)) for turn in _TURNS},
        detector=_CHIRALITY_DETECTOR,
    )


def hole_and_spiral(hole: Hole | None = None, spiral: Spiral | None = None) -> Recipe:
    """Has it a hole, and which way does its spiral turn? Sullivan 2020, section 4.5.

    Four classes, "solid clockwise", "solid anticlockwise", "hole clockwise" and "hole
    anticlockwise", of equal shares; centred particles, two views of 64 bins as for chirality.

    Args:
        hole: What the holes are like. None: as in the paper, of radius 0.1.
        spiral: What the spirals are like; their turn is set here. None: as in the paper.

    Raises:
        TypeError: an argument is of the wrong kind.
    """
    outline = Outline(centre_std=(0.0, 0.0))
    hole = Hole() if hole is None else hole
    features: dict[str, tuple[Hole, ...]] = {"solid": (), "hole": (hole,)}
    return Recipe(
        classes={
            f"{kind} {turn}": Particle(outline, (*holes, _turned(spiral, turn)))
            for kind, holes in features.items()
            for turn in _TURNS
        },
        detector=_CHIRALITY_DETECTOR,
    )


@in_ieee_mode
def small_spiral(scale: float = 0.6) -> Recipe:
    """Is there a small clockwise spiral? Proposed in Sullivan 2020, section 5.

    Half the particles have a clockwise spiral, a quarter an anticlockwise one, a quarter none.
    Otherwise as for chirality.

    Args:
        scale: Size of the spirals, > 0; 1 is that of the chirality task. All lengths of a spiral
            are scaled alike, so it keeps its shape.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    scale = check.real("scale", scale, above=0)
    outline = Outline(centre_std=(0.0, 0.0))
    full = Spiral("clockwise")
    lengths = {name: scale * getattr(full, name) for name in _SPIRAL_LENGTHS}
    spirals = {turn: replace(full, turn=turn, **lengths) for turn in _TURNS}
    return Recipe(
        classes={
            **{turn: Particle(outline, (spiral,)) for turn, spiral in spirals.items()},
            "none": Particle(outline),
        },
        weights={"clockwise": 2, "anticlockwise": 1, "none": 1},
        detector=_CHIRALITY_DETECTOR,
    )


_TURNS: tuple[Literal["clockwise", "anticlockwise"], ...] = ("clockwise", "anticlockwise")
_SPIRAL_LENGTHS = (
    *("radius", "radius_std", "straightness", "straightness_std", "widening", "widening_std"),
    *("max_thickness", "max_thickness_std"),
)
_CHIRALITY_DETECTOR = Detector(n_bins=64, angles_deg=(0.0, 90.0))


def _turned(spiral: Spiral | None, turn: Literal["clockwise", "anticlockwise"]) -> Spiral:
    """A spiral like this one, or like the paper's, that turns this way."""
    return Spiral(turn) if spiral is None else replace(spiral, turn=turn)


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
    "square": ("At which angle lies the square?", square),
    "s-projection": ("At which angle is the S seen from the side?", s_projection),
    "t-projection": ("At which angle is the T seen from the side?", t_projection),
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
