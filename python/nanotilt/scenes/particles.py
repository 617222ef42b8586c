"""Descriptions of random particles: an outline plus features.

All lengths are in units of the mean particle radius. A ``*_std`` field is the standard deviation of
a normal distribution around the field it is named after. Polar angles start at +y and grow
clockwise. Source: Sullivan 2020, section 3 and tables 1, 3 and 4; each field names the paper's
symbol.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from nanotilt._base import checks as check
from nanotilt._base.description import field_values
from nanotilt._base.output import Output
from nanotilt.scenes.scene import MOST_STEPS, Extent, Frame, Scene, angles_output, furthest
from nanotilt.scenes.shapes import PolygonOutline

N_CORNERS_LIMIT = 2**20


@dataclass(frozen=True)
class Outline:
    """A rough circle: corners at regular angles, each at its own random radius.

    Args:
        radius: Mean particle radius, > 0 (``r``).
        radius_std: Its standard deviation from particle to particle, >= 0 (``sig_r``).
        roughness: Standard deviation of each corner's radius around the particle's radius, >= 0
            (``sig``).
        n_corners: Number of corners, 3 ... 2**20 (``angle_count``).
        centre: Mean centre (x, y) (``centre``).
        centre_std: Standard deviation of the centre, (x, y), each >= 0 (``sig_c``).

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    radius: float = 1.0
    radius_std: float = 0.1
    roughness: float = 0.05
    n_corners: int = 90
    centre: tuple[float, float] = (0.0, 0.0)
    centre_std: tuple[float, float] = (0.3, 0.3)

    def __post_init__(self) -> None:
        _set(
            self,
            radius=check.real("radius", self.radius, above=0),
            radius_std=check.real("radius_std", self.radius_std, at_least=0),
            roughness=check.real("roughness", self.roughness, at_least=0),
            n_corners=check.integer(
                "n_corners", self.n_corners, at_least=3, below=N_CORNERS_LIMIT + 1
            ),
            centre=check.reals("centre", self.centre, length=2),
            centre_std=check.reals("centre_std", self.centre_std, length=2, at_least=0),
        )


