"""What the core computes, again: float64, one thing after another, no eye on speed.

Written from Sullivan 2020 and the documented layout of the random stream, so that a mistake in the
core has to be made twice to go unseen. `oracle_random` has the stream, `oracle_projection` the
geometry, this module whole particles and samples.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt

import nanotilt as nt
from oracle_projection import bin_thickness, corner_tolerance, ray_thickness, turned
from oracle_random import (
    COUNTING,
    COUNTING_BLOCKS,
    NOISE,
    PARTICLE,
    PLACEMENT,
    Position,
    fast_poisson,
    label_of,
    normals,
    poisson,
    random_words,
    uniform24,
)

Floats: TypeAlias = npt.NDArray[np.float64]
Rings: TypeAlias = list[tuple[Floats, float]]


def as_float32(value: float) -> float:
    """A recipe's number as the core holds it; matters where something is rounded to an integer."""
    return float(np.float32(value))


class Layout(NamedTuple):
    """Where a particle's normals begin.

    Radius, centre x and centre y come first; then four per feature; the corner radii of the outline
    and of each hole; last, shift and tilt of each view.
    """

    features: list[int]
    outline_corners: int
    hole_corners: list[int]
    hole_capacity: list[int]
    views: int


def layout_of(particle: nt.Particle) -> Layout:
    o = particle.rough_outline
    features = [3 + 4 * i for i in range(len(particle.features))]
    outline_corners = 3 + 4 * len(features)
    place = outline_corners + o.n_corners
    hole_corners, hole_capacity = [], []
    for feature in particle.features:
        capacity = 0
        if isinstance(feature, nt.Hole):
            radius, std = as_float32(o.radius), as_float32(o.radius_std)
            smallest_outline = max(radius - 5 * std, 0.25 * radius)
            largest_hole = as_float32(feature.radius) + 5 * as_float32(feature.radius_std)
            capacity = math.ceil(o.n_corners * largest_hole / smallest_outline)
            capacity = min(max(capacity, 3), 4 * o.n_corners)
        hole_corners.append(place)
        hole_capacity.append(capacity)
        place += capacity
    return Layout(features, outline_corners, hole_corners, hole_capacity, place)


def polar(radius: Floats, angle: Floats) -> Floats:
    """Corners (n, 2); angles start at +y and grow clockwise."""
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=-1)


def particle(recipe: nt.Recipe, at: Position, label: int) -> tuple[Rings, Floats]:
    """Rings of one sample, and the normals of its views (n_views, 2): shift and tilt.

    Source: Sullivan 2020, section 3.
    """
    description = list(recipe.particles.values())[label]
    o, layout = description.rough_outline, layout_of(description)
    z = normals(at, PARTICLE, layout.views + 2 * recipe.n_views)
    radius = o.radius + o.radius_std * z[0]
    centre = np.array(o.centre) + np.array(o.centre_std) * z[1:3]
    squared = radius**2
    for feature, first in zip(description.features, layout.features, strict=True):
        if isinstance(feature, nt.Hole):
            squared -= feature.density * (feature.radius + feature.radius_std * z[first]) ** 2
    grown = math.sqrt(max(squared, 0.0)) if radius >= 0 else radius
    corner_radii = grown + o.roughness * z[layout.outline_corners :][: o.n_corners]
    angles = 2 * math.pi * np.arange(o.n_corners) / o.n_corners
    rings: Rings = [(centre + polar(corner_radii, angles), 1.0)]
    for i, feature in enumerate(description.features):
        words = random_words(at, PLACEMENT, i)[0]
        offset, direction = (
            feature.max_offset * uniform24(words[1]),
            words[0] * (2 * math.pi / 2**32),
        )
        place = centre + offset * np.array([math.sin(direction), math.cos(direction)])
        if isinstance(feature, nt.Hole):
            hole_radius = feature.radius + feature.radius_std * z[layout.features[i]]
            n = int(
                min(
                    max(math.floor(o.n_corners * hole_radius / radius + 0.5), 3),
                    layout.hole_capacity[i],
                )
            )
            hole_radii = hole_radius + o.roughness * z[layout.hole_corners[i] :][:n]
            ring = polar(hole_radii, 2 * math.pi * np.arange(n) / n)
        else:
            start = 2 * math.pi * uniform24(words[2])
            ring = spiral_ring(feature, z[layout.features[i] :][:4], start, o.n_corners)
        rings.append((place + ring, feature.density))
    return rings, z[layout.views :].reshape(-1, 2)


