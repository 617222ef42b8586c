"""What all scenes have in common."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from nanotilt._base.description import Description
from nanotilt._base.output import Output

MOST_STEPS = 7.0
"""No normal that is drawn is as many standard deviations from its mean: it is made from a uniform
number of 31 bits (Box & Muller 1958), so that 6.7 are the most."""


@dataclass(frozen=True)
class Extent:
    """How far a scene reaches, and what of it adds up at a place; bounds, not what is drawn.

    Attributes:
        square: Largest square of a radius.
        reach: Largest coordinate of a corner.
        density: Sum of all bodies' densities.
        edges: Sum over all edges of their rings' densities.
    """

    square: float
    reach: float
    density: float
    edges: float


@dataclass(frozen=True)
class Frame:
    """What an instrument's views are like, as far as a scene's truths depend on it.

    Attributes:
        n_views: Views of each sample.
        view_shape: Shape of one of them.
        fixed: Whether views are images whose pixels always show the same places: neither summed nor
            rolled to their middle.
        pixel_angstrom: Length of a pixel, of images of atoms.
        counts: What is counted, in words, of instruments that count electrons of atoms.
        polar: Radii and azimuths of polar cells, of area detectors.
    """

    n_views: int
    view_shape: tuple[int, ...]
    fixed: bool
    pixel_angstrom: float = 1.0
    counts: str = ""
    polar: tuple[int, int] = (0, 0)


class Scene(Description):
    """What a class of samples shows, with the distributions that it is drawn from.

    A scene is a frozen dataclass whose fields are numbers, words, or tuples of them, which JSON
    holds and the core is handed.

    Attributes:
        geometry: What it consists of, such as "rings"; an instrument lists what it sees.
    """

    geometry: ClassVar[str]

    @abstractmethod
    def truths(self, frame: Frame) -> tuple[Output, ...]:
        """What is known of a sample beside its class, and can be given as a target.

        Args:
            frame: What the views are like, as far as truths depend on it.
        """

    @abstractmethod
    def extent(self) -> Extent:
        """Bounds of what may be drawn, by which views are known to fit into float32."""


@lru_cache(maxsize=64)  # a recipe may have 65,536 classes
def angles_output(n_views: int) -> Output:
    """The angle of each view: what is known of every scene."""
    meaning = "the angle that each view shows the scene turned by"
    return Output("angle_rad", "float32", (n_views,), "rad", meaning)


def furthest(mean: float, std: float) -> float:
    """A bound of the magnitude of a normally distributed number."""
    return abs(mean) + MOST_STEPS * std
