"""Discs: a scene of several bodies, with masks and boxes for networks that are to find them.

It is the example of the documentation's page "Your own scene".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from nanotilt._base import checks as check
from nanotilt._base.output import Output
from nanotilt.scenes.scene import Extent, Frame, Scene, angles_output, furthest

MOST_DISCS = 64
N_CORNERS = 64
"""Of the polygon that is drawn for a disc, of the disc's area: its corners lie 0.08 % of the radius
outside the disc, and the middles of its sides 0.04 % inside."""


@dataclass(frozen=True)
class Discs(Scene):
    """Discs of density 1, each of its own radius and place; where they overlap, they add up.

    Lengths are in the units of the camera's field of view.

    Args:
        number: Fewest and most discs of a sample, each number in between equally often; 0 ... 64.
        radius: Mean radius, > 0. A radius below a quarter of it is drawn as that quarter.
        radius_std: Its standard deviation from disc to disc, >= 0.
        spread: Side of the square about the origin in which the discs' middles lie, uniformly, > 0.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    kind: ClassVar[str] = "discs"
    geometry: ClassVar[str] = "rings"

    number: tuple[int, int] = (1, 6)
    radius: float = 0.2
    radius_std: float = 0.04
    spread: float = 2.0

    def __post_init__(self) -> None:
        fields = {
            "number": check.integers("number", self.number, at_least=0, below=MOST_DISCS + 1),
            "radius": check.real("radius", self.radius, above=0),
            "radius_std": check.real("radius_std", self.radius_std, at_least=0),
            "spread": check.real("spread", self.spread, above=0),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        if len(self.number) != 2 or self.number[0] > self.number[1] or self.number[1] == 0:
            raise ValueError(
                "number must be (fewest, most) with fewest <= most and most >= 1. "
                f"{check.received('number', self.number)}"
            )

    def truths(self, frame: Frame) -> tuple[Output, ...]:
        """The angles of the views; in images also where the discs are, in the first view.

        Args:
            frame: What the views are like.
        """
        angles = angles_output(frame.n_views)
        if not frame.fixed:
            return (angles,)
        most = self.number[1]
        return (
            angles,
            Output("mask", "uint8", frame.view_shape, "", "1 where a pixel's middle is in a disc"),
            Output(
                *("boxes", "float32", (most, 4), "px"),
                "left, top, right and bottom of each disc's part in the image",
                length="n_boxes",
            ),
            Output("n_boxes", "int32", (), "", "how many of the boxes there are"),
        )

    def extent(self) -> Extent:
        """Bounds of what may be drawn, by which views are known to fit into float32."""
        most, radius = self.number[1], furthest(self.radius, self.radius_std)
        reach = math.sqrt(2) * (0.5 * self.spread) + radius
        return Extent(0.0, reach, float(most), float(most * N_CORNERS))