def spiral_ring(spiral: nt.Spiral, z: Floats, start: float, n_steps: int) -> Floats:
    """Out along the inner edge, back along the outer edge (eqs. 10 and 11)."""
    radius = max(spiral.radius + spiral.radius_std * z[0], 0.0)
    s = max(spiral.straightness + spiral.straightness_std * z[1], spiral.straightness / 8)
    t_add = max(spiral.widening + spiral.widening_std * z[2], 0.0)
    t_max = max(spiral.max_thickness + spiral.max_thickness_std * z[3], 0.0)
    t = np.linspace(0, radius / s, n_steps + 1)
    inner, outer = s * t, np.minimum((t_add + s) * t, s * t + t_max)
    angle = start + (t if spiral.turn == "clockwise" else -t)
    return np.concatenate([polar(inner, angle), polar(outer, angle)[::-1]])


def gaussian_kernel(sigma: float) -> Floats:
    radius = int(4 * sigma + 0.5)
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * (offsets / sigma) ** 2) if radius else np.ones(1)
    weights: Floats = kernel / kernel.sum()
    return weights


def blur(row: Floats, sigma: float) -> Floats:
    kernel = gaussian_kernel(sigma)
    blurred: Floats = np.convolve(
        np.pad(row, len(kernel) // 2, mode="symmetric"), kernel, mode="valid"
    )
    return blurred


def counting_words(at: Position, first_blocks: npt.NDArray[np.int64], step: int) -> Any:
    """Random words of one step of counting, for all bins."""
    return random_words(at, COUNTING, first_blocks + step)


def noise_sum_std(d: nt.Detector) -> float:
    """Standard deviation of the sum of a view that shows background only."""
    counting = abs(d.background) / d.dose if d.dose else 0.0
    return math.sqrt(d.n_bins * ((d.noise * d.background) ** 2 + counting))


def centred(view: Floats, background: float, noise_std: float) -> Floats:
    """Moves the centre of mass of the signal above background to the middle.

    By linear interpolation; background comes in from outside. A view whose signal sums to no more
    than four standard deviations of its noise, and what rounding adds, stays.
    """
    signal = view - background
    if not signal.sum() > 4 * noise_std + 1e-6 * len(view) * abs(background):
        return view
    places = np.arange(len(view))
    shift = (signal @ places) / signal.sum() - (len(view) - 1) / 2
    framed = np.pad(view, 1, constant_values=background)
    moved: Floats = np.interp(
        places + shift, np.arange(-1, len(view) + 1), framed, left=background, right=background
    )
    return moved


class Sample(NamedTuple):
    """A sample without normalisation: views (n_views, n_bins), angle_rad (n_views,).

    `tolerance`, shaped like views, is what the core may differ by because float32 moves corners a
    little: large only where a ray runs along an edge.
    """

    views: Floats
    tolerance: Floats
    label: int
    angle_rad: Floats


def sample(recipe: nt.Recipe, at: Position, corner_error: float = 1e-6) -> Sample:
    """One sample before normalisation: particle, projection, detector."""
    d = recipe.line_detector
    weights = cast("tuple[float, ...]", recipe.weights) or (1.0,) * len(recipe.classes)
    label = label_of(weights, at)
    rings, view_normals = particle(recipe, at, label)
    angles = np.radians(d.angles_deg) + math.radians(d.angle_std_deg) * view_normals[:, 1]
    noise = normals(at, NOISE, d.n_bins * d.n_views).reshape(d.n_views, d.n_bins)
    width = (d.upper - d.lower) / max(d.n_bins - 1, 1)
    views, tolerances = [], []
    for v in range(d.n_views):
        x = d.lower + width * np.arange(d.n_bins) + d.shift_std * view_normals[v, 0]
        view, tolerance = np.full(d.n_bins, d.background), np.zeros(d.n_bins)
        for ring, density in rings:
            seen = turned(ring, angles[v], d.about)
            if d.sampling == "ray":
                view += density * ray_thickness(seen, x)
                tolerance += abs(density) * corner_tolerance(seen, x, corner_error)
            else:
                view += density * bin_thickness(seen, np.append(x - width / 2, x[-1] + width / 2))
                tolerance += abs(density) * 10 * corner_error
        view, tolerance = blur(view, d.blur_sigma_px), blur(tolerance, d.blur_sigma_px)
        if d.dose is not None and d.counting == "fast":
            view = fast_poisson(d.dose * view, at, v * d.n_bins) / d.dose
        elif d.dose is not None:
            first_blocks = COUNTING_BLOCKS * (v * d.n_bins + np.arange(d.n_bins))
            words = partial(counting_words, at, first_blocks)
            view = poisson(d.dose * view, words) / d.dose
        view = view + d.noise * np.abs(view) * noise[v]
        if d.centring:
            view = centred(view, d.background, noise_sum_std(d))
        views.append(view)
        tolerances.append(2 * tolerance + 3e-7 * np.abs(view) + 1e-6)
    return Sample(np.array(views), np.array(tolerances), label, angles)
