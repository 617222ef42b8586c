"""Recipes of particles with holes and spirals, seen by a line of bins; after Sullivan 2020."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt.instruments.line_detector import Detector
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.particles import Hole, Outline, Particle, Spiral


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
