"""Sizes and places of particles and their features, measured on the rings that were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nanotilt.instruments.area_detector import AreaDetector
from nanotilt.instruments.atom_image import AtomImage
from nanotilt.instruments.camera import Camera
from nanotilt.instruments.line_detector import Detector
from nanotilt.instruments.scanning_camera import ScanningCamera
from nanotilt.recipes.recipe import Recipe
from nanotilt.scenes.particles import Feature, Particle

PARTICLE_OFFSET = "particle offset"
"""Quantity: distance of the particle's centre from the axis it is turned about."""

FEATURES = ("hole", "spiral")
Ring = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shadows:
    """Where a particle and its features are seen, in mean particle radii along the detector.

    Attributes:
        particle: (n_views, 2) lowest and highest x of the outline.
        features: The same of the first hole and the first spiral, by name, of those it has.
    """

    particle: Floats
    features: dict[str, Floats]


def quantities(
    recipe: Recipe, seed: int, start: int, classes: npt.NDArray[np.int32]
) -> dict[str, Floats]:
    """Measures every particle.

    Args:
        recipe: The recipe.
        seed: The stream.
        start: Index of the first sample.
        classes: (n,) classes of the samples.

    Returns:
        For each quantity that varies in this recipe ("hole size", "hole offset", "spiral size",
        "spiral offset", "particle offset"), (n,) values in mean particle radii; NaN for particles
        without the feature. Of several holes or spirals the first is measured. Nothing of scenes
        that are no particles.
    """
    if not all(isinstance(scene, Particle) for scene in recipe.classes.values()):
        return {}
    particles = list(recipe.particles.values())
    names, about = varying(particles), axis_of(recipe)
    values = {name: np.full(len(classes), np.nan) for name in names}
    for i, label in enumerate(classes.tolist()):
        rings = [ring for ring, _ in recipe.particle(seed, start + i)]
        measured = _measured(particles[label].features, rings, about)
        for name in names:
            values[name][i] = measured.get(name, np.nan)
    return values


def varying(particles: Sequence[Particle]) -> list[str]:
    """The quantities that differ from particle to particle, in the order they are shown in."""
    features = [feature for particle in particles for feature in particle.features]
    names = []
    for kind in FEATURES:
        of_kind = [feature for feature in features if name_of(feature) == kind]
        if of_kind:
            names.append(f"{kind} size")
        if any(feature.max_offset > 0 for feature in of_kind):
            names.append(f"{kind} offset")
    outlines = [particle.rough_outline for particle in particles]
    if any(max(o.centre_std) > 0 for o in outlines) or len({o.centre for o in outlines}) > 1:
        names.append(PARTICLE_OFFSET)
    return names


def name_of(feature: Feature) -> str:
    """What a feature is called: "hole" or "spiral"."""
    return type(feature).__name__.lower()


def hole_radius(ring: Ring) -> float:
    """The radius of the disc that has a ring's area, by the shoelace formula."""
    x, y = ring.astype(np.float64).T
    area = 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))
    return float(np.sqrt(area / np.pi))


def centre_of(ring: Ring, kind: str) -> Floats:
    """Where a ring's centre is: (x, y).

    Corners of rough circles stand at regular angles, so their mean is the centre but for the
    roughness; a spiral's first corner is its centre.
    """
    centre: Floats = (ring[0] if kind == "spiral" else ring.mean(axis=0)).astype(np.float64)
    return centre


def shadows(recipe: Recipe, seed: int, index: int, label: int, angles: Floats) -> Shadows:
    """Where the rays of each view meet a sample's particle and its features.

    A detector's own random shift is not counted: it isn't known outside the core.

    Args:
        recipe: The recipe.
        seed: The stream.
        index: The sample.
        label: Its class.
        angles: (n_views,) tilts in radians.
    """
    rings = [ring for ring, _ in recipe.particle(seed, index)]
    described = list(recipe.particles.values())[label].features
    features: dict[str, Floats] = {}
    about = axis_of(recipe)
    for feature, ring in zip(described, rings[1:], strict=True):
        features.setdefault(name_of(feature), _shadow(ring, about, angles))
    return Shadows(_shadow(rings[0], about, angles), features)


def limits_of(recipe: Recipe) -> tuple[float, float]:
    """Places of a view's first and last value, in units of length."""
    observer = recipe.detector
    if isinstance(observer, Camera):
        half = 0.5 * observer.field_of_view * (1 - 1 / observer.n_pixels)
        return (-half, half) if half > 0 else (-0.5, 0.5)
    if isinstance(observer, (ScanningCamera, AtomImage, AreaDetector)):
        half = 0.5 * (observer.n_pixels - 1)
        return -half, half
    return observer.lower, observer.upper


def axis_of(recipe: Recipe) -> tuple[float, float]:
    """The point that particles are turned about: a camera's is the middle of its images."""
    observer = recipe.detector
    return observer.about if isinstance(observer, Detector) else (0.0, 0.0)


def _shadow(ring: Ring, about: tuple[float, float], angles: Floats) -> Floats:
    from_axis = ring.astype(np.float64) - about
    x = np.outer(np.cos(angles), from_axis[:, 0]) + np.outer(np.sin(angles), from_axis[:, 1])
    x += about[0]
    return np.stack([x.min(axis=1), x.max(axis=1)], axis=1)


def _measured(
    features: Sequence[Feature], rings: Sequence[Ring], about: tuple[float, float]
) -> dict[str, float]:
    """One particle's quantities, varying or not."""
    centre = centre_of(rings[0], "outline")
    measured = {PARTICLE_OFFSET: _distance(centre, np.asarray(about))}
    for feature, ring in zip(features, rings[1:], strict=True):
        kind = name_of(feature)
        place = centre_of(ring, kind)
        measured.setdefault(f"{kind} size", _size(ring, kind, place))
        measured.setdefault(f"{kind} offset", _distance(place, centre))
    return measured


def _size(ring: Ring, kind: str, centre: Floats) -> float:
    """A hole's radius; a spiral's outer radius."""
    if kind == "hole":
        return hole_radius(ring)
    return float(np.sqrt(((ring - centre) ** 2).sum(axis=1).max()))


def _distance(a: Floats, b: Floats) -> float:
    return float(np.hypot(*(a - b)))
