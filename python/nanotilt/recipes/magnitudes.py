"""Whether float32 can hold all that a recipe may draw: bounds, known before anything is drawn.

A normal that is drawn is never further than 7 standard deviations from its mean: it is made from a
uniform number of 31 bits (Box & Muller 1958), so that 6.7 are the most. All bounds are far above
what is drawn; a recipe that they refuse has fields of 1e25 and more, or of 1e-25 and less where
something is divided by them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias

from nanotilt._base.checks import FLOAT32_MAX
from nanotilt.instruments.camera import Camera
from nanotilt.instruments.line_detector import Detector
from nanotilt.scenes.particles import Hole, Outline, Particle
from nanotilt.scenes.shapes import PolygonOutline

Numbers: TypeAlias = tuple[tuple[str, float], ...]
"""Numbers of a recipe by their places in it."""

Fields: TypeAlias = Callable[[], Numbers]
"""Tells them, which takes longer than all else and is for errors only."""

_MOST_STEPS = 7.0
_STEEPEST = 2.0**26
"""Slopes of edges are taken over a distance of 2**-24 bins at least."""


@dataclasses.dataclass(frozen=True)
class _Extent:
    """How far a particle reaches, and what of it adds up at a place.

    Attributes:
        square: Largest square of a radius.
        reach: Largest coordinate of a corner.
        density: Sum of all rings' densities.
        edges: Sum over all edges of their rings' densities.
    """

    square: float
    reach: float
    density: float
    edges: float


def check_magnitudes(
    classes: Mapping[str, Particle], detector: Detector | Camera, bounds: tuple[float, float]
) -> None:
    """Raises ValueError where views, normalised by these bounds, may not fit into float32."""
    low, high = bounds
    for label, particle in classes.items():
        extent = _extent(particle)
        fields = partial(_all_numbers, label, particle, detector)
        if isinstance(detector, Camera):
            value = _seen_by_camera(detector, extent, fields)
        else:
            value = _seen_by_detector(detector, extent, fields)
        if not (value + abs(low)) / (high - low) <= FLOAT32_MAX:
            limits = (("normalise[0]", low), ("normalise[1]", high))
            _refuse("values over the distance of the bounds that normalise them", limits)


def _seen_by_detector(d: Detector, extent: _Extent, fields: Fields) -> float:
    """A bound of a view's values before they are normalised."""
    reach = extent.reach + abs(d.about[0]) + abs(d.about[1])
    bins_per_length = max(d.n_bins - 1, 1) / (d.upper - d.lower)
    furthest = 4 * reach + abs(d.lower) + _MOST_STEPS * d.shift_std
    if not max(extent.square, furthest * bins_per_length, _STEEPEST * reach) <= FLOAT32_MAX:
        _refuse("lengths", (("detector.upper - lower", d.upper - d.lower), *fields()))
    value = abs(d.background) + 4 * reach * extent.edges
    value = 2 * (1 + _MOST_STEPS * d.noise) * _counted(value, d.dose)
    if not value <= FLOAT32_MAX:
        _refuse("values", _growing(fields()))
    return value


def _seen_by_camera(c: Camera, extent: _Extent, fields: Fields) -> float:
    """The same. What is too far away or too large for float32, a camera does not draw."""
    value = abs(c.background) + extent.density * (c.n_pixels if c.projected else 1)
    value = _counted(value, c.noise_level if c.noise == "poisson" else None)
    value = 4 * (value + (_MOST_STEPS * c.noise_level if c.noise in ("uniform", "gaussian") else 0))
    if not value <= FLOAT32_MAX:
        _refuse("values", _growing(fields()))
    return value


def _counted(value: float, dose: float | None) -> float:
    """No count is so many standard deviations above its mean, or so much above a small mean."""
    return value if dose is None else value + 40 * math.sqrt(value / dose) + 60 / dose


def _extent(particle: Particle) -> _Extent:
    outline = particle.outline
    centre = max(
        _furthest(mean, std) for mean, std in zip(outline.centre, outline.centre_std, strict=True)
    )
    if isinstance(outline, PolygonOutline):
        size = _furthest(outline.size, outline.size_std)
        corner = max(abs(x) + abs(y) for x, y in outline.corners)
        return _Extent(0.0, centre + size * corner, 1.0, len(outline.corners))
    return _extent_of_rough(outline, particle, centre)


def _extent_of_rough(outline: Outline, particle: Particle, centre: float) -> _Extent:
    roughness = _MOST_STEPS * outline.roughness
    square = _furthest(outline.radius, outline.radius_std) ** 2
    furthest, density, edges = 0.0, 1.0, float(outline.n_corners)
    for feature in particle.features:
        radius = _furthest(feature.radius, feature.radius_std)
        density += abs(feature.density)
        # A hole has at most four times the outline's corners, a spiral two edges of as many.
        edges += abs(feature.density) * 4 * (outline.n_corners + 1)
        if isinstance(feature, Hole):
            square += abs(feature.density) * radius**2
            radius += roughness
        else:
            radius += _furthest(feature.max_thickness, feature.max_thickness_std)
        furthest = max(furthest, feature.max_offset + radius)
    furthest = max(furthest, math.sqrt(square) + roughness)
    return _Extent(square, centre + furthest, density, edges)


def _furthest(mean: float, std: float) -> float:
    return abs(mean) + _MOST_STEPS * std


def _all_numbers(label: str, particle: Particle, detector: Detector | Camera) -> Numbers:
    return (*_numbers(f"classes[{label!r}]", particle), *_numbers("detector", detector))


def _growing(fields: Numbers) -> Numbers:
    """Those that make values large: large ones, and small ones that counts are divided by."""
    divisors = ("detector.dose", "detector.noise_level")
    return tuple(item for item in fields if abs(item[1]) >= 1 or item[0] in divisors)


def _numbers(field: str, value: Any) -> Iterator[tuple[str, float]]:
    """Every number of a description, by its place in it."""
    if dataclasses.is_dataclass(value):
        for part in dataclasses.fields(value):
            yield from _numbers(f"{field}.{part.name}", getattr(value, part.name))
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _numbers(f"{field}[{i}]", item)
    elif isinstance(value, (int, float)):
        yield field, value


def _refuse(what: str, fields: Numbers) -> None:
    """Names the number that is furthest from 1, on either side."""
    field, value = max(fields, key=lambda item: abs(math.log(abs(item[1]) or 1.0)))
    raise ValueError(
        f"{what} must be such that views fit into float32, which ends at {FLOAT32_MAX:.2g}. "
        f"Received: {field}={value!r}"
    )