@dataclass(frozen=True)
class Hole:
    """A smaller rough circle within the particle, where material is missing (or denser).

    Its roughness is the outline's, and its corner count round(n_corners * hole radius / particle
    radius), 3 at least, keeps the outline's corner spacing (Sullivan 2020, eq. 8). The mass that it
    removes goes to the outside: all corner radii of the outline grow by sqrt(R**2 - density *
    radius**2) - R (eq. 9 for density -1), so that mass gives no class away; a denser hole makes the
    outline smaller. Its centre is at a uniform angle and a uniform distance from the particle's
    centre. A corner radius may come out negative; the ring then crosses itself and is filled by the
    even-odd rule.

    Args:
        radius: Mean radius, > 0 (``h_r``).
        radius_std: Its standard deviation, >= 0 (``sig_hr``).
        max_offset: Largest distance of its centre from the particle's, >= 0 (``h_range``).
        density: Density added inside the ring: -1 cuts a hole out of a particle of density 1.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    radius: float = 0.1
    radius_std: float = 0.01
    max_offset: float = 0.4
    density: float = -1.0

    def __post_init__(self) -> None:
        _set(
            self,
            radius=check.real("radius", self.radius, above=0),
            radius_std=check.real("radius_std", self.radius_std, at_least=0),
            max_offset=check.real("max_offset", self.max_offset, at_least=0),
            density=check.real("density", self.density),
        )


@dataclass(frozen=True)
class Spiral:
    """A spiral of denser material on top of the particle.

    With t the angle from the spiral's start, the inner edge is at straightness * t, the outer edge
    at min((widening + straightness) * t, straightness * t + max_thickness), for t from 0 to radius
    / straightness in n_corners steps of the outline (Sullivan 2020, eqs. 10 and 11). The ring is
    turned by a uniform random angle, and placed like a hole. Drawn lengths below zero count as
    zero, a straightness below an eighth of its mean as that eighth; no spiral goes on for more than
    8,000 radians.

    Args:
        turn: "clockwise" (the angle grows clockwise on the way outwards) or "anticlockwise".
        radius: Mean outer radius, > 0 (``s_r``).
        radius_std: Its standard deviation, >= 0 (``sig_sr``).
        straightness: Mean growth of the radius per radian, > 0 (``s_s``).
        straightness_std: Its standard deviation, >= 0 (``sig_ss``).
        widening: Mean growth of the thickness per radian, >= 0 (``s_t``, the paper's additional
            straightness).
        widening_std: Its standard deviation, >= 0 (``sig_st``).
        max_thickness: Mean of the largest thickness, >= 0 (``s_t_max``).
        max_thickness_std: Its standard deviation, >= 0 (``sig_st_max``).
        max_offset: Largest distance of its centre from the particle's, >= 0 (``s_range``).
        density: Density added inside the ring.

    Raises:
        TypeError: a field is of the wrong kind.
        ValueError: a field has a wrong value.
    """

    turn: Literal["clockwise", "anticlockwise"]
    radius: float = 0.5
    radius_std: float = 0.05
    straightness: float = 0.04
    straightness_std: float = 0.008
    widening: float = 0.01
    widening_std: float = 0.002
    max_thickness: float = 0.1
    max_thickness_std: float = 0.02
    max_offset: float = 0.1
    density: float = 1.0

    def __post_init__(self) -> None:
        _set(
            self,
            turn=check.choice("turn", self.turn, ("clockwise", "anticlockwise")),
            radius=check.real("radius", self.radius, above=0),
            radius_std=check.real("radius_std", self.radius_std, at_least=0),
            straightness=check.real("straightness", self.straightness, above=0),
            straightness_std=check.real("straightness_std", self.straightness_std, at_least=0),
            widening=check.real("widening", self.widening, at_least=0),
            widening_std=check.real("widening_std", self.widening_std, at_least=0),
            max_thickness=check.real("max_thickness", self.max_thickness, at_least=0),
            max_thickness_std=check.real("max_thickness_std", self.max_thickness_std, at_least=0),
            max_offset=check.real("max_offset", self.max_offset, at_least=0),
            density=check.real("density", self.density),
        )
        # Sines and cosines are exact up to 8,000 radians, where every spiral ends; a draw may well
        # have eight times the mean number of turns.
        if check.as_float32(self.radius) / check.as_float32(self.straightness) > 1000:
            raise ValueError(
                "straightness must be >= radius / 1000 (some 160 turns). "
                f"{check.received('straightness', self.straightness)}, radius={self.radius!r}"
            )


Feature: TypeAlias = Hole | Spiral


@dataclass(frozen=True)
class Particle(Scene):
    """An outline plus any number of features; their densities add up.

    Args:
        outline: The particle's outline, of density 1: an Outline, or a shape such as Square.
        features: Holes and spirals, in the order they are drawn in, 1024 at most; for an Outline
            only.

    Raises:
        TypeError: `outline` is no outline, or a feature is neither Hole nor Spiral.
        ValueError: there are too many features, or some in a shape.
    """

    kind: ClassVar[str] = "particle"
    version: ClassVar[int] = 2
    unwritten_version: ClassVar[int | None] = 2
    geometry: ClassVar[str] = "rings"

    outline: Outline | PolygonOutline
    features: tuple[Feature, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.outline, (Outline, PolygonOutline)):
            raise TypeError(
                "outline must be an Outline or a shape such as Square. "
                f"{check.received('outline', self.outline)}"
            )
        if isinstance(self.features, (Hole, Spiral)):
            raise TypeError(
                f"features must be a sequence, such as ({type(self.features).__name__}(...),). "
                f"{check.received('features', self.features)}"
            )
        if isinstance(self.features, (str, bytes, dict)) or not isinstance(self.features, Iterable):
            raise TypeError(
                f"features must be a sequence of Hole and Spiral. "
                f"{check.received('features', self.features)}"
            )
        features = tuple(self.features)
        for i, feature in enumerate(features):
            if not isinstance(feature, (Hole, Spiral)):
                raise TypeError(
                    f"features[{i}] must be a Hole or a Spiral. "
                    f"{check.received(f'features[{i}]', feature)}"
                )
        if len(features) > 1024:
            raise ValueError(
                f"features must have <= 1024 entries. Received: {len(features)} of them"
            )
        if features and isinstance(self.outline, PolygonOutline):
            raise ValueError(
                "features need an Outline: a hole takes its roughness and its corners from it. "
                f"{check.received('outline', self.outline)}, {len(features)} features"
            )
        _set(self, features=features)

    def extent(self) -> Extent:
        """Bounds of what may be drawn, by which views are known to fit into float32."""
        outline = self.outline
        centre = max(
            furthest(mean, std)
            for mean, std in zip(outline.centre, outline.centre_std, strict=True)
        )
        if isinstance(outline, PolygonOutline):
            size = furthest(outline.size, outline.size_std)
            corner = max(abs(x) + abs(y) for x, y in outline.corners)
            return Extent(0.0, centre + size * corner, 1.0, len(outline.corners))
        return _extent_of_rough(outline, self.features, centre)

    def truths(self, frame: Frame) -> tuple[Output, ...]:
        """What is known of a sample beside its class: the angles of its views.

        Args:
            frame: What the views are like.
        """
        return (angles_output(frame.n_views),)

    def lowered(self) -> dict[str, Any]:
        """The values that the core draws by: its kind and version, then each under its name."""
        if isinstance(self.outline, PolygonOutline):
            return {"kind": "polygon", "version": self.version, **self.outline.lowered()}
        features = [{"kind": type(f).__name__.lower(), **field_values(f)} for f in self.features]
        return {**super().lowered(), "outline": field_values(self.outline), "features": features}

    @property
    def rough_outline(self) -> Outline:
        """The outline of a particle that is a rough circle.

        Raises:
            ValueError: it is a shape.
        """
        if not isinstance(self.outline, Outline):
            raise ValueError(
                f"the outline must be an Outline. {check.received('outline', self.outline)}"
            )
        return self.outline


def _extent_of_rough(outline: Outline, features: tuple[Feature, ...], centre: float) -> Extent:
    roughness = MOST_STEPS * outline.roughness
    square = furthest(outline.radius, outline.radius_std) ** 2
    reach, density, edges = 0.0, 1.0, float(outline.n_corners)
    for feature in features:
        radius = furthest(feature.radius, feature.radius_std)
        density += abs(feature.density)
        # A hole has at most four times the outline's corners, a spiral two edges of as many.
        edges += abs(feature.density) * 4 * (outline.n_corners + 1)
        if isinstance(feature, Hole):
            square += abs(feature.density) * radius**2
            radius += roughness
        else:
            radius += furthest(feature.max_thickness, feature.max_thickness_std)
        reach = max(reach, feature.max_offset + radius)
    reach = max(reach, math.sqrt(square) + roughness)
    return Extent(square, centre + reach, density, edges)


def _set(instance: object, **fields: object) -> None:
    """Stores checked values in a frozen dataclass."""
    for name, value in fields.items():
        object.__setattr__(instance, name, value)
