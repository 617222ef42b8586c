"""Outlines of fixed shape: polygons that are scaled, turned and placed at random.

Source: Laurie 2024, section 2.1 (squares and other polygons) and figures 2.6 and 2.7 (the letters T
and S, whose printed figures tell no sizes: their corners are defined here). Lengths are in the
units of the detector's limits or the camera's field of view. Angles grow clockwise, as those of
views do: an outline turned by 10 degrees looks as if seen at a tilt of 10 degrees.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode, radians
from nanotilt._base.arrays import finite_array
from nanotilt.scenes.same_shape import rotational_order

N_POLYGON_CORNERS_LIMIT = 1024

Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class PolygonOutline(ABC):
    """What all outlines of fixed shape have in common; not to be used itself.

    Args:
        size: Mean size, > 0; each shape says what it measures.
        size_std: Its standard deviation from particle to particle, >= 0.
        centre: Mean centre (x, y).
        centre_std: Standard deviation of the centre, (x, y), each >= 0.
        orientation_deg: The outline is turned clockwise by an angle that is uniform between these
            two, in degrees, within +-3600; the second is the larger one, or both are the same.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    size: float = 1.2
    size_std: float = 0.1
    centre: tuple[float, float] = (0.0, 0.0)
    centre_std: tuple[float, float] = (0.1, 0.1)
    orientation_deg: tuple[float, float] = (0.0, 360.0)

    def __post_init__(self) -> None:
        fields = {
            "size": check.real("size", self.size, above=0),
            "size_std": check.real("size_std", self.size_std, at_least=0),
            "centre": check.reals("centre", self.centre, length=2),
            "centre_std": check.reals("centre_std", self.centre_std, length=2, at_least=0),
            "orientation_deg": check.reals("orientation_deg", self.orientation_deg, length=2),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        low, high = self.orientation_deg
        if not -3600 <= low <= high <= 3600:
            raise ValueError(
                "orientation_deg must be (low, high) with -3600 <= low <= high <= 3600. "
                f"{check.received('orientation_deg', self.orientation_deg)}"
            )

    @property
    @abstractmethod
    def corners(self) -> Corners:
        """Corners (x, y) at size 1 and orientation 0, about the point that is placed."""

    @property
    def symmetry(self) -> int:
        """Rotational order: the outline looks the same after each 360 / symmetry degrees.

        The shape decides, to a millionth of its size, not the list of its corners: these may begin
        anywhere, run either way, repeat the first one at the end, or stand in the middle of sides.
        """
        return rotational_order(self.corners)

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by, each under its name; angles in radians."""
        low, high = self.orientation_deg
        # Whole turns change nothing but the precision of the angle.
        turns = 360.0 * math.floor(low / 360.0)
        return {
            "size": self.size,
            "size_std": self.size_std,
            "centre": self.centre,
            "centre_std": self.centre_std,
            "lowest_turn_rad": radians(low - turns),
            "highest_turn_rad": radians(high - turns),
            "corners": self.corners,
        }


@dataclass(frozen=True, kw_only=True)
class Square(PolygonOutline):
    """A square; `size` is the length of a side.

    The fields are those of `nanotilt.scenes.shapes.PolygonOutline`.
    """

    @property
    def corners(self) -> Corners:
        """Corners (x, y) at size 1 and orientation 0, about the square's middle."""
        return ((-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.5, -0.5))


@dataclass(frozen=True)
class RegularPolygon(PolygonOutline):
    """A regular polygon; `size` is the diameter of the circle through its corners.

    Its first corner is at the top. The other fields are those of
    `nanotilt.scenes.shapes.PolygonOutline`.

    Args:
        n_sides: Number of sides, 3 ... 1024.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    n_sides: int

    def __post_init__(self) -> None:
        super().__post_init__()
        n = check.integer("n_sides", self.n_sides, at_least=3, below=N_POLYGON_CORNERS_LIMIT + 1)
        object.__setattr__(self, "n_sides", n)

    @property
    @in_ieee_mode
    def corners(self) -> Corners:
        """Corners (x, y) at size 1 and orientation 0, clockwise from the top."""
        angles = [2 * math.pi * i / self.n_sides for i in range(self.n_sides)]
        return tuple((0.5 * math.sin(angle), 0.5 * math.cos(angle)) for angle in angles)

    @property
    def symmetry(self) -> int:
        """Rotational order: the number of sides."""
        return self.n_sides


@dataclass(frozen=True, kw_only=True)
class TShape(PolygonOutline):
    """The letter T; `size` is its height.

    It is as wide as high, its bars a quarter as thick. It is symmetric to its mirror image, so two
    orientations give the same projection, but pairs of projections a known angle apart differ.
    The fields are those of `nanotilt.scenes.shapes.PolygonOutline`.
    """

    @property
    def corners(self) -> Corners:
        """Corners (x, y) at height 1 and orientation 0, about the centre of mass."""
        return about_centre_of_mass(_T)


@dataclass(frozen=True, kw_only=True)
class SShape(PolygonOutline):
    """An angular letter S; `size` is its height.

    Its arms differ, so that no two orientations give the same projection. The fields are those of
    `nanotilt.scenes.shapes.PolygonOutline`.
    """

    @property
    def corners(self) -> Corners:
        """Corners (x, y) at height 1 and orientation 0, about the centre of mass."""
        return about_centre_of_mass(_S)


@dataclass(frozen=True)
class Polygon(PolygonOutline):
    """Any polygon; `size` multiplies its corners.

    The other fields are those of `nanotilt.scenes.shapes.PolygonOutline`.

    Args:
        vertices: 3 ... 1024 corners (x, y). The polygon is turned about (0, 0), which comes to lie
            at its centre. Where it crosses itself, the even-odd rule tells what is inside. It is
            closed of its own: a corner that repeats its neighbour, or the first one at the end,
            changes no shape, but makes drawing slower, three to eight times with a Detector.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    vertices: Sequence[tuple[float, float]] | npt.NDArray[np.floating]

    def __post_init__(self) -> None:
        super().__post_init__()
        vertices = finite_array("vertices", self.vertices, np.float32).astype(np.float64)
        if vertices.ndim != 2 or vertices.shape[1] != 2:
            raise ValueError(f"vertices must have shape (n, 2). Received: shape {vertices.shape}")
        if not 3 <= len(vertices) <= N_POLYGON_CORNERS_LIMIT:
            raise ValueError(
                f"vertices must hold 3 ... {N_POLYGON_CORNERS_LIMIT} corners. "
                f"Received: {len(vertices)} of them"
            )
        corners = tuple((float(x) + 0.0, float(y) + 0.0) for x, y in vertices)
        object.__setattr__(self, "vertices", corners)

    @property
    def corners(self) -> Corners:
        """The vertices."""
        return tuple((x, y) for x, y in self.vertices)


@in_ieee_mode
def about_centre_of_mass(corners: Corners) -> Corners:
    """The corners of a polygon that does not cross itself, its centre of mass moved to (0, 0)."""
    x, y = np.array(corners).T
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    doubled_areas = x * next_y - next_x * y
    area = 3 * doubled_areas.sum()
    centre_x = ((x + next_x) * doubled_areas).sum() / area
    centre_y = ((y + next_y) * doubled_areas).sum() / area
    return tuple((float(a - centre_x), float(b - centre_y)) for a, b in zip(x, y, strict=True))


_T: Corners = (
    (-0.5, 1.0), (0.5, 1.0), (0.5, 0.75), (0.125, 0.75),
    (0.125, 0.0), (-0.125, 0.0), (-0.125, 0.75), (-0.5, 0.75),
)  # fmt: skip
_S: Corners = (
    (0.0, 0.0), (0.625, 0.0), (0.625, 0.675), (0.1875, 0.675), (0.1875, 0.8125), (0.525, 0.8125),
    (0.525, 1.0), (0.0, 1.0), (0.0, 0.4875), (0.4375, 0.4875), (0.4375, 0.1875), (0.0, 0.1875),
)  # fmt: skip
"""With arms alike, the projections at 136 and 316 degrees would differ by 0.03 counts a bin, of up
to 33, at 36 pixels height; an upper arm that is shorter by 0.1 and 0.1 lower in the middle make it
0.5 at least, whatever the two orientations."""
