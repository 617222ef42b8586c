"""Recipes as the C++ core reads them; cpp/core/recipe.hpp gives the order of the values."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

from nanotilt import _core
from nanotilt.instruments.camera import NOISE_KINDS, Camera
from nanotilt.instruments.instrument import COUNTING_KINDS
from nanotilt.instruments.line_detector import Detector
from nanotilt.ops.images import samples_per_side
from nanotilt.scenes.particles import Feature, Hole, Spiral
from nanotilt.scenes.shapes import PolygonOutline

if TYPE_CHECKING:
    from nanotilt.recipes.recipe import Recipe


def packed_recipe(recipe: Recipe, bounds: tuple[float, float]) -> bytes:
    """The recipe's fields as little-endian doubles;  (low, high) normalise its views."""
    d = recipe.detector
    values: list[float] = [_core.stream_version]
    values += _packed_camera(d, bounds) if isinstance(d, Camera) else _packed_detector(d, bounds)
    values += [d.n_views, *(_radians(math.fmod(angle, 360.0)) for angle in d.angles_deg)]
    weights = recipe.weights or (1.0,) * len(recipe.classes)
    values += [len(recipe.classes), *weights]
    for particle in recipe.particles.values():
        o = particle.outline
        if isinstance(o, PolygonOutline):
            values += _packed_polygon(o)
            continue
        values += [o.radius, o.radius_std, o.roughness, o.n_corners, *o.centre, *o.centre_std]
        values.append(len(particle.features))
        for feature in particle.features:
            values += _packed_feature(feature)
    return struct.pack(f"<{len(values)}d", *values)


def _packed_detector(d: Detector, bounds: tuple[float, float]) -> list[float]:
    dose = d.dose or 0.0
    return [
        *(d.n_bins, d.lower, d.upper, d.shift_std, *d.about),
        *(d.background, d.blur_sigma_px, d.noise, -dose if d.counting == "fast" else dose),
        *(("ray", "bin").index(d.sampling), d.centring, *bounds, _radians(d.angle_std_deg)),
    ]


def _packed_camera(c: Camera, bounds: tuple[float, float]) -> list[float]:
    return [
        *(-c.n_pixels, c.version, c.field_of_view, samples_per_side(c.antialias), c.projected),
        *(c.background, c.blur_sigma_px, NOISE_KINDS.index(c.noise), c.noise_level),
        *(COUNTING_KINDS.index(c.counting), c.remove_background, c.centring, *bounds),
    ]


def _packed_polygon(o: PolygonOutline) -> list[float]:
    low, high = o.orientation_deg
    # Whole turns change nothing but the precision of the angle.
    turns = 360.0 * math.floor(low / 360.0)
    return [
        *(o.size, o.size_std, 0.0, -len(o.corners), *o.centre, *o.centre_std, 0.0),
        *(_radians(low - turns), _radians(high - turns)),
        *(coordinate for corner in o.corners for coordinate in corner),
    ]


def _packed_feature(feature: Feature) -> list[float]:
    common = [feature.density, feature.max_offset, feature.radius, feature.radius_std]
    if isinstance(feature, Hole):
        return [0.0, *common, *([0.0] * 7)]
    s: Spiral = feature
    return [
        *(1.0, *common, s.straightness, s.straightness_std, s.widening, s.widening_std),
        *(s.max_thickness, s.max_thickness_std, s.turn == "clockwise"),
    ]


def _radians(degrees: float) -> float:
    # One multiplication, so that every machine rounds alike; math.radians promises no more.
    return degrees * (math.pi / 180.0)
